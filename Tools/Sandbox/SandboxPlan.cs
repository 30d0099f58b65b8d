using System.Collections.Immutable;

namespace Gateway.Tools.Sandbox;

/// <summary>What a confined command may do, whatever confines it. All paths are absolute and without links.</summary>
internal sealed record SandboxPlan
{
    /// <summary>Folders that it may write: the session's, those of the settings, and those that are made for it.</summary>
    public required IReadOnlyList<string> Writable { get; init; }

    /// <summary>A folder of its conversation, for temporary files.</summary>
    public required string Temporary { get; init; }

    /// <summary>Folders of ours that the command needs; writable.</summary>
    public required IReadOnlyList<string> Own { get; init; }

    /// <summary>Folders that are shown empty.</summary>
    public required IReadOnlyList<EmptiedFolder> Emptied { get; init; }

    /// <summary>Files and folders that cannot be read.</summary>
    public required IReadOnlyList<string> Secrets { get; init; }

    /// <summary>Whether it has the network.</summary>
    public required bool HasNetwork { get; init; }

    // What runs unasked, or is obeyed, must not be written by what was to be confined.
    private static ImmutableArray<string> ReadOnlyOfHermes => ["skills", "bin", "node", "cron", "hooks", "plugins", "logs", "mcp-tokens", "auth"];

    /// <summary>Makes the plan for a command.</summary>
    /// <param name="settings">How far commands are confined.</param>
    /// <param name="hidden">What they do not see.</param>
    /// <param name="workspace">The session's directory.</param>
    /// <param name="temporary">Folder for temporary files.</param>
    /// <param name="own">Folders of ours that the command needs.</param>
    public static SandboxPlan Make(SandboxSettings settings, HiddenPlaces hidden, string workspace, string temporary, IReadOnlyList<string> own)
    {
        string folder = HiddenPlaces.Real(workspace);
        string[] configured = [.. settings.Writable.Select(HiddenPlaces.Real).Where(Path.Exists)];
        return new SandboxPlan
        {
            Writable = [.. (IsWorkspace(folder, hidden) ? configured.Prepend(folder) : configured).Distinct(StringComparer.Ordinal)],
            Temporary = HiddenPlaces.Real(temporary),
            Own = [.. own.Select(HiddenPlaces.Real)],
            Emptied = hidden.Emptied,
            Secrets = hidden.Secrets,
            HasNetwork = settings.HasNetwork,
        };
    }

    /// <summary>Whether the command finds this folder.</summary>
    public bool Shows(string folder)
    {
        string real = HiddenPlaces.Real(folder);
        if (Writable.Concat(Own).Any(one => IsWithin(real, one))) return !Secrets.Any(secret => IsWithin(real, secret));
        return !Secrets.Any(secret => IsWithin(real, secret)) && !Emptied.Any(one => IsWithin(real, one.Path) && real != one.Path && !one.Kept.Any(kept => IsWithin(real, HiddenPlaces.Real(kept))));
    }

    /// <summary>Whether a path is a folder, or in it.</summary>
    internal static bool IsWithin(string path, string folder) =>
        path == folder || path.StartsWith(folder.EndsWith('/') ? folder : folder + '/', StringComparison.Ordinal);

    // A folder that holds the whole home, or what steers us, is no workspace.
    private static bool IsWorkspace(string folder, HiddenPlaces hidden) =>
        !IsWithin(hidden.UserHome, folder)
        && !hidden.HermesHomes.Any(home => IsWithin(home, folder) || ReadOnlyOfHermes.Any(name => IsWithin(folder, Path.Combine(home, name))))
        && !hidden.Secrets.Any(secret => IsWithin(folder, secret));
}
