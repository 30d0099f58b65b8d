using System.Collections.Immutable;
using Gateway.Processes;

namespace Gateway.Tools.Sandbox;

/// <summary>Confines with Landlock (landlock(7)), which only knows what is allowed: everything beside what is hidden is granted one by one.
/// Names of hidden files can still be listed, and programs that listen on sockets can still be reached.</summary>
internal sealed class LandlockRules : ISandboxMechanism
{
    private static ImmutableArray<string> Devices => ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx", "/dev/pts", "/dev/shm"];

    /// <inheritdoc/>
    public ChildStart Confine(ChildStart start, SandboxPlan plan) => start with
    {
        Environment = new Dictionary<string, string>(start.Environment, StringComparer.Ordinal) { ["TMPDIR"] = plan.Temporary },
        Confinement = new Confinement(Grants(plan), plan.HasNetwork),
    };

    /// <summary>What is granted.</summary>
    /// <exception cref="ChildStartException">Something that is to be hidden lies in a folder that is to be written.</exception>
    internal static IReadOnlyList<PathGrant> Grants(SandboxPlan plan)
    {
        // Sockets in /run cannot be hidden this way.
        var emptied = plan.Emptied.Where(folder => folder.Path != "/run").ToArray();
        string[] hidden = [.. plan.Secrets, .. emptied.Select(folder => folder.Path)];
        foreach (string folder in plan.Writable)
            if (hidden.FirstOrDefault(secret => SandboxPlan.IsWithin(secret, folder)) is { } inside)
                throw new ChildStartException("the command", $"Landlock cannot hide {inside} in {folder}, which may be written. Install bubblewrap, or take {folder} out of terminal.sandbox_writable");
        var grants = new List<PathGrant>();
        Read("/", hidden, grants);
        foreach (string kept in emptied.SelectMany(folder => folder.Kept)) grants.Add(new(kept, Writes: false));
        foreach (string folder in plan.Writable.Concat(plan.Own).Append(plan.Temporary).Concat(Devices)) grants.Add(new(folder, Writes: true));
        return grants;
    }

    private static void Read(string folder, string[] hidden, List<PathGrant> grants)
    {
        if (hidden.Contains(folder)) return;
        if (!hidden.Any(secret => SandboxPlan.IsWithin(secret, folder)))
        {
            grants.Add(new(folder, Writes: false));
            return;
        }

        foreach (string entry in Entries(folder))
            if (new FileInfo(entry).LinkTarget is null) Read(entry, hidden, grants);
    }

    private static string[] Entries(string folder)
    {
        try
        {
            return Directory.GetFileSystemEntries(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
