using System.Globalization;
using System.Text.Json;

namespace Gateway.Agent.Models;

/// <summary>How much Gemini may think, as its OpenAI-compatible endpoint takes it: <c>extra_body.google.thinking_config</c>, which unlike
/// <c>reasoning_effort</c> also asks for the thoughts. Budgets in tokens for 2.5, levels from 3 on; not every model can be told not to think.</summary>
internal static class GeminiThinking
{
    /// <summary>Writes the members for an effort other than ""; nothing for models that do not think.</summary>
    public static void Write(Utf8JsonWriter writer, string model, string effort)
    {
        var name = model[(model.LastIndexOf('/') + 1)..].ToLowerInvariant();
        var version = Version(name);
        var pro = name.Contains("pro", StringComparison.Ordinal);
        if (version >= 3)
        {
            Begin(writer, effort);
            writer.WriteString("thinking_level"u8, Level(effort, pro, version));
            End(writer);
        }
        else if (version >= 2.5)
        {
            Begin(writer, effort);
            writer.WriteNumber("thinking_budget"u8, Budget(effort, pro));
            End(writer);
        }
        else if (version == 0 && name.EndsWith("-latest", StringComparison.Ordinal))
        {
            // Whatever it leads to understands these three.
            writer.WriteString("reasoning_effort"u8, effort switch
            {
                "medium" => "medium",
                "high" or "xhigh" => "high",
                _ => "low",
            });
        }
    }

    private static void Begin(Utf8JsonWriter writer, string effort)
    {
        writer.WriteStartObject("extra_body"u8);
        writer.WriteStartObject("google"u8);
        writer.WriteStartObject("thinking_config"u8);
        writer.WriteBoolean("include_thoughts"u8, effort != "none");
    }

    private static void End(Utf8JsonWriter writer)
    {
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static string Level(string effort, bool pro, double version) => effort switch
    {
        "none" or "minimal" => pro ? "low" : "minimal",
        "low" => "low",

        // The first of the large ones has no middle.
        "medium" when !pro || version > 3 => "medium",
        _ => "high",
    };

    private static int Budget(string effort, bool pro) => effort switch
    {
        "none" => pro ? 128 : 0,
        "minimal" or "low" => 1024,
        "medium" => 8192,
        "xhigh" when pro => 32_768,
        _ => 24_576,
    };

    // The number behind "gemini-"; 0 when there is none.
    private static double Version(string name)
    {
        const string family = "gemini-";
        if (!name.StartsWith(family, StringComparison.Ordinal))
        {
            return 0;
        }

        var rest = name.AsSpan(family.Length);
        var end = rest.IndexOf('-');
        return double.TryParse(end < 0 ? rest : rest[..end], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var version) ? version : 0;
    }
}
