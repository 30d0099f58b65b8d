using System.Text;
using System.Text.Json;

namespace ModelServer.Requests;

/// <summary>A request as it was received.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path with its query.</param>
/// <param name="Headers">Headers; names compare without case, several values are joined by ", ".</param>
/// <param name="Body">The body's bytes.</param>
public sealed record RecordedRequest(
    string Method, string Path, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>The body as text.</summary>
    public string BodyText => Encoding.UTF8.GetString(Body.Span);

    /// <summary>Whether this asks a model for a reply; Ollama's own questions below <c>/api/</c> do not.</summary>
    public bool IsModelCall => Method == "POST" && !Path.StartsWith("/api/", StringComparison.Ordinal);

    /// <summary>The body as JSON.</summary>
    public JsonElement Json()
    {
        using JsonDocument document = JsonDocument.Parse(Body);
        return document.RootElement.Clone();
    }
}
