namespace Gateway.Tests.ToolsTests;

/// <summary>What runs on this machine, from /proc.</summary>
internal static class CommandLines
{
    /// <summary>Whether a process runs, no zombie, whose arguments, joined by blanks, hold a text.</summary>
    public static bool Any(string part) => Directory.EnumerateDirectories("/proc").Any(folder =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' ').Contains(part, StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    });
}
