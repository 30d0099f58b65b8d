using Gateway.Agent;
using Gateway.Tools;

namespace Gateway.Sessions;

/// <summary>What was said under one stored key. Every live session on that key shares it, so that they neither diverge nor run
/// turns over each other (WIRE 7.1). All but the constructor is to be used under <see cref="Gate"/>, unless said otherwise.</summary>
internal sealed class Conversation
{
    private readonly List<ConversationMessage> _history = [];
    private volatile string _key;
    private Func<IReadOnlyList<ConversationMessage>>? _load;

    /// <summary>Starts or takes up a conversation.</summary>
    /// <param name="key">Stored key.</param>
    /// <param name="load">Reads what was said so far, when it is first needed: showing a conversation and going on with it are two
    /// things, and the first needs no tool results.</param>
    /// <param name="systemPrompt">Instructions of its first turn; null when none ran.</param>
    /// <param name="storedTail">Row of its newest stored message; null when there is none.</param>
    public Conversation(string key, Func<IReadOnlyList<ConversationMessage>>? load, string? systemPrompt, long? storedTail)
    {
        _key = key;
        _load = load;
        SystemPrompt = systemPrompt;
        StoredTail = storedTail;
    }

    /// <summary>Guards everything here. Never held across a model call or a write to disk: interrupts wait for it.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Stored key; compression moves the conversation to a new one. Safe to read without the gate.</summary>
    public string Key
    {
        get => _key;
        set => _key = value;
    }

    /// <summary>The messages that the next turn builds on.</summary>
    /// <exception cref="Storage.SessionDatabaseException">They cannot be read; the next use tries again.</exception>
    public List<ConversationMessage> History
    {
        get
        {
            if (_load is not null) TakeUp(_load());
            return _history;
        }
    }

    /// <summary>Reads what was said so far, without the gate; null when that is known already.</summary>
    /// <exception cref="Storage.SessionDatabaseException">It cannot be read.</exception>
    public IReadOnlyList<ConversationMessage>? Read() => Volatile.Read(ref _load)?.Invoke();

    /// <summary>Takes up what <see cref="Read"/> brought, unless somebody else was faster.</summary>
    public void TakeUp(IReadOnlyList<ConversationMessage> history)
    {
        if (_load is null) return;
        _history.AddRange(history);
        _load = null;
    }

    /// <summary>Instructions, fixed at the first turn so that providers can cache them. Set only by the turn that runs.</summary>
    public string? SystemPrompt { get; set; }

    /// <summary>What its tools remember; null before its first turn. Set only by the turn that runs.</summary>
    public ToolState? ToolState { get; set; }

    /// <summary>A model that takes fewer tokens than it was thought to, and how many; null while none is known. Set only by the turn that
    /// runs.</summary>
    public (string Model, string BaseUrl, int Window)? SmallerWindow { get; set; }

    /// <summary>How many compressions in a row saved next to nothing. Set only by the turn that runs.</summary>
    public int UselessCompressions { get; set; }

    /// <summary>Until when no summary of it is asked for, because the last attempt failed. Set only by the turn that runs.</summary>
    public DateTimeOffset SummariesRestUntil { get; set; }

    /// <summary>When it is time to look back over it.</summary>
    public ReviewCounter Reviews { get; } = new();

    /// <summary>Row of the newest message that this process stored or read. Another row on disk means that another process went on
    /// with the conversation. Set only by the turn that runs.</summary>
    public long? StoredTail { get; set; }

    /// <summary>Messages that are not on disk yet. Used only by the turn that runs, and by undo when none does.</summary>
    public PendingRows Pending { get; } = new();

    /// <summary>Tokens of all turns of this process.</summary>
    public TokenUsage Usage { get; set; }

    /// <summary>The turn that runs, and the live session that started it.</summary>
    public RunningTurn? Turn { get; set; }

    /// <summary>A turn that is over, of whose end the client is just being told.</summary>
    public RunningTurn? Unreported { get; set; }
}
