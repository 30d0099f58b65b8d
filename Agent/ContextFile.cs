using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Gateway.Agent;

/// <summary>Reads files that become part of the system prompt. They come with a project and so from strangers: suspicious ones are
/// replaced by a note, long ones shortened, reads are bounded (AGENT.md 2.1).</summary>
internal static partial class ContextFile
{
    /// <summary>Longest text of one file in the prompt, in characters.</summary>
    public const int MaxChars = 20_000;

    // Far above what is shown; the rest of a larger file is not even counted.
    private const int MaxBytes = 4 * 1024 * 1024;

    private static readonly ImmutableArray<(string Id, Regex Pattern)> Threats =
    [
        ("prompt_injection", PromptInjection()),
        ("deception_hide", DeceptionHide()),
        ("sys_prompt_override", SystemPromptOverride()),
        ("disregard_rules", DisregardRules()),
        ("bypass_restrictions", BypassRestrictions()),
        ("html_comment_injection", HtmlCommentInjection()),
        ("hidden_div", HiddenDiv()),
        ("translate_execute", TranslateExecute()),
        ("exfil_curl", ExfilCurl()),
        ("read_secrets", ReadSecrets()),
    ];

    /// <summary>The text of a file, trimmed; null when there is no such file, or it is empty or unreadable.</summary>
    public static string? Read(string path)
    {
        try
        {
            // A pipe or device has no length and could block or never end.
            var info = new FileInfo(path);
            if (!info.Exists || info.Length == 0)
            {
                return null;
            }

            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[Math.Min(info.Length, MaxBytes)];
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
        var found = new List<string>();
        foreach (var c in text.Where(IsInvisible).Distinct())
        {
            found.Add(string.Create(CultureInfo.InvariantCulture, $"invisible unicode U+{(int)c:X4}"));
        }

        foreach (var (id, pattern) in Threats)
        {
            try
            {
                if (pattern.IsMatch(text))
                {
                    found.Add(id);
                }
            }
            catch (RegexMatchTimeoutException)
            {
                // A file that makes the check take seconds was made to do so.
                found.Add(id);
            }
        }

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

    private static bool IsInvisible(char c) => c is '\u200B' or '\u200C' or '\u200D' or '\u2060' or '\uFEFF' or (>= '\u202A' and <= '\u202E');

    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    [GeneratedRegex(@"ignore\s+(previous|all|above|prior)\s+instructions", Options, 2000)]
    private static partial Regex PromptInjection();

    [GeneratedRegex(@"do\s+not\s+tell\s+the\s+user", Options, 2000)]
    private static partial Regex DeceptionHide();

    [GeneratedRegex(@"system\s+prompt\s+override", Options, 2000)]
    private static partial Regex SystemPromptOverride();

    [GeneratedRegex(@"disregard\s+(your|all|any)\s+(instructions|rules|guidelines)", Options, 2000)]
    private static partial Regex DisregardRules();

    [GeneratedRegex(@"act\s+as\s+(if|though)\s+you\s+(have\s+no|don't\s+have)\s+(restrictions|limits|rules)", Options, 2000)]
    private static partial Regex BypassRestrictions();

    [GeneratedRegex(@"<!--[^>]*(?:ignore|override|system|secret|hidden)[^>]*-->", Options, 2000)]
    private static partial Regex HtmlCommentInjection();

    [GeneratedRegex(@"<\s*div\s+style\s*=\s*[""'][\s\S]*?display\s*:\s*none", Options, 2000)]
    private static partial Regex HiddenDiv();

    [GeneratedRegex(@"translate\s+.*\s+into\s+.*\s+and\s+(execute|run|eval)", Options, 2000)]
    private static partial Regex TranslateExecute();

    [GeneratedRegex(@"curl\s+[^\n]*\$\{?\w*(KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL|API)", Options, 2000)]
    private static partial Regex ExfilCurl();

    [GeneratedRegex(@"cat\s+[^\n]*(\.env|credentials|\.netrc|\.pgpass)", Options, 2000)]
    private static partial Regex ReadSecrets();
}
