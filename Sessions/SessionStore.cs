using System.Collections.Concurrent;
using System.Globalization;

namespace Gateway.Sessions;

/// <summary>The live sessions of this process.</summary>
internal sealed class SessionStore
{
    private readonly ConcurrentDictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly Lock _adding = new();
    private readonly TimeProvider _time;

    /// <summary>Creates an empty store.</summary>
    public SessionStore(TimeProvider time) => _time = time;

    /// <summary>All live sessions.</summary>
    public IReadOnlyCollection<Session> All => [.. _sessions.Values];

    /// <summary>A stored key that no session has yet.</summary>
    public string NewKey() => _time.GetLocalNow().ToString("yyyyMMdd_HHmmss_", CultureInfo.InvariantCulture) + RandomHex.Digits(6);

    /// <summary>Adds a session with a fresh id.</summary>
    /// <param name="conversation">Its conversation; when one with the same key is live, that one is used instead.</param>
    /// <param name="create">Makes the session from its live id and conversation.</param>
    public Session Add(Conversation conversation, Func<string, Conversation, Session> create)
    {
        lock (_adding)
        {
            while (true)
            {
                var session = create(RandomHex.Digits(8), Shared(conversation));
                if (_sessions.TryAdd(session.Id, session)) return session;
            }
        }
    }

    /// <summary>Puts back a session of an earlier process under the live id it had. When another request was faster, that one's.</summary>
    public Session Restore(string id, Conversation conversation, Func<string, Conversation, Session> create)
    {
        lock (_adding) return _sessions.GetOrAdd(id, name => create(name, Shared(conversation)));
    }

    /// <summary>Finds a live session; null when there is none.</summary>
    public Session? Find(string? id) => id is not null && _sessions.TryGetValue(id, out var session) ? session : null;

    /// <summary>Finds a live session by its stored key; null when there is none.</summary>
    public Session? FindKey(string? key) => key is null ? null : _sessions.Values.FirstOrDefault(session => session.Key == key);

    /// <summary>The session, or another live one on its conversation when it was closed; itself when there is none.</summary>
    public Session OpenOne(Session session) => session.Closed ? FindKey(session.Key) ?? session : session;

    /// <summary>Takes a session out; null when there is none.</summary>
    public Session? Remove(string? id) => id is not null && _sessions.TryRemove(id, out var session) ? session : null;

    private Conversation Shared(Conversation conversation) => FindKey(conversation.Key)?.Conversation ?? conversation;
}
