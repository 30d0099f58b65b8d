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
/// <param name="session">The session.</param>
/// <param name="turn">Its turn.</param>
/// <param name="room">What it needs of the process.</param>
/// <param name="instructions">Writes the instructions of the session anew, as they are kept and as they are sent.</param>
internal sealed class TurnCompaction(
    Session session, RunningTurn turn, CompactionRoom room, Func<ModelEndpoint, (string Kept, string Sent)> instructions) : InMemoryCompaction(room.Compressor, room.Kit)
{
    private string? _instructions;

    /// <inheritdoc/>
    public override string? Instructions => _instructions;

    /// <inheritdoc/>
    protected override int Useless
    {
        get => session.Conversation.UselessCompressions;
        set => session.Conversation.UselessCompressions = value;
    }

    /// <inheritdoc/>
    protected override DateTimeOffset SummariesRestUntil
    {
        get => session.Conversation.SummariesRestUntil;
        set => session.Conversation.SummariesRestUntil = value;
    }

    /// <inheritdoc/>
    public override void Learned(ModelEndpoint endpoint, bool stated)
    {
        if (endpoint.ContextLength is { } window) session.Conversation.SmallerWindow = (endpoint.Model, endpoint.BaseUrl, window);
        base.Learned(endpoint, stated);
    }

    /// <inheritdoc/>
    protected override bool Keep(CompressedConversation shorter, ModelEndpoint endpoint, IAgentEvents events)
    {
        try
        {
            Move(shorter, endpoint);
            return true;
        }
        catch (SessionDatabaseException exception)
        {
            events.Status("warn", $"⚠ The conversation was not compressed: state.db: {exception.Message}");
            return false;
        }
    }

    private void Move(CompressedConversation shorter, ModelEndpoint endpoint)
    {
        string key = room.Sessions.NewKey();
        long? tail = room.Copies.Continue(session.Key, key, endpoint.Model, shorter.Messages.Select(MessageRecords.ToRow));
        if (room.Locks.TryTake(key, out var held) && held is not null) turn.Lock = new BothLocks(turn.Lock, held);
        session.Continue(key, shorter.Messages, tail, shorter.Usage with { LastPrompt = Compressor.Estimate(shorter.Messages), Compressions = 1 });
        turn.Recorder?.Moved();
        turn.History = shorter.Messages;
        (string kept, _instructions) = instructions(endpoint);
        session.Conversation.SystemPrompt = kept;
        turn.Recorder?.Instructions(kept);
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
