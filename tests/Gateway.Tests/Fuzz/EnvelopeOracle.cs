using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Protocol;

namespace Gateway.Tests.Fuzz;

/// <summary>What a line is, found out the slow and plain way: text, a regular expression, and <see cref="JsonDocument"/>.</summary>
/// <param name="Kind">What the line is.</param>
/// <param name="Code">Error of an invalid one.</param>
/// <param name="Id">Id as JSON text; null when the error leaves open whether it was read.</param>
/// <param name="Method">Method of a request.</param>
/// <param name="Params">Params of a request as JSON text.</param>
internal sealed partial record EnvelopeOracle(FrameKind Kind, ErrorCode Code, string? Id, string Method = "", string Params = "")
{
    /// <summary>Reads a line.</summary>
    public static EnvelopeOracle Of(byte[] line)
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(line).Trim();
        }
        catch (DecoderFallbackException)
        {
            return new(FrameKind.Invalid, ErrorCode.ParseError, "null");
        }

        if (text.Length == 0) return new(FrameKind.Blank, 0, "null");
        text = Escapes().Replace(text, static match => match.Groups["lone"].Success ? "\\ufffd" : match.Value);
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = RequestFrame.MaxDepth });
            return Of(document.RootElement);
        }
        catch (JsonException)
        {
            return new(FrameKind.Invalid, ErrorCode.ParseError, null);
        }
    }

    private static EnvelopeOracle Of(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object) return new(FrameKind.Invalid, ErrorCode.InvalidRequest, "null");
        var members = new Dictionary<string, JsonElement>();
        foreach (var member in root.EnumerateObject()) members[member.Name] = member.Value;
        string id = members.TryGetValue("id", out var value) ? value.GetRawText().Replace('\r', ' ') : "null";
        var method = members.GetValueOrDefault("method");
        switch (method.ValueKind)
        {
            case JsonValueKind.Undefined or JsonValueKind.Null:
                return members.ContainsKey("result") || members.ContainsKey("error")
                    ? new(FrameKind.Response, 0, id)
                    : new(FrameKind.Invalid, ErrorCode.MethodNotFound, id);
            case JsonValueKind.Object or JsonValueKind.Array:
                return new(FrameKind.Invalid, ErrorCode.InvalidRequest, id);
            case not JsonValueKind.String:
                return new(FrameKind.Invalid, ErrorCode.MethodNotFound, id);
        }

        if (!members.TryGetValue("params", out var parameters)) return new(FrameKind.Request, 0, id, method.GetString()!, "{}");
        return parameters.ValueKind == JsonValueKind.Object
            ? new(FrameKind.Request, 0, id, method.GetString()!, parameters.GetRawText())
            : new(FrameKind.Invalid, ErrorCode.InvalidParams, id);
    }

    // Pairs, then what is left of surrogates, then any other escape, so that an escaped backslash hides what follows it.
    [GeneratedRegex(@"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?<lone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.", RegexOptions.Singleline)]
    private static partial Regex Escapes();
}
