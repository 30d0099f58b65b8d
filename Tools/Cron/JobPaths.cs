using Gateway.Config;
using Gateway.Storage;

namespace Gateway.Tools.Cron;

/// <summary>Paths that a job may name.</summary>
internal static class JobPaths
{
    /// <summary>A script as the job keeps it: relative to HERMES_HOME/scripts, which it may not leave, links followed.</summary>
    /// <exception cref="CronException">It lies elsewhere.</exception>
    public static string Script(string script, GatewayEnvironment environment)
    {
        string folder = Path.Combine(environment.HermesHome, "scripts");
        if (script.Contains('\0') || Path.IsPathRooted(script) || script.StartsWith('~'))
            throw new CronException($"The script must be a path below {folder}, such as 'check.py', not '{script}'.");
        bool inside = RealPath.Resolve(folder) is { } root && RealPath.Resolve(Path.Combine(folder, script)) is { } real && real.StartsWith(root + "/", StringComparison.Ordinal);
        return inside ? script : throw new CronException($"The script '{script}' lies outside {folder}.");
    }

    /// <summary>A directory to work in, absolute.</summary>
    /// <exception cref="CronException">It is not absolute, or not there.</exception>
    public static string Workdir(string folder, GatewayEnvironment environment)
    {
        string path = environment.ExpandHome(folder);
        if (path.Contains('\0') || !Path.IsPathRooted(path)) throw new CronException($"workdir must be an absolute path, not '{folder}'.");
        return Directory.Exists(path) ? Path.GetFullPath(path) : throw new CronException($"workdir '{folder}' is not a directory that exists.");
    }
}
