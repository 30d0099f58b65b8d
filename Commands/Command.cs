namespace Gateway.Commands;

/// <summary>Where a command is meant to be used (WIRE.md 13.2, flags).</summary>
internal enum CommandScope
{
    /// <summary>Terminal and chat platforms.</summary>
    Everywhere,

    /// <summary>Terminal only (flag C).</summary>
    Terminal,

    /// <summary>Chat platforms only (flag G).</summary>
    Chat,
}

/// <summary>A slash command as clients list it.</summary>
/// <param name="Name">Name without the slash.</param>
/// <param name="Category">Session, Info, Configuration, Tools &amp; Skills or Exit.</param>
/// <param name="Description">What it does, one line without the argument hint.</param>
internal sealed record Command(string Name, string Category, string Description)
{
    /// <summary>Other names, without slashes.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Argument hint such as <c>[name]</c>; "" when it takes none.</summary>
    public string Hint { get; init; } = "";

    /// <summary>Words offered as first argument; empty when there are none.</summary>
    public IReadOnlyList<string> Subcommands { get; init; } = [];

    /// <summary>Where it is meant to be used.</summary>
    public CommandScope Scope { get; init; }

    /// <summary>True when it is left out of the catalogue's pairs.</summary>
    public bool Hidden { get; init; }

    /// <summary>The description with the hint, as catalogue and completion show it.</summary>
    public string Help => Hint.Length == 0 ? Description : $"{Description} (usage: /{Name} {Hint})";
}
