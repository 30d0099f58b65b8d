namespace Gateway.Tools.Files;

/// <summary>What an agent has read, so that it is not shown the same text again and again, and is told when a file changed behind
/// its back (AGENT.md 10.3). Safe from any thread.</summary>
internal sealed class FileReads
{
    private const int RepeatsAllowed = 2;
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Path, int Offset, int Limit), (DateTime ChangedAt, int Repeats)> _shown = [];
    private readonly Dictionary<string, DateTime> _known = new(StringComparer.Ordinal);
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
    }

    /// <summary>Notes a read.</summary>
    public Repeat Reading(string path, int offset, int limit, DateTime changedAt)
    {
        lock (_gate)
        {
            var key = (path, offset, limit);
            if (!_shown.TryGetValue(key, out var seen) || seen.ChangedAt != changedAt)
            {
                _shown[key] = (changedAt, 0);
                _known[path] = changedAt;
                return Repeat.No;
            }

            _shown[key] = (changedAt, seen.Repeats + 1);
            return seen.Repeats == 0 ? Repeat.Unchanged : Repeat.Blocked;
        }
    }

    /// <summary>Notes a search.</summary>
    /// <returns>How often in a row it has been made.</returns>
    public int Searching(string search)
    {
        lock (_gate)
        {
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
            foreach (var (key, seen) in _shown)
                if (seen.Repeats >= RepeatsAllowed - 1) _shown[key] = (seen.ChangedAt, 0);
        }
    }

    /// <summary>The conversation was shortened: what was shown may be gone from it.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _shown.Clear();
            _search = null;
        }
    }

    /// <summary>Notes that the agent itself wrote a file.</summary>
    public void Written(string path, DateTime changedAt)
    {
        lock (_gate)
        {
            _known[path] = changedAt;
            foreach (var key in _shown.Keys.Where(key => key.Path == path).ToArray()) _shown.Remove(key);
        }
    }

    /// <summary>Whether somebody else wrote a file since the agent last saw it.</summary>
    public bool IsStale(string path, DateTime changedAt)
    {
        lock (_gate) return _known.TryGetValue(path, out var known) && known != changedAt;
    }
}
