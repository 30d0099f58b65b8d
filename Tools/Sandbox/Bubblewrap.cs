using Gateway.Processes;

namespace Gateway.Tools.Sandbox;

/// <summary>Confines with bubblewrap (bwrap(1)): the command has a file system, processes and, without the network, a network of its own.</summary>
/// <param name="program">Absolute path of bwrap.</param>
internal sealed class Bubblewrap(string program) : ISandboxMechanism
{
    private const string NoFile = "/dev/null";

    /// <inheritdoc/>
    public ChildStart Confine(ChildStart start, SandboxPlan plan) => start with
    {
        Path = program,
        Arguments = [.. Arguments(plan), "--chdir", start.WorkingDirectory, "--", start.Path, .. start.Arguments],
        Environment = new Dictionary<string, string>(start.Environment, StringComparer.Ordinal) { ["TMPDIR"] = "/tmp" },
        WorkingDirectory = "/",
    };

    /// <summary>The arguments of bwrap; later mounts cover earlier ones.</summary>
    internal static IReadOnlyList<string> Arguments(SandboxPlan plan)
    {
        List<string> arguments = ["--die-with-parent", "--unshare-pid", "--unshare-ipc", "--cap-drop", "ALL"];
        if (!plan.HasNetwork) arguments.Add("--unshare-net");
        arguments.AddRange(["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]);

        // root may write the kernel's settings without any capability.
        foreach (string kernel in (string[])["/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs", "/proc/acpi", "/proc/scsi"])
            arguments.AddRange(["--ro-bind-try", kernel, kernel]);
        arguments.AddRange(["--bind", plan.Temporary, "/tmp", "--bind", plan.Temporary, "/var/tmp"]);
        foreach (var folder in plan.Emptied)
        {
            arguments.AddRange(["--tmpfs", folder.Path]);
            foreach (string kept in folder.Kept) arguments.AddRange(["--ro-bind", kept, kept]);
        }

        foreach (string folder in plan.Writable) arguments.AddRange(["--bind", folder, folder]);
        foreach (string secret in plan.Secrets)
            arguments.AddRange(Directory.Exists(secret) ? ["--tmpfs", secret, "--remount-ro", secret] : ["--ro-bind", NoFile, secret]);
        foreach (string folder in plan.Own) arguments.AddRange(["--bind", folder, folder]);

        // Only now is everything in place that had to be made in them.
        foreach (var folder in plan.Emptied)
            if (!plan.Writable.Contains(folder.Path)) arguments.AddRange(["--remount-ro", folder.Path]);
        return arguments;
    }
}
