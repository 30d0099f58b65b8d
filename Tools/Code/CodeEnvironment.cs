using System.Collections.Immutable;
using Gateway.Processes;

namespace Gateway.Tools.Code;

/// <summary>What scripts run with (AGENT.md section 11, execute_code).</summary>
internal static class CodeEnvironment
{
    private static ImmutableArray<string> Secret => ["KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL", "PASSWD", "AUTH"];

    private static ImmutableArray<string> Kept =>
    [
        "PATH", "HOME", "USER", "LANG", "LC_", "TERM", "TMPDIR", "TMP", "TEMP", "SHELL", "LOGNAME", "XDG_", "PYTHONPATH", "VIRTUAL_ENV", "CONDA", "HERMES_",
    ];

    /// <summary>The variables that scripts may see.</summary>
    /// <param name="environment">The gateway's environment.</param>
    /// <param name="passThrough">Names to give all the same (<c>terminal.env_passthrough</c>).</param>
    public static Dictionary<string, string> For(IReadOnlyDictionary<string, string> environment, IReadOnlyCollection<string> passThrough) => environment
        .Where(variable => passThrough.Contains(variable.Key)
            || (!Secret.Any(word => variable.Key.Contains(word, StringComparison.OrdinalIgnoreCase)) && Kept.Any(prefix => variable.Key.StartsWith(prefix, StringComparison.Ordinal))))
        .ToDictionary(variable => variable.Key, variable => variable.Value, StringComparer.Ordinal);

    /// <summary>The Python to run scripts with; null when there is none on this machine.</summary>
    /// <param name="environment">The gateway's environment.</param>
    /// <param name="ofProject">Whether the Python of an active virtual environment comes first.</param>
    public static string? Python(IReadOnlyDictionary<string, string> environment, bool ofProject)
    {
        if (ofProject)
        {
            foreach (string name in (ReadOnlySpan<string>)["VIRTUAL_ENV", "CONDA_PREFIX"])
            {
                if (environment.GetValueOrDefault(name) is not { Length: > 0 } folder) continue;
                string python = Path.Combine(folder, "bin", "python");
                if (File.Exists(python)) return python;
            }
        }

        string? path = environment.GetValueOrDefault("PATH");
        return ExecutablePath.Find("python3", path) ?? ExecutablePath.Find("python", path);
    }
}
