using System.Collections.Immutable;
using System.Text;
using Gateway.Config;
using Gateway.Tools;

namespace Gateway.Agent;

/// <summary>Tells the model what a project says about a folder when its tools first come there (AGENT.md section 9).</summary>
internal static class DirectoryHints
{
    private const int MaxChars = 8000;
    private const int MaxAncestors = 5;
    private const int MaxWords = 50;

    private static ImmutableArray<string> Names => ["AGENTS.md", "agents.md", "CLAUDE.md", "claude.md", ".cursorrules"];

    private static ImmutableArray<string> PathArguments => ["path", "file_path", "workdir"];

    /// <summary>What to append to a call's result; "" when the call comes to no new folder that has something to say.</summary>
    /// <param name="call">The call.</param>
    /// <param name="directory">Absolute directory that its relative paths start from.</param>
    /// <param name="context">The agent that made it.</param>
    public static string After(ToolCall call, string directory, ToolContext context)
    {
        var hints = new StringBuilder();
        foreach (string folder in Paths(call, context).Select(path => Folder(path, directory, context.UserHome)).Append(context.State.CurrentDirectory).OfType<string>().Distinct(StringComparer.Ordinal))
            foreach (string place in Climb(folder, context))
                if (context.State.Folders.Enter(place) && Text(place) is var (name, text))
                    hints.Append("\n\n[Subdirectory context discovered: ").Append(Path.GetRelativePath(context.WorkingDirectory, Path.Combine(place, name))).Append("]\n").Append(text);
        return hints.ToString();
    }

    private static IEnumerable<string> Paths(ToolCall call, ToolContext context)
    {
        foreach (string name in PathArguments)
            if (call.Arguments.TryGetProperty(name, out var value) && ArgumentText.OrNull(value) is { Length: > 0 } path) yield return path;
        if (call.Name != "terminal" || !call.Arguments.TryGetProperty("command", out var written) || ArgumentText.OrNull(written) is not { } command) yield break;
        foreach (string word in command.Split((char[])[' ', '\t', '\n', ';', '|', '&', '(', ')', '<', '>', '=', '"', '\''], StringSplitOptions.RemoveEmptyEntries).Take(MaxWords))
            if ((word.Contains('/') || word.StartsWith('~') || word.StartsWith('.')) && !word.Contains("://", StringComparison.Ordinal)) yield return word;
    }

    // The folder itself, or that of the file; null when there is neither.
    private static string? Folder(string path, string directory, string home)
    {
        try
        {
            string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(HomePath.Expand(path, home), directory));
            return Directory.Exists(full) ? full : File.Exists(full) ? Path.GetDirectoryName(full) : null;
        }
        catch (Exception exception) when (exception is ArgumentException or IOException)
        {
            return null;
        }
    }

    // Not above the repository or the user's home, nor where anybody may leave a file.
    private static IEnumerable<string> Climb(string folder, ToolContext context)
    {
        string? place = folder;
        for (int up = 0; up <= MaxAncestors && place is { Length: > 1 } && place != context.UserHome && !IsOpenToAll(place); up++)
        {
            yield return place;
            if (place == context.WorkingDirectory || Path.Exists(Path.Combine(place, ".git"))) yield break;
            place = Path.GetDirectoryName(place);
        }
    }

    private static bool IsOpenToAll(string folder)
    {
        try
        {
            return (File.GetUnixFileMode(folder) & UnixFileMode.OtherWrite) != 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static (string Name, string Text)? Text(string folder)
    {
        foreach (string name in Names)
            if (ContextFile.Read(Path.Combine(folder, name)) is { } text) return (name, Shorten(name, ContextFile.Prepare(name, text)));
        return null;
    }

    private static string Shorten(string name, string text) =>
        text.Length <= MaxChars ? text : $"{text[..MaxChars]}\n\n[...{name} goes on for {text.Length - MaxChars} more characters. Use read_file to see them.]";
}
