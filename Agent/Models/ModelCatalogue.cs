using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using Gateway.Agent.Compression;
using Gateway.Config;

namespace Gateway.Agent.Models;

/// <summary>Learns context windows and prices from the endpoints themselves, each asked once per process and beside the conversation; one that
/// does not answer is never asked again, and everything goes on with what is known without it (AGENT.md 3.7 and 20).</summary>
internal sealed class ModelCatalogue(ModelHttp http) : IDisposable
{
    // Below this no window is too small, so nobody waits to know it.
    private const long TokensThatMatter = 4096;
    private const int LargestAnswer = 16 << 20;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<(string BaseUrl, string Model), ModelFacts> _facts = new();
    private readonly ConcurrentDictionary<(string BaseUrl, string Model), Lazy<Task>> _asked = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<ModelListing>>> _listings = new();
    private readonly CancellationTokenSource _closing = new();

    /// <summary>The endpoint with a place for what it says about its model; nobody is asked yet. Endpoints whose windows are known and whose
    /// lists have no prices come back as they are.</summary>
    public ModelEndpoint Attach(ModelEndpoint endpoint) => endpoint.Facts is not null || !Tells(endpoint)
        ? endpoint
        : endpoint with { Facts = _facts.GetOrAdd((endpoint.BaseUrl, endpoint.Model), _ => new ModelFacts()) };

    /// <summary>Asks an endpoint that has such a place, unless it has been asked. The task ends without an error, whatever happens.</summary>
    public Task AskAsync(ModelEndpoint endpoint) => endpoint.Facts is not { } facts ? Task.CompletedTask
        : _asked.GetOrAdd((endpoint.BaseUrl, endpoint.Model), _ => new Lazy<Task>(() => Task.Run(() => LearnAsync(endpoint, facts)))).Value;

    /// <summary>Gets a turn's models ready. Waits for the first one's answer, three seconds at most, only where nothing else tells its window
    /// and the conversation is large enough for that to matter.</summary>
    public async Task<TurnRequest> PrepareAsync(TurnRequest request, CancellationToken cancellationToken)
    {
        request = request with { Endpoint = Attach(request.Endpoint), Fallbacks = [.. request.Fallbacks.Select(Attach)] };
        var asking = AskAsync(request.Endpoint);
        if (IsOwn(request.Endpoint) && request.Endpoint.ContextLength is null && Compressor.Estimate(request.History) + (request.UserText.Length / 4) > TokensThatMatter)
        {
            await WaitAsync(asking, cancellationToken);
        }

        return request;
    }

    /// <summary>Waits until an answer is there that a reply's price depends on, three seconds at most.</summary>
    public Task PricesAsync(ModelEndpoint endpoint, CancellationToken cancellationToken) =>
        endpoint.Facts is null || !IsReseller(endpoint) ? Task.CompletedTask : WaitAsync(AskAsync(endpoint), cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _closing.Cancel();
        _closing.Dispose();
    }

    private static bool Tells(ModelEndpoint endpoint) => IsReseller(endpoint) || endpoint.Provider is "huggingface" or "gmi" or "arcee" or "nvidia" || IsOwn(endpoint);

    private static bool IsReseller(ModelEndpoint endpoint) =>
        ModelTraits.IsOpenRouter(endpoint) || ModelTraits.IsNous(endpoint) || ModelTraits.IsVercel(endpoint) || endpoint.Provider == "kilocode";

    private static bool IsOwn(ModelEndpoint endpoint) => endpoint.Provider is "custom" or "lmstudio" or "ollama-cloud" && !IsReseller(endpoint) && !IsVendor(endpoint);

    // Their own lists have neither windows nor prices.
    private static bool IsVendor(ModelEndpoint endpoint) =>
        ModelTraits.IsNativeAnthropic(endpoint) || ModelTraits.IsKimi(endpoint) || ModelTraits.IsMiniMax(endpoint) || ModelTraits.IsXai(endpoint)
        || ModelTraits.IsHost(endpoint, "openai.com") || ModelTraits.IsHost(endpoint, "azure.com") || ModelTraits.IsHost(endpoint, "googleapis.com")
        || ModelTraits.IsHost(endpoint, "deepseek.com");

    private Task WaitAsync(Task asking, CancellationToken cancellationToken) =>
        asking.IsCompleted ? Task.CompletedTask : QuietlyAsync(asking.WaitAsync(LongestWait, http.Time, cancellationToken));

