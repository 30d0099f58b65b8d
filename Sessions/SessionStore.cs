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
    public Session Create(Func<string, string, Session> create) =>
        Create(_time.GetLocalNow().ToString("yyyyMMdd_HHmmss_", CultureInfo.InvariantCulture) + RandomHex.Digits(6), create);

    /// <summary>Creates a session with a fresh id on a stored key.</summary>
    public Session Create(string key, Func<string, string, Session> create)
    {
        while (true)
        {
            string id = RandomHex.Digits(8);
            var session = create(id, key);
            if (_sessions.TryAdd(id, session)) return session;
        }
    }

    /// <summary>Finds a live session; null when there is none.</summary>
    public Session? Find(string? id) => id is not null && _sessions.TryGetValue(id, out var session) ? session : null;

    /// <summary>Finds a live session by its stored key; null when there is none.</summary>
    public Session? FindKey(string? key) => key is null ? null : _sessions.Values.FirstOrDefault(session => session.Key == key);

    /// <summary>Puts back a session of an earlier process under the live id it had. When another request was faster, that one's.</summary>
    public Session Restore(Session session) => _sessions.GetOrAdd(session.Id, session);

    /// <summary>Whether a turn runs on the same stored session under another live id.</summary>
    public bool BusyElsewhere(Session session) =>
        _sessions.Values.Any(other => other != session && other.Key == session.Key && other.Busy);

    /// <summary>Takes a session out; null when there is none.</summary>
    public Session? Remove(string? id) => id is not null && _sessions.TryRemove(id, out var session) ? session : null;
}
