namespace Gateway.Config;

/// <summary>Where sessions start (terminal.cwd, CONFIG.md 1 and 3).</summary>
internal static class TerminalFolder
{
    /// <summary>terminal.cwd when it names a folder that exists, by an absolute path or from ~; else what
    /// <see cref="GatewayEnvironment.WorkingDirectory"/> says (".", "auto" and "cwd" mean that as well).</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="environment">What comes from outside.</param>
    /// <returns>Absolute path.</returns>
    public static string Of(ConfigNode config, GatewayEnvironment environment) =>
        config.Find("terminal", "cwd").Expand(environment).AsText() is { } wanted
            && environment.ExpandHome(wanted) is ['/', ..] path
            && Directory.Exists(path)
            ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))
            : environment.WorkingDirectory;
}
