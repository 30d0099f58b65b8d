using System.Text.Json;

namespace Gateway.Tools.Cron;

/// <summary>What a call wants a job to be. Null leaves a member as it is, or at its default; "" and an empty list take it away.</summary>
internal sealed record JobRequest
{
    /// <summary>What the agent is told at every run.</summary>
    public string? Prompt { get; init; }

    /// <summary>When, as written.</summary>
    public string? Schedule { get; init; }

    /// <summary>Name for people.</summary>
    public string? Name { get; init; }

    /// <summary>How many runs; 0 and less mean for ever.</summary>
    public int? Repeat { get; init; }

    /// <summary>Where the outcome goes.</summary>
    public string? Deliver { get; init; }

    /// <summary>Skills to load, in this order.</summary>
    public IReadOnlyList<string>? Skills { get; init; }

    /// <summary>The model; "" is the main one.</summary>
    public string? Model { get; init; }

    /// <summary>The model's provider; null is the main one.</summary>
    public string? Provider { get; init; }

    /// <summary>A script whose output goes before the prompt, below scripts/.</summary>
    public string? Script { get; init; }

    /// <summary>Ids of jobs whose last output goes before the prompt.</summary>
    public IReadOnlyList<string>? ContextFrom { get; init; }

    /// <summary>The only toolsets it gets.</summary>
    public IReadOnlyList<string>? Toolsets { get; init; }

    /// <summary>Directory to work in.</summary>
    public string? Workdir { get; init; }

    /// <summary>Whether it asks for nothing.</summary>
    public bool IsEmpty => this == new JobRequest();

    /// <summary>Reads what a model passed to the tool.</summary>
    public static JobRequest Of(JsonElement arguments)
    {
        string? Text(string name) => ToolJson.Text(arguments, name)?.Trim();
        var model = arguments.TryGetProperty("model", out var value) ? value : default;
        return new()
        {
            Prompt = Text("prompt"),
            Schedule = Text("schedule"),
            Name = Text("name"),
            Repeat = ToolJson.Number(arguments, "repeat"),
            Deliver = Text("deliver"),
            Skills = List(arguments, "skills"),
            Model = (model.ValueKind == JsonValueKind.Object ? ToolJson.Text(model, "model") : ArgumentText.OrNull(model))?.Trim(),
            Provider = model.ValueKind == JsonValueKind.Object && ToolJson.Text(model, "provider")?.Trim() is { Length: > 0 } provider ? provider : null,
            Script = Text("script"),
            ContextFrom = List(arguments, "context_from"),
            Toolsets = List(arguments, "enabled_toolsets"),
            Workdir = Text("workdir"),
        };
    }

    private static string[]? List(JsonElement arguments, string name)
    {
        if (!arguments.TryGetProperty(name, out var value)) return null;
        if (value.ValueKind == JsonValueKind.String) return ArgumentText.OrNull(value)?.Trim() is { Length: > 0 } one ? [one] : [];
        return value.ValueKind != JsonValueKind.Array
            ? null
            : [.. value.EnumerateArray().Select(item => ArgumentText.OrNull(item)?.Trim()).OfType<string>().Where(item => item.Length > 0).Distinct(StringComparer.Ordinal)];
    }
}
