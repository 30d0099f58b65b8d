using System.Buffers;
using System.Text.Json;

namespace Gateway.Tools.Terminal;

/// <summary>The arguments of one call, understood.</summary>
/// <param name="Command">The command, never blank.</param>
/// <param name="TimeoutSeconds">Time asked for; null: the default.</param>
/// <param name="WorkingDirectory">Directory asked for, as given; null: the session's.</param>
internal sealed record TerminalCall(string Command, int? TimeoutSeconds, string? WorkingDirectory)
{
    /// <summary>Whether it runs while the conversation goes on.</summary>
    public bool Background { get; init; }

    /// <summary>Whether it wants a terminal.</summary>
    public bool Pty { get; init; }

    /// <summary>Whether it is to run unconfined where commands are confined.</summary>
    public bool OutsideSandbox { get; init; }

    /// <summary>Whether the model is told when it ends.</summary>
    public bool NotifyOnComplete { get; init; }

    /// <summary>Texts in its output that the model is told of.</summary>
    public IReadOnlyList<string> WatchPatterns { get; init; } = [];

    private static readonly SearchValues<char> DirectoryCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/\\:_-.~ +@=,");

    /// <summary>Reads the arguments.</summary>
    /// <returns>The call, or the result that says what is wrong with it.</returns>
    public static (TerminalCall? Call, ToolResult? Problem) Read(JsonElement arguments)
    {
        if (ArgumentText.OrNull(Property(arguments, "command")) is not { } command || string.IsNullOrWhiteSpace(command))
        {
            return (null, TerminalResults.Refused("command must be a text that is not empty.", "error"));
        }

        int? timeout = null;
        if (Property(arguments, "timeout") is { } value)
        {
            timeout = Seconds(value);
            if (timeout is null) return (null, TerminalResults.Refused("timeout must be a whole number of seconds, at least 1.", "error"));
        }

        return (new TerminalCall(command, timeout, ArgumentText.OrNull(Property(arguments, "workdir")) is { Length: > 0 } directory ? directory : null)
        {
            Background = Flag(arguments, "background"),
            Pty = Flag(arguments, "pty"),
            OutsideSandbox = Flag(arguments, "outside_sandbox"),
            NotifyOnComplete = Flag(arguments, "notify_on_complete"),
            WatchPatterns = Property(arguments, "watch_patterns") is { ValueKind: JsonValueKind.Array } list
                ? [.. list.EnumerateArray().Select(item => ArgumentText.OrNull(item)).OfType<string>().Where(text => text.Length > 0)]
                : [],
        },
            null);
    }

    /// <summary>The first character that a working directory may not hold; null: none.</summary>
    public static char? DisallowedCharacter(string directory) =>
        directory.AsSpan().IndexOfAnyExcept(DirectoryCharacters) is var at and >= 0 ? directory[at] : null;

    private static bool Flag(JsonElement arguments, string name) =>
        Property(arguments, name) is { } value && (value.ValueKind == JsonValueKind.True || ArgumentText.OrNull(value) is "true");

    private static int? Seconds(JsonElement value)
    {
        // Models send numbers as text, and seconds with a fraction.
        double seconds = 0;
        var isNumber = value.ValueKind == JsonValueKind.Number ? value.TryGetDouble(out seconds) : double.TryParse(ArgumentText.OrNull(value), out seconds);
        return isNumber && seconds >= 1 ? (int)Math.Min(Math.Ceiling(seconds), int.MaxValue) : null;
    }

    private static JsonElement? Property(JsonElement arguments, string name) =>
        arguments.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null ? value : null;
}
