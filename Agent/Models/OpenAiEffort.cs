namespace Gateway.Agent.Models;

/// <summary>The reasoning efforts that OpenAI's own models know: each family has a least one of its own, and not all can do without.</summary>
internal static class OpenAiEffort
{
    /// <summary>What comes nearest to no reasoning; null when leaving the option out does.</summary>
    public static string? Least(string model)
    {
        var name = Name(model);
        return Minor(name) switch
        {
            null => name.StartsWith("o1", StringComparison.Ordinal) || name.StartsWith("o3", StringComparison.Ordinal) || name.StartsWith("o4", StringComparison.Ordinal)
                ? "low"
                : null,
            _ when name.Contains("-pro", StringComparison.Ordinal) || name.Contains("-chat", StringComparison.Ordinal) => null,
            _ when name.Contains("codex", StringComparison.Ordinal) => "low",
            0 => "minimal",
            >= 5 => "none",

            // From 5.1 to 5.4 it is off unless asked for.
            _ => null,
        };
    }

    /// <summary>The value of <c>reasoning_effort</c> in a chat-completions request; null to leave it out.</summary>
    /// <param name="model">The model.</param>
    /// <param name="effort">The configured effort; "" leaves it to the provider.</param>
    /// <param name="tools">Whether tools are on offer: models from 5.4 on refuse an effort beside them in this format.</param>
    public static string? OnChat(string model, string effort, bool tools)
    {
        var name = Name(model);
        var minor = Minor(name);
        if (effort.Length == 0 || (minor is null && Least(model) is null) || name.Contains("-chat", StringComparison.Ordinal))
        {
            return null;
        }

        if (effort == "none")
        {
            return Least(model);
        }

        return minor >= 4 && tools ? null : effort switch
        {
            "minimal" => "low",
            "xhigh" when minor is null or < 2 => "high",
            _ => effort,
        };
    }

    private static string Name(string model) => model[(model.LastIndexOf('/') + 1)..].ToLowerInvariant();

    // Of GPT-5; null for other families.
    private static int? Minor(string name)
    {
        const string family = "gpt-5";
        if (!name.StartsWith(family, StringComparison.Ordinal))
        {
            return null;
        }

        var rest = name.AsSpan(family.Length);
        if (rest.IsEmpty || rest[0] == '-')
        {
            return 0;
        }

        return rest[0] == '.' && rest.Length > 1 && char.IsAsciiDigit(rest[1]) ? rest[1] - '0' : null;
    }
}
