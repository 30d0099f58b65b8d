using Gateway.Agent;
using Gateway.Mcp;
using Gateway.Protocol;
using Gateway.Protocol.Messages;
using Gateway.Sessions;
using Gateway.Storage;

namespace Gateway.Rpc;

/// <summary>Makes sessions and says what clients show about them.</summary>
internal sealed class SessionFactory
{
    /// <summary>Terminal width of a client that named none.</summary>
    public const int DefaultColumns = 80;

    private readonly SessionStore _sessions;
    private readonly PendingQuestions _questions;
    private readonly Outbox _outbox;
    private readonly SessionWork _work;
    private readonly SessionRecords _records;
    private readonly SessionCopies _copies;
    private readonly TimeProvider _time;
    private readonly Func<IReadOnlyList<McpServerState>> _servers;

    /// <summary>Creates a factory.</summary>
    public SessionFactory(SessionStore sessions, PendingQuestions questions, Outbox outbox, SessionWork work, SessionRecords records, SessionCopies copies, TimeProvider time, Func<IReadOnlyList<McpServerState>> servers)
    {
        _servers = servers;
        _sessions = sessions;
        _questions = questions;
        _outbox = outbox;
        _work = work;
        _records = records;
        _copies = copies;
        _time = time;
    }

    /// <summary>The wire events of a session made here.</summary>
    public static SessionEvents EventsOf(Session session) => (SessionEvents)session.Events;

    /// <summary>Creates a live session.</summary>
    /// <param name="columns">Terminal width in columns.</param>
    public Session Create(int columns) => Announced(_sessions.Add(new Conversation(_sessions.NewKey(), null, null, null), (id, conversation) => New(id, conversation, columns)));

    /// <summary>Makes a stored session live under a fresh id.</summary>
    /// <exception cref="SessionDatabaseException">It cannot be read.</exception>
    public Session Resume(SessionHead head, int columns) =>
        Announced(_sessions.Add(Stored(head), (id, conversation) => New(id, conversation, columns)));

    /// <summary>The same with everything that was said, for what goes on with it.</summary>
    /// <exception cref="RpcException">4001, there is none; 5000, it cannot be read.</exception>
    public Session RequireLoaded(string? id)
    {
        var session = Require(id);
        try
        {
            session.Load();
            return session;
        }
        catch (SessionDatabaseException exception)
        {
            throw new RpcException(ErrorCode.StateUnavailable, $"state.db unavailable: {exception.Message}");
        }
    }

    /// <summary>The same for callers that must not wait for the disk: a session that is not live is looked up on the thread pool.</summary>
    /// <exception cref="RpcException">4001, there is none; 5000, it cannot be read.</exception>
    public ValueTask<Session> RequireAsync(string? id, CancellationToken cancellationToken) =>
        (_sessions.Find(id) ?? _sessions.FindKey(id)) is { } live ? new(live) : new(Task.Run(() => Require(id), cancellationToken));

    /// <summary>The session that a client names by a live id, a live id of an earlier process, or a stored key.</summary>
    /// <exception cref="RpcException">4001, there is none; 5000, it cannot be read.</exception>
    public Session Require(string? id)
    {
        if ((_sessions.Find(id) ?? _sessions.FindKey(id)) is { } live) return live;
        try
        {
            if (!string.IsNullOrEmpty(id) && _records.KeyOfLiveId(id) is string key && _records.Head(key) is { } journalled)
                return _sessions.Restore(id, Stored(journalled), (name, conversation) => New(name, conversation, DefaultColumns));
            if (!string.IsNullOrEmpty(id) && _records.Head(id) is { } head && head.Id == id) return Resume(head, DefaultColumns);
        }
        catch (SessionDatabaseException exception)
        {
            throw new RpcException(ErrorCode.StateUnavailable, $"state.db unavailable: {exception.Message}");
        }

        throw new RpcException(ErrorCode.SessionNotFound, "session not found");
    }

    /// <summary>Makes a copy of a session, with all that was said before the turn that runs, live under a fresh id.</summary>
    /// <param name="source">The session.</param>
    /// <param name="wanted">A clean title; null takes the next in the line of the source's.</param>
    /// <param name="title">The title it got.</param>
    /// <exception cref="TitleRefusedException">Another session has the title.</exception>
    /// <exception cref="SessionDatabaseException">The copy could not be stored.</exception>
    public Session Branch(Session source, string? wanted, out string title)
    {
        string key = _sessions.NewKey();
        var history = source.History(out long? before);
        (title, long? tail) = _copies.Branch(source.Key, key, wanted, before);
        return Announced(_sessions.Add(
            new Conversation(key, () => history, source.Conversation.SystemPrompt, tail),
            (id, conversation) => New(id, conversation, source.Columns)));
    }

