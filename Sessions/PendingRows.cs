using Gateway.Storage;

namespace Gateway.Sessions;

/// <summary>Messages of a conversation that could not be stored when they came. They are stored, in order, as soon as the disk takes
/// them again. Used by one turn at a time.</summary>
internal sealed class PendingRows
{
    private readonly List<(StoredMessage Row, long? Replaces)> _rows = [];

    /// <summary>Whether anything waits.</summary>
    public bool Any => _rows.Count > 0;

    /// <summary>Keeps a message.</summary>
    /// <param name="row">The message.</param>
    /// <param name="replaces">The stored row whose place it takes; null for a new one.</param>
    public void Add(StoredMessage row, long? replaces = null)
    {
        // The result of a call may come again, shortened.
        int same = row.ToolCallId is null ? -1 : _rows.FindIndex(waiting => waiting.Row.ToolCallId == row.ToolCallId);
        if (same >= 0) _rows[same] = (row, _rows[same].Replaces);
        else _rows.Add((row, replaces));
    }

    /// <summary>Stores what waits, as far as the disk takes it.</summary>
    /// <exception cref="SessionDatabaseException">The rest still waits.</exception>
    public void Store(SessionRecords records, string key, string model)
    {
        while (_rows.Count > 0)
        {
            var (row, replaces) = _rows[0];
            if (replaces is long known) records.Replace(key, known, row);
            else records.Append(key, model, row);
            _rows.RemoveAt(0);
        }
    }
}
