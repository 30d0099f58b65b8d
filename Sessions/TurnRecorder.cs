using System.Text;
using Gateway.Agent;
using Gateway.Config;
using Gateway.Storage;
using Gateway.Tools;

namespace Gateway.Sessions;

/// <summary>Writes one turn to disk while it happens and passes on what the agent reports: the prompt before it is accepted, each
/// message when it is complete, streamed text at least once a second. A disk that fails costs the record, never the turn: the
/// user is told once.</summary>
internal sealed class TurnRecorder : IAgentEvents, IDisposable
{
    /// <summary>Streamed text is on disk this much later at the latest.</summary>
    public static readonly TimeSpan PartialDelay = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Session _session;
    private readonly SessionRecords _records;
    private readonly string _model;
    private readonly ITimer _timer;
    private readonly StringBuilder _text = new();
    private readonly Dictionary<string, long> _results = new(StringComparer.Ordinal);
    private long? _partialRow;
    private long? _firstRow;
    private bool _timerRuns;
    private bool _promptKept;
    private bool _failed;
    private bool _finished;

    /// <summary>Creates the recorder of a turn; nothing is written yet.</summary>
    /// <param name="session">The session whose turn it is.</param>
    /// <param name="records">Where it is written.</param>
    /// <param name="model">Model, for a session that has no row yet.</param>
    /// <param name="time">The clock.</param>
    public TurnRecorder(Session session, SessionRecords records, string model, TimeProvider time)
    {
        _session = session;
        _records = records;
        _model = model;
        _timer = time.CreateTimer(_ => StorePartial(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The row of the prompt; null until it is stored.</summary>
    public long? PromptRow { get; private set; }

    /// <summary>Stores the prompt.</summary>
    public void Prompt(string text)
    {
        lock (_gate)
        {
            PromptRow = Keep(new StoredMessage("user", text));
            _promptKept = true;
        }
    }

    private PendingRows Pending => _session.Conversation.Pending;

    /// <summary>Stores the instructions of the session.</summary>
    public void Instructions(string text)
    {
        lock (_gate) Try(() => _records.SetSystemPrompt(_session.Key, text));
    }

    /// <summary>The conversation goes on under another key; rows of the old one are no longer touched.</summary>
    public void Moved()
    {
        lock (_gate)
        {
            _results.Clear();
            _partialRow = null;
            _firstRow = null;
        }
    }

    /// <summary>Takes what the turn has stored, since the conversation went on under its present key, out again.</summary>
    /// <returns><see langword="false"/> when it cannot be taken out.</returns>
    public bool Withdraw()
    {
        lock (_gate)
        {
            if (Pending.Any) return false;
            Discard();
            if (_firstRow is not long first) return true;
            if (!Try(() => _records.RemoveFrom(_session.Key, first))) return false;
            _firstRow = PromptRow = null;
            return true;
        }
    }

    /// <summary>The turn ended: what was streamed without becoming part of the conversation is taken out again.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            _finished = true;
            Discard();
            Try(() =>
            {
                Pending.Store(_records, _session.Key, _model);
                _session.Conversation.StoredTail = _records.Tail(_session.Key);
            });
        }

        _timer.Dispose();
    }

    /// <inheritdoc/>
    public void MessageAdded(ConversationMessage message)
    {
        lock (_gate)
        {
            if (message.Role == Role.User && _promptKept)
            {
                _promptKept = false;
                return;
            }

            Store(message);
        }
    }

    /// <inheritdoc/>
    public void TokensSpent(TokenUsage usage, ModelEndpoint endpoint)
    {
        lock (_gate) Try(() => _records.AddTokens(_session.Key, UsageRows.Of(usage, endpoint)));
    }

    /// <inheritdoc/>
    public void ModelCallStarted()
    {
        lock (_gate) Discard();
        _session.Events.ModelCallStarted();
    }

    /// <inheritdoc/>
    public void TextDelta(ReadOnlySpan<char> text)
    {
        lock (_gate)
        {
            _text.Append(text);
            if (!_timerRuns && !_failed) _timerRuns = _timer.Change(PartialDelay, Timeout.InfiniteTimeSpan);
        }

        _session.Events.TextDelta(text);
    }

    /// <inheritdoc/>
    public void ModelCallEnded() => _session.Events.ModelCallEnded();

    /// <inheritdoc/>
    public void ReasoningDelta(ReadOnlySpan<char> text) => _session.Events.ReasoningDelta(text);

    /// <inheritdoc/>
    public void ReplyText(string text) => _session.Events.ReplyText(text);

    /// <inheritdoc/>
    public void ToolGenerating(string name) => _session.Events.ToolGenerating(name);

    /// <inheritdoc/>
    public void ToolStarted(ToolCall call, string preview) => _session.Events.ToolStarted(call, preview);

    /// <inheritdoc/>
    public void ToolsStarted(IReadOnlyList<(ToolCall Call, string Preview)> calls) => _session.Events.ToolsStarted(calls);

    /// <inheritdoc/>
    public void ToolCompleted(ToolCall call, ToolResult result, TimeSpan duration) => _session.Events.ToolCompleted(call, result, duration);

    /// <inheritdoc/>
    public ValueTask RoomAsync(CancellationToken cancellationToken) => _session.Events.RoomAsync(cancellationToken);

    /// <inheritdoc/>
    public void Status(string kind, string text) => _session.Events.Status(kind, text);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    // A result that is stored again, shortened, takes the place of its first form; a whole answer that of its beginning.
    private void Store(ConversationMessage message)
    {
        var row = MessageRecords.ToRow(message);
        long? replaces = message.ToolCallId is string id && _results.TryGetValue(id, out long known) ? known : message.Role == Role.Assistant ? _partialRow : null;
        long? stored = Keep(row, replaces);
        if (message.ToolCallId is string answered && stored is long result) _results[answered] = result;
        if (message.Role != Role.Assistant) return;
        _partialRow = null;
        _text.Clear();
        _results.Clear();
    }

    // On disk, behind everything that waits to get there; else it waits too.
    private long? Keep(StoredMessage row, long? replaces = null)
    {
        long? stored = replaces;
        bool done = Try(() =>
        {
            Pending.Store(_records, _session.Key, _model);
            if (replaces is long known) _records.Replace(_session.Key, known, row);
            else stored = _records.Append(_session.Key, _model, row);
        });
        if (done)
        {
            _firstRow ??= stored;
            return stored;
        }

        Pending.Add(row, replaces);
        return null;
    }

    private void StorePartial()
    {
        lock (_gate)
        {
            _timerRuns = false;
            string text = _text.ToString().Trim();
            if (_finished || text.Length == 0 || Pending.Any) return;
            var row = new StoredMessage("assistant", text) { FinishReason = "interrupted" };
            Try(() =>
            {
                if (_partialRow is long partial) _records.Replace(_session.Key, partial, row);
                else _partialRow = _records.Append(_session.Key, _model, row);
            });
        }
    }

    private void Discard()
    {
        _text.Clear();
        if (_partialRow is not long partial) return;
        _partialRow = null;
        Try(() => _records.Remove(_session.Key, partial));
    }

    private bool Try(Action write)
    {
        try
        {
            write();
            if (_failed && !Pending.Any) _session.Events.Status("lifecycle", "This conversation is being saved again.");
            _failed &= Pending.Any;
            return true;
        }
        catch (SessionDatabaseException exception)
        {
            if (!_failed) _session.Events.Status("warn", $"⚠ This conversation is not being saved: state.db: {exception.Message}");
            _failed = true;
            return false;
        }
    }
}
