using Gateway.Agent;
using Gateway.Agent.Compression;
using Gateway.Config;
using Gateway.Storage;
using Gateway.Tools;

namespace Gateway.Sessions;

/// <summary>What compressing inside a turn needs of the process.</summary>
/// <param name="Sessions">Makes new stored keys.</param>
/// <param name="Copies">Stores the shorter conversation.</param>
/// <param name="Locks">Claims the new stored key.</param>
/// <param name="Compressor">Writes the summary.</param>
/// <param name="Kit">Configuration.</param>
internal sealed record CompactionRoom(SessionStore Sessions, SessionCopies Copies, TurnLocks Locks, Compressor Compressor, ToolKit Kit);

/// <summary>Shortens the conversation of a turn that runs, and goes on in a child row (STATE.md section 4).</summary>
internal sealed class TurnCompaction(Session session, RunningTurn turn, CompactionRoom room) : ITurnCompaction
{
    private const int UselessInARow = 2;
    private const double LeastGain = 0.1;

    /// <inheritdoc/>
    public long Threshold(ModelEndpoint endpoint)
    {
        var config = room.Kit.Settings;
        return config.Find("compression", "enabled").AsBool(true) && session.Conversation.UselessCompressions < UselessInARow
            ? CompressionLimits.Of(endpoint, config).Threshold
            : long.MaxValue;
    }

    /// <inheritdoc/>
    public void Learned(ModelEndpoint endpoint, bool stated)
    {
        if (endpoint.ContextLength is not { } window) return;
        session.Conversation.SmallerWindow = (endpoint.Model, endpoint.BaseUrl, window);
        session.Conversation.UselessCompressions = 0;
        if (stated) ContextLengthCache.Remember(room.Kit.Environment.HermesHome, endpoint.Model, endpoint.BaseUrl, window);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ConversationMessage>?> CompactAsync(
        IReadOnlyList<ConversationMessage> messages, ModelEndpoint endpoint, IAgentEvents events, CancellationToken cancellationToken)
    {
        var config = room.Kit.Settings;
        if (!config.Find("compression", "enabled").AsBool(true)) return null;
        try
        {
            var writer = SummaryModel.For(endpoint, room.Kit.Environment, config);
            var shorter = await room.Compressor.CompressAsync(
                messages,
                null,
                writer,
                AgentSettingsReader.Read(config, room.Kit.Environment),
                CompressionLimits.Of(endpoint, config),
                withoutSummary: true,
                events,
                cancellationToken);
            if (ReferenceEquals(shorter.Messages, messages)) return null;
            Measure(messages, shorter.Messages);
            Move(shorter, endpoint);
            turn.Recorder?.TokensSpent(shorter.Usage, writer.Endpoint);
            return shorter.Messages;
        }
        catch (CompressionFailedException exception)
        {
            if (!cancellationToken.IsCancellationRequested) events.Status("warn", $"⚠ {exception.Message}");
            return null;
        }
        catch (SessionDatabaseException exception)
        {
            events.Status("warn", $"⚠ The conversation was not compressed: state.db: {exception.Message}");
            return null;
        }
    }

    // What does not shorten is not worth its price a third time.
    private void Measure(IReadOnlyList<ConversationMessage> before, IReadOnlyList<ConversationMessage> after)
    {
        bool useless = Compressor.Estimate(after) > Compressor.Estimate(before) * (1 - LeastGain);
        session.Conversation.UselessCompressions = useless ? session.Conversation.UselessCompressions + 1 : 0;
    }

    private void Move(CompressedConversation shorter, ModelEndpoint endpoint)
    {
        string key = room.Sessions.NewKey();
        long? tail = room.Copies.Continue(session.Key, key, endpoint.Model, shorter.Messages.Select(MessageRecords.ToRow));
        if (room.Locks.TryTake(key, out var held) && held is not null) turn.Lock = new BothLocks(turn.Lock, held);
        session.Continue(key, shorter.Messages, tail, shorter.Usage with { LastPrompt = Compressor.Estimate(shorter.Messages), Compressions = 1 });
        turn.Recorder?.Moved();
        turn.History = shorter.Messages;
    }

    private sealed class BothLocks(IDisposable? first, IDisposable second) : IDisposable
    {
        public void Dispose()
        {
            first?.Dispose();
            second.Dispose();
        }
    }
}
