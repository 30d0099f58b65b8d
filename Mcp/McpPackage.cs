using System.Buffers;

namespace Gateway.Mcp;

/// <summary>The package that a command fetches and runs.</summary>
/// <param name="Ecosystem">Where it comes from, by the name OSV has for it: <c>npm</c> or <c>PyPI</c>.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Version">The exact version that is asked for; null for whichever is newest.</param>
internal sealed record McpPackage(string Ecosystem, string Name, string? Version)
{
    /// <summary>Reads a command line.</summary>
    /// <returns>Null when it runs no package, or one that is not from a registry.</returns>
    public static McpPackage? Of(string command, IReadOnlyList<string> arguments) => Path.GetFileName(command) switch
    {
        "npx" => Npm(Wanted(arguments, ["--package", "-p"], ["--call", "-c", "--workspace", "-w", "--registry", "--cache", "--prefix", "--userconfig"])),
        "uvx" => PyPI(Wanted(arguments, ["--from"], UvOptions)),
        "uv" when arguments.Count > 2 && arguments[0] == "tool" && arguments[1] == "run" => PyPI(Wanted([.. arguments.Skip(2)], ["--from"], UvOptions)),
        _ => null,
    };

    private static readonly SearchValues<char> NameEnds = SearchValues.Create("[@=<>!~ ;");

    private static string[] UvOptions =>
    [
        "--with", "--with-editable", "--with-requirements", "--python", "-p", "--index", "--default-index", "--index-url", "-i", "--extra-index-url", "--find-links", "-f", "--constraints", "-c",
        "--cache-dir", "--directory", "--project", "--config-file", "--refresh-package", "--reinstall-package", "--upgrade-package", "-P", "--index-strategy", "--resolution", "--prerelease", "--env-file",
    ];

    // The value of the option that names the package, else the first word that is no option.
    private static string? Wanted(IReadOnlyList<string> arguments, string[] naming, string[] valued)
    {
        for (int at = 0; at < arguments.Count; at++)
        {
            string word = arguments[at];
            if (word == "--") return at + 1 < arguments.Count ? arguments[at + 1] : null;
            if (!word.StartsWith('-')) return word;
            int equals = word.IndexOf('=');
            string option = equals < 0 ? word : word[..equals];
            if (naming.Contains(option)) return equals >= 0 ? word[(equals + 1)..] : at + 1 < arguments.Count ? arguments[at + 1] : null;
            if (equals < 0 && valued.Contains(option)) at++;
        }

        return null;
    }

    private static McpPackage? Npm(string? wanted)
    {
        if (wanted is null || wanted.Length == 0 || wanted.Contains(':') || wanted[0] is '.' or '/' or '~') return null;
        int at = wanted.IndexOf('@', 1);
        string name = at < 0 ? wanted : wanted[..at];

        // One slash belongs to a scope; any other text with a slash is a repository.
        if (name.Contains('/') && (name[0] != '@' || name.Count(letter => letter == '/') != 1)) return null;
        return new McpPackage("npm", name, at < 0 ? null : Exact(wanted[(at + 1)..]));
    }

    private static McpPackage? PyPI(string? wanted)
    {
        if (wanted is null || wanted.Length == 0 || wanted.Contains("://", StringComparison.Ordinal) || wanted.Contains('/') || wanted[0] == '.') return null;
        int end = wanted.AsSpan().IndexOfAny(NameEnds);
        string name = (end < 0 ? wanted : wanted[..end]).Trim();
        int version = wanted.IndexOf("==", StringComparison.Ordinal) is var pin and >= 0 ? pin + 2 : wanted.IndexOf('@') is var at and >= 0 ? at + 1 : -1;
        return name.Length == 0 ? null : new McpPackage("PyPI", name, version < 0 ? null : Exact(wanted[version..].Trim()));
    }

    // A range or a tag such as latest says nothing about which version comes.
    private static string? Exact(string version) => version.Length > 0 && char.IsAsciiDigit(version[0]) && version.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '+' or '_')
        && version.Contains('.') && !version.Split('.').Contains("x") ? version : null;
}