    /// <summary>The model that the next turn would use.</summary>
    public string Model => _work.Model().Name;

    /// <summary>Writes a turn of a session to disk.</summary>
    public TurnRecorder Recorder(Session session) => new(session, _records, Model, _time);

    /// <summary>The transcript of a stored session, what it continues included.</summary>
    /// <exception cref="SessionDatabaseException">It cannot be read.</exception>
    public IReadOnlyList<TranscriptRow> StoredTranscript(string key) => Transcript.Rows(MessageRecords.FromRows(Lineage.Joined(_records.Shown(key))));

    // The conversation as it is on disk, unless it is live. The tail is read first: what comes in between is taken up by the next turn.
    private Conversation Stored(SessionHead head)
    {
        if (_sessions.FindKey(head.Id) is { } live) return live.Conversation;
        long? tail = _records.Tail(head.Id);
        return new Conversation(head.Id, () => MessageRecords.FromRows(_records.Messages(head.Id)), head.SystemPrompt, tail);
    }

    // A session that cannot be stored works all the same; its first turn says so.
    private Session Announced(Session session)
    {
        try
        {
            _records.Open(session.Key, session.Id, _work.Model().Name);
        }
        catch (SessionDatabaseException)
        {
        }

        return session;
    }

    private Session New(string id, Conversation conversation, int columns)
    {
        var events = new SessionEvents(_outbox, id, _work.Captions, _work.ShowsTools, _work.PreviewLength, Usage);
        var session = new Session(id, conversation, _work.WorkingDirectory, events) { Columns = columns };
        session.Approvals = new SessionApprovals(id, _questions, _work.PermanentGrants(), events, _work.ApprovalPolicy);
        session.Questions = new SessionQuestions(id, _questions, events, _work.AnswerTime);
        _questions.Open(id);
        return session;
    }

    /// <summary>Everything a client shows about a session; complete, so that it needs no later event.</summary>
    public SessionInfo Info(Session session)
    {
        var settings = _work.Settings();
        return new SessionInfo
        {
            Model = _work.Model().Name,
            ReasoningEffort = settings.ReasoningEffort == "none" ? "" : settings.ReasoningEffort,
            ServiceTier = settings.ServiceTier,
            Fast = settings.ServiceTier == "priority",
            Tools = _work.Tools().ByToolset().ToDictionary(pair => pair.Key, pair => (IReadOnlyList<string>)pair.Value),
            Skills = SkillsByCategory(),
            Cwd = session.WorkingDirectory,
            Version = BuildInfo.Version,
            ReleaseDate = "",
            UpdateCommand = "",
            Usage = Usage(session.Usage),
            McpServers = [.. _servers().Select(Entry)],
            CredentialWarning = _work.CredentialWarning(),
            ConfigWarning = _work.ConfigWarning(),
        };
    }

    private static McpServerEntry Entry(McpServerState server) => new(
        server.Name,
        server.Transport,
        server.Tools,
        server.Connected,
        server.Problem,
        server.Sampling is { } used ? new McpSamplingEntry(used.Requests, used.Errors, used.Tokens) : null);

    /// <summary>The usage object for tokens spent (WIRE 8.1).</summary>
    public UsageResult Usage(TokenUsage usage)
    {
        var (model, window) = _work.Model();
        return new UsageResult(
            model,
            usage.Input == 0 ? usage.Prompt : usage.Input,
            usage.Output,
            usage.CacheRead,
            usage.CacheWrite,
            usage.Prompt,
            usage.Output,
            usage.Total,
            usage.Calls,
            usage.Compressions,
            usage.Calls > 0 && usage.Unpriced == 0 ? "estimated" : "unknown")
        {
            CostUsd = usage.Calls > 0 && usage.Unpriced == 0 ? Math.Round(usage.Cost, 6) : null,
            ContextUsed = window is null ? null : usage.LastPrompt,
            ContextMax = window,
            ContextPercent = window is int size ? (int)Math.Clamp(Math.Round(100.0 * usage.LastPrompt / size), 0, 100) : null,
        };
    }

    private Dictionary<string, IReadOnlyList<string>> SkillsByCategory() =>
        _work.Skills()
            .GroupBy(skill => string.IsNullOrEmpty(skill.Category) ? "general" : skill.Category, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => (IReadOnlyList<string>)[.. group.Select(skill => skill.Name)]);
}
