using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ModelServer;
using ModelServer.Script;

namespace Gateway.Tests.ModelServerTests;

/// <summary>A server for one script and a bare HTTP client for it.</summary>
internal sealed class ModelClient : IAsyncDisposable
{
    private readonly HttpClient _http = new();

    private ModelClient(ScriptedModelServer server) => Server = server;

    public ScriptedModelServer Server { get; }

    public static async Task<ModelClient> StartAsync(string script) => new(await ScriptedModelServer.StartAsync(ModelScript.Parse(script)));

    public static async Task<ModelClient> NamedAsync(string script) => new(await ScriptedModelServer.StartAsync(ModelScript.Named(script)));

    /// <summary>Asks for a streamed chat completion; the answer's headers have arrived when this returns.</summary>
    public Task<HttpResponseMessage> ChatAsync(string user = "Hello?", string model = "m", bool stream = true, CancellationToken cancellationToken = default) =>
        PostAsync("/v1/chat/completions", Body(user, model, stream), cancellationToken);

    public Task<HttpResponseMessage> MessagesAsync(string user = "Hello?", string model = "m", bool stream = true) =>
        PostAsync("/v1/messages", Body(user, model, stream));

    /// <summary>Asks for a response; further members of the body begin with a comma.</summary>
    public Task<HttpResponseMessage> ResponsesAsync(string members = "", bool stream = true) =>
        PostAsync("/v1/responses", $$"""{"model":"m","stream":{{(stream ? "true" : "false")}},"input":"Hello?"{{members}}}""");

    public async Task<HttpResponseMessage> PostAsync(string path, string body, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Server.Url + path)
        {
            Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
        };
        request.Headers.Add("anthropic-version", "2023-06-01");
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    /// <summary>The text of a streamed chat completion, from the chunks' contents.</summary>
    public static async Task<string> ChatTextAsync(HttpResponseMessage response)
    {
        var text = new StringBuilder();
        foreach (JsonElement data in Data(await response.Content.ReadAsStringAsync()))
            foreach (JsonElement choice in data.GetProperty("choices").EnumerateArray())
                if (choice.GetProperty("delta").TryGetProperty("content", out JsonElement content)) text.Append(content.GetString());
        return text.ToString();
    }

    /// <summary>The JSON of every data line.</summary>
    public static IReadOnlyList<JsonElement> Data(string stream) =>
        [.. stream.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(line => Parse(line["data: ".Length..]))];

    public static JsonElement Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Server.DisposeAsync();
    }

    private static string Body(string user, string model, bool stream) =>
        $$"""{"model":"{{model}}","max_tokens":9,"stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"{{user}}"}]}""";
}
