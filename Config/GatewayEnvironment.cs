using System.Collections;
using Gateway.Diagnostics;

namespace Gateway.Config;

/// <summary>A snapshot of the environment (CONFIG.md 1): process variables, with HERMES_HOME/.env laid over them on first use.</summary>
internal sealed class GatewayEnvironment
{
    private readonly IReadOnlyDictionary<string, string> _process;
    private volatile Lazy<DotEnvOverlay> _overlay;
    private bool _isOfProcess;
    private Action<string>? _warn;

    /// <summary>Takes the environment as values, so that nothing here depends on process state.</summary>
    /// <param name="variables">Process variables.</param>
    /// <param name="processDirectory">The process working directory, absolute.</param>
    /// <param name="userHome">The user's home directory, absolute.</param>
    /// <param name="warn">Called with each of the <see cref="Warnings"/>, once, when the .env file has been read.</param>
    public GatewayEnvironment(IReadOnlyDictionary<string, string> variables, string processDirectory, string userHome, Action<string>? warn = null)
    {
        _warn = warn;
        _process = variables;
        ProcessDirectory = processDirectory;
        UserHome = userHome;
        HermesHome = GetRaw("HERMES_HOME") is { } home
            ? Path.GetFullPath(ExpandHome(home.Trim()), processDirectory)
            : Path.Combine(userHome, ".hermes");
        _overlay = Read();
        DotEnv = new DotEnvEditor(this);
    }

    /// <summary>The root of all state: HERMES_HOME or ~/.hermes, absolute.</summary>
    public string HermesHome { get; }

    /// <summary>The user's home directory.</summary>
    public string UserHome { get; }

    /// <summary>The directory that the process was started in, absolute.</summary>
    public string ProcessDirectory { get; }

    /// <summary>The main configuration file, HERMES_HOME/config.yaml.</summary>
    public string ConfigPath => Path.Combine(HermesHome, "config.yaml");

    /// <summary>The file with secrets, HERMES_HOME/.env.</summary>
    public string DotEnvPath => Path.Combine(HermesHome, ".env");

    /// <summary>Stores values in the .env file.</summary>
    public DotEnvEditor DotEnv { get; }

    /// <summary>Where tools, @ references and completion start: TERMINAL_CWD if it is an existing absolute directory, else the process directory.</summary>
    public string WorkingDirectory =>
        Get("TERMINAL_CWD") is { } cwd && Path.IsPathRooted(cwd) && Directory.Exists(cwd) ? cwd : ProcessDirectory;

    /// <summary>All variables in effect, file values over process values.</summary>
    public IReadOnlyDictionary<string, string> Variables => Overlay.Variables;

    /// <summary>Names of the variables that the .env file sets.</summary>
    public IReadOnlySet<string> FileVariables => Overlay.FromFile;

    /// <summary>What was odd about the .env file, one line each, without any value in it; for stderr.</summary>
    public IReadOnlyList<string> Warnings => Overlay.Warnings;

    private DotEnvOverlay Overlay
    {
        get
        {
            var overlay = _overlay.Value;
            // Outside the Lazy, which would remember a failing listener for ever.
            if (_warn is not null && Interlocked.Exchange(ref _warn, null) is { } warn)
            {
                foreach (var warning in overlay.Warnings)
                {
                    warn(warning);
                }
            }

            return overlay;
        }
    }

    /// <summary>Reads the current process.</summary>
    /// <param name="warn">Called with each of the <see cref="Warnings"/>, once, when the .env file has been read.</param>
    public static GatewayEnvironment FromProcess(Action<string>? warn = null)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            variables[(string)entry.Key] = (string?)entry.Value ?? "";
        }

        var home = variables.GetValueOrDefault("HOME");
        if (string.IsNullOrEmpty(home))
        {
            home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        }

        return new GatewayEnvironment(variables, StartDirectory(home), home, warn) { _isOfProcess = true };
    }

    private Lazy<DotEnvOverlay> Read() => new(() => DotEnvOverlay.Load(_process, DotEnvPath));

    // The directory a process was started in may have been removed since.
    private static string StartDirectory(string home)
    {
        try
        {
            return Environment.CurrentDirectory;
        }
        catch (IOException)
        {
            return Directory.Exists(home) ? home : "/";
        }
    }

    /// <summary>The value in effect, .env included; null when unset or empty. The first call reads the file.</summary>
    public string? Get(string name) => Variables.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <summary>Reads the .env file anew at the next use. Who took the <see cref="Variables"/> before keeps what they were.</summary>
    public void Refresh() => _overlay = Read();

    /// <summary>The process variable alone, without touching .env; null when unset or empty. For the start path.</summary>
    public string? GetRaw(string name) => _process.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <summary>Takes the values of variables out of the process's own environment block, where commands could read them; here they stay. Does
    /// nothing when this is not the environment of the process.</summary>
    public void Forget(IEnumerable<string> names)
    {
        if (_isOfProcess) EnvironmentBlock.Erase(names);
    }

    /// <summary>The same for all variables whose name or value says that they may hold a secret. Takes too many rather than too few: whatever
    /// reads variables here has read them, and children get a list of their own.</summary>
    public void ForgetSecrets() => Forget(_process.Where(variable => MayBeSecret(variable.Key, variable.Value)).Select(variable => variable.Key));

    private static bool MayBeSecret(string name, string value) =>
        SecretWords.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase)) || (value.Contains('@') && value.Contains("://", StringComparison.Ordinal));

    private static string[] SecretWords => ["KEY", "TOKEN", "SECRET", "PASS", "CREDENTIAL", "AUTH", "PWD_", "_PIN", "COOKIE", "DSN"];

    /// <inheritdoc cref="HomePath.Expand"/>
    public string ExpandHome(string path) => HomePath.Expand(path, UserHome);
}