    private static async Task QuietlyAsync(Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task LearnAsync(ModelEndpoint endpoint, ModelFacts facts)
    {
        var listing = await _listings.GetOrAdd(endpoint.BaseUrl, _ => new Lazy<Task<ModelListing>>(() => ListAsync(endpoint))).Value;
        var (context, prices) = listing.Find(endpoint.Model);
        if (context is null && EndpointUrl.IsLocal(endpoint.BaseUrl) && endpoint.ApiMode == ApiMode.ChatCompletions)
        {
            context = await LocalAsync(endpoint);
        }

        facts.Tell(context, prices);
    }

    private async Task<ModelListing> ListAsync(ModelEndpoint endpoint)
    {
        using var answer = await GetAsync(endpoint, Root(endpoint) + (endpoint.ApiMode == ApiMode.AnthropicMessages ? "/v1/models" : "/models"), null);
        return answer is null ? new ModelListing() : ModelListing.Read(answer.RootElement);
    }

    private async Task<int?> LocalAsync(ModelEndpoint endpoint)
    {
        var root = Root(endpoint);
        root = root.EndsWith("/v1", StringComparison.Ordinal) ? root[..^3] : root;
        if (endpoint.Provider != "lmstudio")
        {
            var question = RequestJson.Build(writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("model"u8, endpoint.Model);
                writer.WriteEndObject();
            });
            using var shown = await GetAsync(endpoint, root + "/api/show", question);
            if (shown is not null && LocalModel.OllamaContext(shown.RootElement) is { } ollama)
            {
                return ollama;
            }
        }

        using var listed = await GetAsync(endpoint, root + "/api/v0/models", null);
        return listed is null ? null : ModelListing.Read(listed.RootElement).Find(endpoint.Model).ContextLength;
    }

    private static string Root(ModelEndpoint endpoint) => endpoint.BaseUrl.TrimEnd('/');

    /// <summary>Gets a JSON document, or posts for it; null when there is none to be had.</summary>
    private async Task<JsonDocument?> GetAsync(ModelEndpoint endpoint, string address, ReadOnlyMemory<byte>? body)
    {
        try
        {
            using var limit = new CancellationTokenSource(AnswerLimit, http.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _closing.Token);
            using var message = RequestJson.Post(address, body ?? default);
            if (body is null)
            {
                message.Method = HttpMethod.Get;
                message.Content = null;
            }

            message.Headers.TryAddWithoutValidation("User-Agent", "tui-gateway");
            AddCredential(message, endpoint);
            using var response = await http.SendAsync(message, LongestWait, either.Token);
            return response.IsSuccessStatusCode ? await ReadAsync(response, either.Token) : null;
        }
        catch (Exception failure) when (failure is ModelException or HttpRequestException or IOException or SocketException or AuthenticationException
            or OperationCanceledException or ObjectDisposedException or JsonException)
        {
            // The table has to do.
            return null;
        }
    }

    private static void AddCredential(HttpRequestMessage message, ModelEndpoint endpoint)
    {
        if (endpoint.ApiMode == ApiMode.AnthropicMessages)
        {
            message.Headers.TryAddWithoutValidation("anthropic-version", "2023-06-01");
        }

        if (endpoint.ApiKey.Length == 0 || endpoint.ApiKey == "no-key-required")
        {
            return;
        }

        if (endpoint.ApiMode == ApiMode.AnthropicMessages)
        {
            RequestJson.AddCredential(message, "x-api-key", endpoint.ApiKey);
        }
        else
        {
            RequestJson.AddCredential(message, "Authorization", "Bearer " + endpoint.ApiKey);
        }
    }

    private static async Task<JsonDocument?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var bytes = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken)) != 0)
        {
            if (bytes.Length + read > LargestAnswer)
            {
                return null;
            }

            bytes.Write(buffer, 0, read);
        }

        // Names of models need not be valid text; those that are not cannot be asked for.
        return JsonDocument.Parse(Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
    }
}

/// <summary>A client that has its endpoint's prices looked up beside each call, so that they are there when the call is to be priced.</summary>
internal sealed class PricedModelClient(IModelClient inner, ModelCatalogue catalogue) : IModelClient
{
    /// <inheritdoc/>
    public async Task StreamAsync(ModelRequest request, ReplyAssembler reply, CancellationToken cancellationToken)
    {
        _ = catalogue.AskAsync(request.Endpoint);
        await inner.StreamAsync(request, reply, cancellationToken);
        await catalogue.PricesAsync(request.Endpoint, cancellationToken);
    }
}
