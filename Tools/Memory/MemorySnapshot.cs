using System.Globalization;
using Gateway.Config;

namespace Gateway.Tools.Memory;

/// <summary>What is remembered, as a part of the prompt (AGENT.md section 12). Taken when a conversation begins: later changes are for
/// the next one, so that providers can reuse what they have cached.</summary>
internal static class MemorySnapshot
{
    /// <summary>The blocks, notes first; empty ones and switched-off ones are left out.</summary>
    public static IReadOnlyList<string> Blocks(GatewayEnvironment environment, ConfigNode config) =>
    [
        .. new[] { ("memory", "memory_enabled", "MEMORY (your personal notes)"), ("user", "user_profile_enabled", "USER PROFILE (who the user is)") }
            .Where(file => config.Find("memory", file.Item2).AsBool(true))
            .Select(file => Block(new MemoryFile(environment, config, file.Item1), file.Item3))
            .OfType<string>(),
    ];

    /// <summary>How full a file is: "12% — 264/2,200 chars".</summary>
    public static string Usage(IReadOnlyList<string> entries, int limit)
    {
        int length = string.Join(MemoryFile.Separator, entries).Length;
        return string.Create(CultureInfo.InvariantCulture, $"{Math.Min(100, length * 100 / limit)}% — {length:N0}/{limit:N0} chars");
    }

    private static string? Block(MemoryFile file, string title)
    {
        try
        {
            // Somebody else may have written what the tool would have refused.
            string[] entries = [.. file.Read().Where(entry => InjectionScan.OfNote(entry).Count == 0)];
            string line = new('═', 46);
            return entries.Length == 0 ? null : $"{line}\n{title} [{Usage(entries, file.Limit)}]\n{line}\n{string.Join(MemoryFile.Separator, entries)}";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
