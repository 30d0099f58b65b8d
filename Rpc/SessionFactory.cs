using Gateway.Agent;
using Gateway.Protocol.Messages;
using Gateway.Sessions;

namespace Gateway.Rpc;

/// <summary>Makes sessions and says what clients show about them.</summary>
internal sealed class SessionFactory
{
    private readonly SessionStore _sessions;
    private readonly PendingQuestions _questions;
    private readonly Outbox _outbox;
    private readonly SessionWork _work;

    /// <summary>Creates a factory.</summary>
    public SessionFactory(SessionStore sessions, PendingQuestions questions, Outbox outbox, SessionWork work)
    {
        _sessions = sessions;
        _questions = questions;
        _outbox = outbox;
        _work = work;
    }

    /// <summary>The wire events of a session made here.</summary>
    public static SessionEvents EventsOf(Session session) => (SessionEvents)session.Events;

    /// <summary>Creates a live session.</summary>
    /// <param name="columns">Terminal width in columns.</param>
    public Session Create(int columns) => _sessions.Create((id, key) =>
    {
        var events = new SessionEvents(_outbox, id, _work.Captions(), Usage);
        var session = new Session(id, key, _work.WorkingDirectory, events) { Columns = columns };
        session.Approvals = new SessionApprovals(id, _questions, _work.PermanentGrants(), events, _work.ApprovalPolicy);
        events.ShowsTools = _work.ShowsTools();
        return session;
    });

    /// <summary>Everything a client shows about a session; complete, so that it needs no later event.</summary>
    public SessionInfo Info(Session session)
    {
        var settings = _work.Settings();
        return new SessionInfo
        {
            Model = _work.Model().Name,
            ReasoningEffort = settings.ReasoningEffort,
            ServiceTier = settings.ServiceTier,
            Fast = settings.ServiceTier == "priority",
            Tools = _work.Tools().ByToolset().ToDictionary(pair => pair.Key, pair => (IReadOnlyList<string>)pair.Value),
            Skills = SkillsByCategory(),
            Cwd = session.WorkingDirectory,
            Version = BuildInfo.Version,
            ReleaseDate = "",
            UpdateCommand = "",
            Usage = Usage(session.Usage),
            McpServers = [],
            CredentialWarning = _work.CredentialWarning(),
            ConfigWarning = _work.ConfigWarning(),
        };
    }

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
            "unknown")
        {
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
