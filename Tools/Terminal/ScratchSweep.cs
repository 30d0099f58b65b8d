using Gateway.Processes;

namespace Gateway.Tools.Terminal;

/// <summary>Removes scratch folders whose process was killed and so could not. A folder goes only if its name, its owner and its permissions
/// are those that we give, its process is not there, and nobody holds its lock, which also counts between containers that share a folder
/// and do not see each other's processes. No link is followed.</summary>
internal static class ScratchSweep
{
    private const uint OwnerOnly = 0x1C0; // rwx for the owner, nothing else

    /// <summary>Sweeps one folder; does nothing where it cannot.</summary>
    /// <param name="place">The folder that they lie in.</param>
    /// <param name="own">Those that are not looked at.</param>
    public static void Run(string place, string own)
    {
        if (!IsSafe(place)) return;
        try
        {
            foreach (string folder in Directory.EnumerateDirectories(place, ScratchName.Prefix + "*"))
                if (folder != own && ScratchName.Read(Path.GetFileName(folder)) is { IsAlive: false } && IsOurs(folder)) Remove(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It may not be listed.
        }
    }

    // Where others could put another folder in the place of the one that was looked at, nothing is removed.
    private static bool IsSafe(string place) =>
        FileFacts.Of(place) is { IsFolder: true } facts
        && (facts.Permissions.HasFlag(UnixFileMode.StickyBit) || (facts.Permissions & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) == 0);

    private static bool IsOurs(string folder) =>
        FolderOwner.IsOursAlone(folder) && FileFacts.Of(folder, followLink: false) is { } facts && (uint)facts.Permissions == OwnerOnly;

    private static void Remove(string folder)
    {
        using var held = FolderLock.Take(folder);
        if (held is null) return;
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What is left is tried again by the next gateway.
        }
    }
}
