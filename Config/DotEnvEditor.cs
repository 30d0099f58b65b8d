using System.Buffers;
using System.Text;

namespace Gateway.Config;

/// <summary>Stores values in HERMES_HOME/.env (CONFIG.md 1): only the line concerned changes, the file is replaced in one step and readable
/// by its owner alone.</summary>
internal sealed class DotEnvEditor(GatewayEnvironment environment)
{
    // What stands in a .env file without quotes and means itself to every program that reads one.
    private static readonly SearchValues<char> Bare = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:@%+,");

    private readonly Lock _gate = new();

    /// <summary>Stores a value and lets it count at once.</summary>
    /// <param name="name">Name of the variable.</param>
    /// <param name="value">Its value; it goes nowhere else.</param>
    /// <exception cref="ConfigEditException">It was not stored; the message says why.</exception>
    public void Set(string name, string value)
    {
        string path = environment.DotEnvPath;
        if (new ConfigEditor(environment).IsManaged(path)) throw new ConfigEditException($"{path} is managed by your administrator and was not changed.");
        if (!DotEnvFile.IsName(name)) throw new ConfigEditException($"'{name}' cannot be the name of a variable.");
        if (value.Contains('\0')) throw new ConfigEditException($"The value of {name} has a NUL character, which no variable can hold.");
        try
        {
            lock (_gate)
            {
                string target = FileReplacement.FinalTarget(path);
                byte[] bytes = HomeFile.Read(target, DotEnvOverlay.LargestFile) ?? [];
                string text = DotEnvOverlay.Decode(bytes);
                string edited = Edit(text, name, value);
                bool latin = !Encoding.UTF8.GetBytes(text).AsSpan().SequenceEqual(WithoutMark(bytes)) && edited.All(letter => letter <= 0xFF);
                FileReplacement.Write(target, (latin ? Encoding.Latin1 : Encoding.UTF8).GetBytes(edited), FileReplacement.OwnerOnly);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigEditException($"{path} could not be written: {(error is UnauthorizedAccessException ? "permission denied" : "the file system refused it")}.", error);
        }

        environment.Refresh();
    }

    /// <summary>The text of the file after the change. Of several lines for one name the last is replaced, because it is the one that counts.</summary>
    internal static string Edit(string text, string name, string value)
    {
        string line = $"{name}={Written(value)}";
        foreach (var (start, end, assigned) in DotEnvFile.Lines(text).Reverse())
            if (assigned.Count == 1 && assigned[0].Name == name) return string.Concat(text.AsSpan(0, start), line, text.AsSpan(end));
        string lineEnd = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        return text + (text.Length == 0 || text[^1] == '\n' ? "" : lineEnd) + line + lineEnd;
    }

    // In single quotes nothing is expanded.
    private static string Written(string value) => value.Length > 0 && !value.AsSpan().ContainsAnyExcept(Bare)
        ? value
        : $"'{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";

    private static ReadOnlySpan<byte> WithoutMark(byte[] bytes) => bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes.AsSpan(3) : bytes;
}
