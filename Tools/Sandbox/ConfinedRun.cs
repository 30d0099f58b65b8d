using System.Collections.Immutable;
using Gateway.Processes;

namespace Gateway.Tools.Sandbox;

/// <summary>The confinement of one command.</summary>
/// <param name="Mechanism">What confines it.</param>
/// <param name="Plan">What it may do.</param>
/// <param name="Workspace">The session's directory, without links.</param>
internal sealed record ConfinedRun(ISandboxMechanism Mechanism, SandboxPlan Plan, string Workspace)
{
    private static ImmutableArray<string> FileSigns => ["Read-only file system", "Permission denied", "Operation not permitted", "PermissionError", "EACCES", "EROFS", "EPERM", "no new privileges"];

    private static ImmutableArray<string> NetworkSigns =>
        ["Network is unreachable", "name resolution", "resolve host", "Name or service not known", "Permission denied", "Connection refused", "Could not connect", "ENETUNREACH", "EAI_AGAIN", "EACCES"];

    /// <summary>The start of the command, confined.</summary>
    public ChildStart Apply(ChildStart start) => Mechanism.Confine(start, Plan);

    /// <summary>For the result of a command that failed as if the confinement were the reason; null otherwise.</summary>
    public string? Hint(string output, int exitCode)
    {
        if (exitCode == 0) return null;
        bool files = FileSigns.Any(output.Contains), network = !Plan.HasNetwork && NetworkSigns.Any(output.Contains);
        if (!files && !network) return null;
        string writable = Plan.Writable.Count == 0 ? "temporary files" : $"{string.Join(", ", Plan.Writable)} and temporary files";
        string home = Plan.Writable.Contains(Workspace) ? "" : $" {Workspace} is not, since it holds the home or settings of this program.";
        string lack = Plan.HasNetwork ? "" : " There is no network.";
        return $"[The command ran in a sandbox: only {writable} can be written.{home} Keys and logins are hidden, and sudo does not work.{lack} If it has to do more, run it again with outside_sandbox=true; the user is asked]";
    }
}
