using System.Runtime.InteropServices;

namespace Gateway.Processes;

/// <summary>The descendants of children, those included that left the process group (setsid) or lost their parent, so that
/// they can be ended together. Not thread-safe; made for one ending and dropped.</summary>
/// <remarks>A process belongs to the tree while its parent does or while it is in a session of the tree. Orphans have the child's
/// guardian as their parent.</remarks>
internal sealed class ProcessTree
{
    /// <summary>How often is looked again for what was started while others were being stopped.</summary>
    private const int Rounds = 20;

    private readonly HashSet<int> _leaders = [];
    private readonly HashSet<int> _guardians = [];
    private readonly Dictionary<int, ulong> _members = [];

    /// <summary>Adds a child that has not been reaped yet, and what is known of its tree from an earlier look.</summary>
    /// <param name="child">The child: leader of its session and process group.</param>
    /// <param name="known">Descendants found before.</param>
    public void Add(SpawnedChild child, IReadOnlyList<ProcessEntry> known)
    {
        _leaders.Add(child.Process);
        _guardians.Add(child.Guardian);
        foreach (var process in known) _members[process.Id] = process.StartTime;
    }

    /// <summary>Looks for descendants of the children that were added, and remembers them.</summary>
    /// <returns>Those that were not known and run.</returns>
    public IReadOnlyList<ProcessEntry> Look() => Look(ProcessTable.Read());

    /// <summary>Ends the children, their groups and their descendants with SIGKILL.</summary>
    /// <returns>Ids of descendants that may not be signalled: they run as another user.</returns>
    public IReadOnlyList<int> Kill()
    {
        // Stopped first: who is stopped starts nothing more, and who is not dead yet still leads to its children.
        SignalGroups(ProcessCalls.SigStop);
        foreach (var (id, startTime) in _members) Signal(id, startTime, ProcessCalls.SigStop);
        for (var round = 0; round < Rounds && Look() is { Count: > 0 } found; round++)
            foreach (var process in found) Signal(process.Id, process.StartTime, ProcessCalls.SigStop);

        SignalGroups(ProcessCalls.SigKill);
        return [.. _members.Where(member => Signal(member.Key, member.Value, ProcessCalls.SigKill) == ProcessCalls.NotPermitted).Select(member => member.Key)];
    }

    /// <summary>Sends a signal to the process with this id if it is the one that began at <paramref name="startTime"/>
    /// (<see cref="ProcessEntry.StartTime"/>); another one that got the id later is left alone.</summary>
    /// <returns>0, or the error number with which the system refused it.</returns>
    internal static int Signal(int id, ulong startTime, int signal)
    {
        // The descriptor holds on to one process; only then is looked which one that is.
        var pidfd = (int)ProcessCalls.PidfdOpen(ProcessCalls.PidfdOpenNumber, id, 0);
        if (pidfd < 0) return 0;
        int problem = 0;
        if (ProcessTable.Find(id) is { } found && found.StartTime == startTime
            && ProcessCalls.PidfdSendSignal(ProcessCalls.PidfdSendSignalNumber, pidfd, signal, 0, 0) < 0)
        {
            problem = Marshal.GetLastPInvokeError();
        }

        _ = ProcessCalls.Close(pidfd);
        return problem;
    }

    private void SignalGroups(int signal)
    {
        foreach (var leader in _leaders) _ = ProcessCalls.Kill(-leader, signal);
    }

    private List<ProcessEntry> Look(IReadOnlyDictionary<int, ProcessEntry> running)
    {
        var added = new List<ProcessEntry>();
        int before;
        do
        {
            before = added.Count;
            foreach (var process in running.Values)
            {
                if (process.Ended || _leaders.Contains(process.Id) || IsMember(process.Id, running)) continue;
                if (!_guardians.Contains(process.Parent) && !Holds(process.Parent, running) && !Holds(process.Session, running)) continue;
                _members[process.Id] = process.StartTime;
                added.Add(process);
            }
        }
        while (added.Count > before);

        return added;
    }

    private bool Holds(int id, IReadOnlyDictionary<int, ProcessEntry> running) => _leaders.Contains(id) || IsMember(id, running);

    private bool IsMember(int id, IReadOnlyDictionary<int, ProcessEntry> running) =>
        _members.TryGetValue(id, out var startTime) && running.TryGetValue(id, out var process) && process.StartTime == startTime;
}
