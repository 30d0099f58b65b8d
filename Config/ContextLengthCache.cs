using System.Globalization;
using System.Text;

namespace Gateway.Config;

/// <summary>Context lengths that providers named once, shared with other programs: <c>context_length_cache.yaml</c>, whose map
/// <c>context_lengths</c> has keys <c>model@base_url</c> (STATE.md section 5, AGENT.md 3.7).</summary>
internal static class ContextLengthCache
{
    private const string FileName = "context_length_cache.yaml";
    private const string Root = "context_lengths";
    private const int LargestFile = 1024 * 1024;

    /// <summary>The length in tokens; null when it is not known, or the file cannot be read.</summary>
    public static int? Find(string hermesHome, string model, string baseUrl) => Read(Path.Combine(hermesHome, FileName)) is { } text && YamlReader.Read(text, out _) is { IsMap: true } file
        ? file.Find(Root, Key(model, baseUrl)).AsInt() is > 0 and var length ? length : null
        : null;

    /// <summary>Keeps a length. What else the file says stays; a file that is no such map, or cannot be written, is left alone.</summary>
    public static void Remember(string hermesHome, string model, string baseUrl, int tokens)
    {
        string path = Path.Combine(hermesHome, FileName);
        try
        {
            string before = HomeFile.ReadText(path, LargestFile) ?? "";
            string key = Key(model, baseUrl);
            var lines = before.Split('\n').Where(line => !IsEntry(line, key)).ToList();
            while (lines.Count > 0 && lines[^1].Length == 0) lines.RemoveAt(lines.Count - 1);
            int place = lines.FindIndex(line => line.TrimEnd() == Root + ":");
            if (place < 0)
            {
                if (lines.Count > 0) return;
                lines.Add(Root + ":");
                place = 0;
            }

            lines.Insert(place + 1, string.Create(CultureInfo.InvariantCulture, $"  {Quoted(key)}: {tokens}"));
            string after = string.Join('\n', lines) + "\n";
            if (YamlReader.Read(after, out _)?.Find(Root, key).AsInt() != tokens) return;
            FileReplacement.Write(path, Encoding.UTF8.GetBytes(after));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is only remembered for this conversation then.
        }
    }

    private static string Key(string model, string baseUrl) => $"{model}@{baseUrl}";

    private static bool IsEntry(string line, string key)
    {
        string entry = line.TrimStart();
        return line.Length > entry.Length && (entry.StartsWith(key + ":", StringComparison.Ordinal) || entry.StartsWith(Quoted(key) + ":", StringComparison.Ordinal));
    }

    private static string Quoted(string key) => $"'{key.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string? Read(string path)
    {
        try
        {
            return HomeFile.ReadText(path, LargestFile);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
