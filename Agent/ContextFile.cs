using System.Text;
using Gateway.Config;
using Gateway.Tools;

namespace Gateway.Agent;

/// <summary>Reads files that become part of the system prompt. They come with a project and so from strangers: suspicious ones are
/// replaced by a note, long ones shortened, reads are bounded (AGENT.md 2.1).</summary>
internal static class ContextFile
{
    /// <summary>Longest text of one file in the prompt, in characters.</summary>
    public const int MaxChars = 20_000;

    // Far above what is shown; the rest of a larger file is not even counted.
    private const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>The text of a file, trimmed; null when there is no such file, or it is empty or unreadable.</summary>
    public static string? Read(string path)
    {
        try
        {
            using var stream = HomeFile.Open(path);
            if (stream is null || stream.Length == 0)
            {
                return null;
            }

            var bytes = new byte[Math.Min(stream.Length, MaxBytes)];
            var read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            var text = Encoding.UTF8.GetString(bytes, 0, read).Trim('\uFEFF').Trim();
            return text.Length == 0 ? null : text;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>A file's text as it may stand in the prompt.</summary>
    /// <param name="name">Name shown to the model.</param>
    /// <param name="text">Its text.</param>
    public static string Prepare(string name, string text)
    {
        var found = InjectionScan.OfContext(text);
        return found.Count != 0
            ? $"[BLOCKED: {name} contained potential prompt injection ({string.Join(", ", found)}). Content not loaded.]"
            : Shorten(name, text);
    }

    private static string Shorten(string name, string text)
    {
        if (text.Length <= MaxChars)
        {
            return text;
        }

        const int head = MaxChars * 7 / 10;
        const int tail = MaxChars * 2 / 10;
        return $"{text[..head]}\n\n[...truncated {name}: kept {head}+{tail} of {text.Length} chars. Use file tools to read the full file.]\n\n{text[^tail..]}";
    }
}
