using System.Globalization;
using System.Text;

namespace Gateway.Agent;

/// <summary>Keeps huge tool results out of the conversation: the text goes to a file, the model gets the beginning and the path
/// (AGENT.md section 9). The files can hold anything a command prints, so only their owner can read them; they are kept for a week.</summary>
/// <param name="directory">Directory of the files; null for <c>hermes-results-USER</c> in the temporary directory.</param>
internal sealed class OversizedResults(string? directory = null)
{
    /// <summary>Characters from which on a single result is moved to a file.</summary>
    public const int MaxResult = 100_000;

    /// <summary>Characters that all results of one batch may have together.</summary>
    public const int MaxBatch = 200_000;

    private const int PreviewLength = 1500;

    private const string Reader = "read_file";

    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(7);

    private readonly string _directory = directory ?? Path.Combine(Path.GetTempPath(), "hermes-results-" + SafeName(Environment.UserName));

    /// <summary>Moves what is too large to files.</summary>
    /// <param name="results">Results of one batch; replaced in place.</param>
    public void Apply(IList<ConversationMessage> results)
    {
        for (var i = 0; i < results.Count; i++)
        {
            // What was read is limited already, and would only have to be read from another file.
            if (Length(results[i]) > MaxResult && results[i].ToolName != Reader)
            {
                results[i] = Spill(results[i]);
            }
        }

        while (results.Sum(Length) > MaxBatch)
        {
            // What a file holds can be had there again, but is the last to go.
            var largest = Largest(results, message => message.ToolName != Reader) ?? Largest(results, _ => true);
            if (largest is not { } index)
            {
                return;
            }

            results[index] = Spill(results[index]);
        }
    }

    private static int? Largest(IList<ConversationMessage> results, Func<ConversationMessage, bool> counts)
    {
        int? largest = null;
        for (var i = 0; i < results.Count; i++)
        {
            if (Length(results[i]) > 2 * PreviewLength && counts(results[i]) && (largest is not { } other || Length(results[i]) > Length(results[other])))
            {
                largest = i;
            }
        }

        return largest;
    }

    private static int Length(ConversationMessage message) => message.Content?.Length ?? 0;

    private ConversationMessage Spill(ConversationMessage message)
    {
        var text = message.Content ?? "";
        var preview = text[..Math.Min(PreviewLength, text.Length)];
        if (preview.Length > 0 && char.IsHighSurrogate(preview[^1])) preview = preview[..^1];
        var line = preview.LastIndexOf('\n');
        if (line > preview.Length / 2)
        {
            preview = preview[..line];
        }

        var path = Save(ReadableText.Of(text), message.ToolCallId ?? "result");
        if (path is null)
        {
            return message with
            {
                Content = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{preview}\n[Truncated: tool response was {text.Length:N0} chars. Full output could not be saved to sandbox.]"),
            };
        }

        var bytes = Encoding.UTF8.GetByteCount(text);
        var size = bytes >= 1024 * 1024
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024.0):0.0} MB")
            : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.0} KB");
        return message with
        {
            Content = string.Create(
                CultureInfo.InvariantCulture,
                $"""
                <persisted-output>
                This tool result was too large ({text.Length:N0} characters, {size}).
                Full output saved to: {path}
                Use the read_file tool with offset and limit to access specific sections of this output.

                Preview (first {preview.Length} chars):
                {preview}
                ...
                </persisted-output>
                """),
        };
    }

    private string? Save(string text, string id)
    {
        // Files that only their owner can read need Unix modes.
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        try
        {
            const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            Directory.CreateDirectory(_directory, ownerOnly);

            // Somebody else may have been here first: a link, or a directory that others can look into.
            var made = new DirectoryInfo(_directory);
            if (made.LinkTarget is not null || made.UnixFileMode != ownerOnly)
            {
                return null;
            }

            RemoveOld();
            var name = SafeName(id);
            var path = Path.Combine(_directory, name + ".txt");
            if (Path.Exists(path))
            {
                path = Path.Combine(_directory, $"{name}-{Guid.NewGuid():N}.txt");
            }

            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            };
            using var writer = new StreamWriter(path, new UTF8Encoding(false), options);
            writer.Write(text);
            return path;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // A full disk must not cost the turn; the model is told that the rest is missing.
            return null;
        }
    }

    private void RemoveOld()
    {
        foreach (var file in new DirectoryInfo(_directory).EnumerateFiles("*.txt"))
        {
            if (DateTime.UtcNow - file.LastWriteTimeUtc > KeptFor)
            {
                file.Delete();
            }
        }
    }

    private static string SafeName(string name)
    {
        var safe = new StringBuilder();
        foreach (var c in name.AsSpan(0, Math.Min(name.Length, 64)))
        {
            safe.Append(char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_');
        }

        return safe.Length == 0 ? "result" : safe.ToString();
    }
}
