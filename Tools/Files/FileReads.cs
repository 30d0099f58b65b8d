namespace Gateway.Tools.Files;

/// <summary>What an agent has read, so that it is not shown the same text again and again, and is told when a file changed behind
/// its back (AGENT.md 10.3). Files are known by their path without links. Safe from any thread.</summary>
internal sealed class FileReads
{
    /// <summary>How often in a row the same range of a file that changes is shown without a word.</summary>
    public const int QuietReads = 2;

    private const int MostReads = 3;

    // What is forgotten costs a read of the same text, no more.
    private const int MostKept = 5000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Path, int Offset, int Limit), (DateTime ChangedAt, int Repeats)> _shown = [];
    private readonly Dictionary<string, DateTime> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _failed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _everRead = new(StringComparer.Ordinal);
    private readonly List<string> _inOrder = [];
    private readonly SortedSet<string> _changed = new(StringComparer.Ordinal);
    private (string Path, int Offset, int Limit) _read;
    private int _reads;
    private string? _search;
    private int _searches;

    /// <summary>How a read relates to what was shown before.</summary>
    public enum Repeat
    {
        /// <summary>It is new.</summary>
        No,

        /// <summary>The same was shown and has not changed.</summary>
        Unchanged,

        /// <summary>That has been said already.</summary>
        Blocked,

        /// <summary>It was shown several times in a row, changed each time.</summary>
        TooOften,
    }

    /// <summary>Files shown so far, absolute, in the order they were first shown.</summary>
    public IReadOnlyList<string> Read
    {
        get
        {
            lock (_gate) return [.. _inOrder];
        }
    }

    /// <summary>Files that the agent itself wrote or deleted so far, absolute, sorted.</summary>
    public IReadOnlyList<string> Changed
    {
        get
        {
            lock (_gate) return [.. _changed];
        }
    }

    /// <summary>Whether a read would show what was shown already. What is shown then has to be noted with <see cref="Shown"/>.</summary>
    public Repeat Reading(string path, int offset, int limit, DateTime changedAt)
    {
        lock (_gate)
        {
            var key = (path, offset, limit);
            if (!_shown.TryGetValue(key, out var seen) || seen.ChangedAt != changedAt) return _read == key && _reads >= MostReads ? Repeat.TooOften : Repeat.No;
            _shown[key] = (changedAt, seen.Repeats + 1);
            return seen.Repeats == 0 ? Repeat.Unchanged : Repeat.Blocked;
        }
    }

    /// <summary>Notes what was shown.</summary>
    /// <returns>How often in a row it was the same range.</returns>
    public int Shown(string path, int offset, int limit, DateTime changedAt)
    {
        lock (_gate)
        {
            MakeRoom();
            var key = (path, offset, limit);
            _reads = _read == key ? _reads + 1 : 1;
            _read = key;
            _search = null;
            _shown[key] = (changedAt, 0);
            _known[path] = changedAt;
            _failed.Remove(path);
            if (_everRead.Count < MostKept && _everRead.Add(path)) _inOrder.Add(path);
            return _reads;
        }
    }

    /// <summary>Notes a search.</summary>
    /// <returns>How often in a row it has been made.</returns>
    public int Searching(string search)
    {
        lock (_gate)
        {
            _reads = 0;
            _searches = _search == search ? _searches + 1 : 1;
            _search = search;
            return _searches;
        }
    }

    /// <summary>Another tool ran: what was asked before may have another answer now.</summary>
    public void OtherToolRan()
    {
        lock (_gate)
        {
            _search = null;
            _reads = 0;
            foreach (var (key, seen) in _shown)
                if (seen.Repeats > 0) _shown[key] = (seen.ChangedAt, 0);
        }
    }

    /// <summary>The conversation was shortened: what was shown may be gone from it.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _shown.Clear();
            _search = null;
            _reads = 0;
        }
    }

    /// <summary>Notes that the agent itself wrote a file.</summary>
    public void Written(string path, DateTime changedAt)
    {
        lock (_gate)
        {
            MakeRoom();
            _known[path] = changedAt;
            _failed.Remove(path);
            NoteChange(path);
        }
    }

    /// <summary>Notes that the agent itself deleted a file.</summary>
    public void Deleted(string path)
    {
        lock (_gate)
        {
            _known.Remove(path);
            NoteChange(path);
        }
    }

    /// <summary>Whether the agent has seen what is in a file: read it, or wrote it.</summary>
    public bool Knows(string path)
    {
        lock (_gate) return _known.ContainsKey(path);
    }

    /// <summary>Notes that a change did not fit a file.</summary>
    /// <returns>How often that was so since it was read or written last.</returns>
    public int Failed(string path)
    {
        lock (_gate)
        {
            MakeRoom();
            return _failed[path] = _failed.GetValueOrDefault(path) + 1;
        }
    }

    /// <summary>Whether somebody else wrote a file since the agent last saw it.</summary>
    public bool IsStale(string path, DateTime changedAt)
    {
        lock (_gate) return _known.TryGetValue(path, out var known) && known != changedAt;
    }

    private void NoteChange(string path)
    {
        if (_changed.Count < MostKept) _changed.Add(path);
        foreach (var key in _shown.Keys.Where(key => key.Path == path).ToArray()) _shown.Remove(key);
    }

    private void MakeRoom()
    {
        if (_shown.Count >= MostKept) _shown.Clear();
        if (_known.Count >= MostKept) _known.Clear();
        if (_failed.Count >= MostKept) _failed.Clear();
    }
}
