using Gateway.Agent;
using Gateway.Agent.Compression;
using Gateway.Storage;

namespace Gateway.Sessions;

/// <summary>Shortens a session's conversation and goes on in a child row, as other programs that share state.db do (STATE.md
/// section 4). The live session follows to the new key (quirk Q17).</summary>
internal sealed class SessionCompression
{
    private readonly SessionStore _sessions;
    private readonly SessionWork _work;
    private readonly SessionCopies _copies;
    private readonly SessionRecords _records;
    private readonly TurnDesk _desk;
    private readonly Compressor _compressor;

    /// <summary>Creates it.</summary>
    public SessionCompression(SessionStore sessions, SessionWork work, SessionCopies copies, SessionRecords records, TurnDesk desk, Compressor compressor)
    {
        _sessions = sessions;
        _work = work;
        _copies = copies;
        _records = records;
        _desk = desk;
        _compressor = compressor;
    }

    /// <summary>Compresses a session that is idle. An interrupt stops it; then, as after any failure, nothing has changed.</summary>
    /// <param name="session">The session.</param>
    /// <param name="focus">What the summary should favour; null for nothing.</param>
    /// <param name="order">Place of the request among the client's.</param>
    /// <param name="cancellationToken">Cancelled when the gateway shuts down.</param>
    /// <returns>By how many messages the conversation became shorter; 0 when there was nothing to shorten.</returns>
    /// <exception cref="TurnRefusedException">A turn runs.</exception>
    /// <exception cref="CompressionFailedException">There is no summary.</exception>
    /// <exception cref="SessionDatabaseException">The shorter conversation cannot be stored.</exception>
    public async ValueTask<int> RunAsync(Session session, string? focus, long order, CancellationToken cancellationToken)
    {
        var turn = await _desk.ClaimAsync(session, order, cancellationToken);
        try
        {
            var (endpoint, problem) = _work.Endpoint();
            if (endpoint is null) throw new CompressionFailedException(problem ?? "no model is configured");
            session.Events.Status("lifecycle", "⟳ compacting context…");
            var writer = _work.SummaryModel(endpoint);
            var shorter = await _compressor.CompressAsync(turn.History, focus, writer, _work.Settings(), _work.CompressionLimits(endpoint), SummaryNeed.Required, session.Events, turn.InterruptToken);
            if (ReferenceEquals(shorter.Messages, turn.History)) return 0;
            string key = _sessions.NewKey();
            IReadOnlyList<ConversationMessage> messages = session.Conversation.ToolState?.Todos.Open() is { } tasks
                ? [.. shorter.Messages, new ConversationMessage(Role.User, tasks)]
                : shorter.Messages;
            long? tail = _copies.Continue(session.Key, key, endpoint.Model, messages.Select(MessageRecords.ToRow));
            session.Continue(key, messages, tail, shorter.Usage with { LastPrompt = Compressor.Estimate(messages), Compressions = 1 });
            _records.AddTokens(key, UsageRows.Of(shorter.Usage, writer.Endpoint));
            return turn.History.Count - messages.Count;
        }
        finally
        {
            _desk.Release(session, turn);
        }
    }
}
