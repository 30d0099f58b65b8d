using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.Agent;
using Gateway.Agent.Models;
using Gateway.Config;
using Gateway.Storage;

namespace Gateway.Sessions;

/// <summary>Writes <c>sessions/request_dump_&lt;session&gt;_&lt;time&gt;.json</c> for requests that no model answered, so that somebody can find out
/// why (AGENT.md 5.2). Credentials are not in it, and what looks like a secret in the conversation is masked.</summary>
internal sealed class RequestDumps(GatewayEnvironment environment, TimeProvider time)
{
    // One that fails tends to fail again: the newest say what the older ones said.
    private const int PerSession = 10;

    // Schemas of tools, as deep as they may be themselves, stand some levels down in it.
    private const int DeepestBody = 128;

    /// <summary>Takes secrets out of what is written; default: what is recognisable by itself.</summary>
    public Func<string, string> Mask { get; init; } = SecretMask.Redact;

    /// <summary>Writes the dump and drops the oldest of the session. Never throws.</summary>
    /// <param name="key">Stored key of the session.</param>
    /// <param name="failed">What was asked, and how it failed.</param>
    public void Write(string key, FailedRequest failed)
    {
        if (!SessionFile.Takes(key)) return;
        try
        {
            string folder = Path.Combine(environment.HermesHome, "sessions"), stem = $"request_dump_{key}_";
            var now = time.GetLocalNow().DateTime;
            SessionFile.Replace(Path.Combine(folder, stem + now.ToString("yyyyMMdd_HHmmss_ffffff", CultureInfo.InvariantCulture) + ".json"), json => Write(json, key, now, failed));
            foreach (string old in Directory.GetFiles(folder, stem + "*.json").Order(StringComparer.Ordinal).SkipLast(PerSession)) File.Delete(old);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or StoredFileException or JsonException or InvalidOperationException)
        {
            // The turn has told the user what went wrong.
        }
    }

    private void Write(Utf8JsonWriter json, string key, DateTime now, FailedRequest failed)
    {
        var (request, error) = failed;
        json.WriteStartObject();
        json.WriteString("timestamp", SessionFile.Local(now));
        json.WriteString("session_id", key);
        json.WriteString("reason", error.Kind.ToString());
        json.WriteStartObject("request");
        json.WriteString("method", "POST");
        json.WriteString("base_url", Mask(request.Endpoint.BaseUrl));
        json.WriteString("provider", request.Endpoint.Provider);
        json.WritePropertyName("body");
        using var body = JsonDocument.Parse(request.Endpoint.ApiMode switch
        {
            ApiMode.AnthropicMessages => AnthropicRequestWriter.Write(request),
            ApiMode.CodexResponses => ResponsesRequestWriter.Write(request),
            _ => ChatRequestWriter.Write(request),
        }, new JsonDocumentOptions { MaxDepth = DeepestBody });
        WriteMasked(json, body.RootElement);
        json.WriteEndObject();
        json.WriteStartObject("error");
        if (error.Status is { } status) json.WriteNumber("status_code", status);
        else json.WriteNull("status_code");
        json.WriteString("message", Mask(error.Message));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteMasked(Utf8JsonWriter json, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    json.WritePropertyName(member.Name);
                    WriteMasked(json, member.Value);
                }

                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in value.EnumerateArray()) WriteMasked(json, item);
                json.WriteEndArray();
                break;
            case JsonValueKind.String:
                json.WriteStringValue(SessionFile.Text(Decoded(value), Mask));
                break;
            default:
                value.WriteTo(json);
                break;
        }
    }

    // Reasoning goes back as the provider wrote it, with halves of surrogate pairs if need be.
    private static string Decoded(JsonElement value)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value)[1..^1];
        char[] characters = new char[raw.Length];
        return new string(characters, 0, JsonText.Unescape(raw, characters));
    }
}
