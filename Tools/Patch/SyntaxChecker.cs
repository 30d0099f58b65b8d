using System.Text.RegularExpressions;

namespace Gateway.Tools.Patch;

/// <summary>The program that checks the syntax of one language. It gets the text on standard input wherever it takes it from there, so that
/// it does not look around in the file's folder.</summary>
/// <param name="Program">Its name.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed partial record SyntaxChecker(string Program, IReadOnlyList<string> Arguments)
{
    // Neither the folder, nor variables, nor packages of the user or the site are looked at, and nothing is kept of what is compiled.
    private static string[] Python(string path) =>
        ["-I", "-S", "-B", "-W", "ignore", "-c", "import sys; compile(sys.stdin.buffer.read(), sys.argv[1], 'exec', dont_inherit=True)", path];

    /// <summary>Arguments to try after <see cref="Arguments"/> found a mistake; null for none. The text is fine when one of them says so.</summary>
    public IReadOnlyList<string>? Otherwise { get; private init; }

    /// <summary>Whether the program gets the text on standard input.</summary>
    public bool ReadsInput { get; private init; } = true;

    /// <summary>What in its error output tells that the syntax is wrong; null when its exit status does.</summary>
    public Regex? Mistake { get; private init; }

    /// <summary>The checker of a file; null when its language has none.</summary>
    /// <param name="path">Absolute path; it only names the file.</param>
    public static SyntaxChecker? Of(string path) => Path.GetExtension(path) switch
    {
        ".py" => new("python3", Python(path)),
        ".mjs" => new("node", Node("module")),
        ".cjs" => new("node", Node("commonjs")),

        // Which of the two a file is stands in a package.json above it, or nowhere.
        ".js" => new("node", Node("commonjs")) { Otherwise = Node("module") },

        // It takes a file only; none of its settings can name a program. Of the mistakes it finds only those of syntax need no other file.
        ".ts" or ".mts" or ".cts" => new("tsc", ["--noEmit", "--noResolve", "--skipLibCheck", "--pretty", "false", "--types", "", path]) { ReadsInput = false, Mistake = SyntaxErrorOfTypeScript() },
        ".go" => new("gofmt", ["-e", "-l"]),
        ".rs" => new("rustfmt", ["--edition", "2021", "--emit", "stdout"]) { Mistake = ErrorOfRust() },
        ".sh" or ".bash" => new("bash", ["--noprofile", "--norc", "-n", "/dev/stdin"]),
        _ => null,
    };

    private static string[] Node(string kind) => [$"--input-type={kind}", "--check", "-"];

    [GeneratedRegex(@"error TS1\d{3}:", RegexOptions.CultureInvariant)]
    private static partial Regex SyntaxErrorOfTypeScript();

    // It also ends with 1 for lines that it cannot lay out.
    [GeneratedRegex(@"^error(\[E\d+\])?: ", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex ErrorOfRust();
}
