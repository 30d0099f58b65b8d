using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Gateway.Agent.Models;

/// <summary>Reads what servers on one's own machine say about a model outside the format they imitate.</summary>
internal static partial class LocalModel
{
    /// <summary>The context window in an answer of Ollama's <c>/api/show</c>, in tokens: the one its file sets, else the one the model was
    /// made for; null when it has neither.</summary>
    public static int? OllamaContext(JsonElement shown)
    {
        if (shown.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (shown.TryGetProperty("parameters", out var parameters) && parameters.ValueKind == JsonValueKind.String
            && Setting().Match(parameters.GetString()!) is { Success: true } set
            && int.TryParse(set.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var asked))
        {
            return asked;
        }

        if (!shown.TryGetProperty("model_info", out var info) || info.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (var member in info.EnumerateObject())
        {
            if (member.Name.EndsWith(".context_length", StringComparison.Ordinal) && member.Value.ValueKind == JsonValueKind.Number
                && member.Value.TryGetInt32(out var tokens) && tokens > 0)
            {
                return tokens;
            }
        }

        return null;
    }

    [GeneratedRegex(@"^\s*num_ctx\s+(\d{3,8})\s*$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Setting();
}
