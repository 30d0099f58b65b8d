using System.Collections.Concurrent;
using System.Globalization;

namespace Gateway.Sessions;

/// <summary>The live sessions of this process.</summary>
internal sealed class SessionStore
{
    private readonly ConcurrentDictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;

    /// <summary>Creates an empty store.</summary>
    public SessionStore(TimeProvider time) => _time = time;

    /// <summary>All live sessions.</summary>
    public IReadOnlyCollection<Session> All => [.. _sessions.Values];

    /// <summary>Creates a session with a fresh id and key.</summary>
    /// <param name="create">Makes the session from its live id and key.</param>
    public Session Create(Func<string, string, Session> create)
    {
        string key = _time.GetLocalNow().ToString("yyyyMMdd_HHmmss_", CultureInfo.InvariantCulture) + RandomHex.Digits(6);
        while (true)
        {
            string id = RandomHex.Digits(8);
            var session = create(id, key);
            if (_sessions.TryAdd(id, session)) return session;
        }
    }

    /// <summary>Finds a live session; null when there is none.</summary>
    public Session? Find(string? id) => id is not null && _sessions.TryGetValue(id, out var session) ? session : null;

    /// <summary>Takes a session out; null when there is none.</summary>
    public Session? Remove(string? id) => id is not null && _sessions.TryRemove(id, out var session) ? session : null;
}
