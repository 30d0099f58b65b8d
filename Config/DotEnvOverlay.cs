using System.Text;

namespace Gateway.Config;

/// <summary>Process variables with a .env file laid over them (CONFIG.md 1, ".env").</summary>
/// <param name="Variables">All variables in effect.</param>
/// <param name="Warnings">Oddities for stderr; never contains a value.</param>
/// <param name="FromFile">Names of the variables that the file sets.</param>
internal sealed record DotEnvOverlay(IReadOnlyDictionary<string, string> Variables, IReadOnlyList<string> Warnings, IReadOnlySet<string> FromFile)
{
    // MAX_ARG_STRLEN of Linux: "NAME=value" and its final NUL.
    private const int LargestEntry = 128 * 1024;

    /// <summary>Largest file that is read, in bytes.</summary>
    public const long LargestFile = 4 * 1024 * 1024;

    /// <summary>Lays the file over the variables. A missing file is normal; an unreadable one is a warning.</summary>
    public static DotEnvOverlay Load(IReadOnlyDictionary<string, string> process, string path)
    {
        var variables = new Dictionary<string, string>(process, StringComparer.Ordinal);
        var warnings = new List<string>();
        var fromFile = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            if (HomeFile.Read(path, LargestFile) is { } bytes)
            {
                foreach (var (name, value) in DotEnvFile.Parse(Decode(bytes)))
                {
                    if (Unusable(name, value) is { } reason)
                    {
                        warnings.Add($"{name} in {path} {reason}; the line was ignored.");
                    }
                    else
                    {
                        variables[name] = value;
                        fromFile.Add(name);
                    }
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            warnings.Add($"{path} could not be read: {error.Message}");
        }

        StripCredentials(variables, warnings);
        return new DotEnvOverlay(variables, warnings, fromFile);
    }

    // Such a variable would keep every command of the agent from starting.
    private static string? Unusable(string name, string value) =>
        value.Contains('\0', StringComparison.Ordinal) ? "contains a NUL character, which no variable can hold"
        : Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value) + 2 > LargestEntry ? "is longer than 128 KiB, which the system does not pass on"
        : null;

    // Look-alike characters from a copied web page make header values that no server accepts.
    private static void StripCredentials(Dictionary<string, string> variables, List<string> warnings)
    {
        List<(string Name, string Value)>? changed = null;
        foreach (var (name, value) in variables)
        {
            if (IsCredential(name) && !Ascii.IsValid(value))
            {
                (changed ??= []).Add((name, string.Concat(value.Where(char.IsAscii))));
            }
        }

        foreach (var (name, value) in changed ?? [])
        {
            variables[name] = value;
            warnings.Add($"{name} held characters that no API key has; they were left out. Copy the key again if it is refused.");
        }
    }

    private static bool IsCredential(string name) =>
        name.EndsWith("_API_KEY", StringComparison.Ordinal) || name.EndsWith("_TOKEN", StringComparison.Ordinal)
        || name.EndsWith("_SECRET", StringComparison.Ordinal) || name.EndsWith("_KEY", StringComparison.Ordinal);

    /// <summary>The text of a .env file: UTF-8, or else Latin-1.</summary>
    public static string Decode(byte[] bytes)
    {
        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
            return text.StartsWith('\uFEFF') ? text[1..] : text;
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(bytes);
        }
    }
}
