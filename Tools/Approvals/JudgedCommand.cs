using System.Collections.ObjectModel;

namespace Gateway.Tools.Approvals;

/// <summary>A command, with what decides about its effect: the directory it would run in and the variables it would see.</summary>
/// <param name="Text">The command as it was written.</param>
internal sealed record JudgedCommand(string Text)
{
    /// <summary>Absolute directory that it would run in; null: not known, then relative paths are judged as written.</summary>
    public string? Directory { get; init; }

    /// <summary>Absolute home directory of the user; null: not known.</summary>
    public string? Home { get; init; }

    /// <summary>Variables that its shell starts with. Default: none are known.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Whether it is typed into a process that may let keys edit the line.</summary>
    public bool IsTyped { get; init; }

    /// <summary>Whether earlier lines that may have set variables are not known any more.</summary>
    public bool IsIncomplete { get; init; }

    /// <summary>The directory when the user would not expect it, so that a question names it; null: it is the session's own.</summary>
    public string? UnexpectedDirectory { get; init; }
}
