using Gateway.Agent;
using Gateway.Display;
using Gateway.Protocol;
using Gateway.Protocol.Messages;
using Gateway.Sessions;
using Gateway.Sessions.Subagents;
using Gateway.Tools;
using Gateway.Transport;

namespace Gateway.Rpc;

/// <summary>Turns what a session reports into wire events (WIRE section 10); the only place that does.</summary>
internal sealed class SessionEvents : ISessionEvents
{
    private const int ReplyTextLimit = 500;

    // Arguments can be whole files; no client shows more of them on one line.
    private const int LongestPreview = 2000;
    private const int ShortestPreview = 4;
    private readonly Outbox _outbox;
    private readonly EventLog _log;
    private readonly Func<Func<string>> _captions;
    private readonly Func<bool> _showsTools;
    private readonly Func<int> _previewLength;
    private readonly Func<TokenUsage, UsageResult> _usage;
    private Func<string>? _caption;
    private int _preview = LongestPreview;
    private bool _captionShown;

    /// <summary>Creates the events of one session.</summary>
    /// <param name="outbox">The client that made the session.</param>
    /// <param name="sessionId">Live session id.</param>
    /// <param name="captions">What makes captions for the busy indicator; asked for at each turn.</param>
    /// <param name="showsTools">Whether tool events are sent: display.tool_progress is not off (WIRE 10.1); asked for at each event.</param>
    /// <param name="previewLength">display.tool_preview_length; asked for at each turn.</param>
    /// <param name="usage">The usage object for a session's tokens.</param>
    public SessionEvents(Outbox outbox, string sessionId, Func<Func<string>> captions, Func<bool> showsTools, Func<int> previewLength, Func<TokenUsage, UsageResult> usage)
    {
        _outbox = outbox;
        _log = new EventLog(sessionId);
        _captions = captions;
        _showsTools = showsTools;
        _previewLength = previewLength;
        _usage = usage;
    }

    /// <summary>Whether tool events are sent now: display.tool_progress is not off (WIRE 10.1). A change counts in the middle of a turn, too.</summary>
    public bool ShowsTools => _showsTools();

    /// <summary>The events sent so far, as far as they are kept.</summary>
    public EventLog Log => _log;

    /// <summary>See <see cref="Outbox.Epoch"/>.</summary>
    public string Epoch => _outbox.Epoch;

    /// <summary>Sends session.info.</summary>
    public void Info(SessionInfo info) => _outbox.Event(_outbox.Events.SessionInfo, _log, info, GatewayJson.Default.SessionInfo);

    /// <inheritdoc/>
    public void TurnStarted()
    {
        Renew();
        _outbox.Event(_outbox.Events.MessageStart, _log);
    }

    /// <inheritdoc/>
    public void TurnCompleted(TurnResult result, TokenUsage sessionUsage)
    {
        string status = result.Status switch
        {
            TurnStatus.Interrupted => "interrupted",
            TurnStatus.Error => "error",
            _ => "complete",
        };
        string? text = string.IsNullOrEmpty(result.Text) ? null : result.Text;
        var payload = new MessageCompleteEvent(_usage(sessionUsage), status, text, result.Reasoning, result.Warning);
        _outbox.Event(_outbox.Events.MessageComplete, _log, payload, GatewayJson.Default.MessageCompleteEvent);
    }

    /// <inheritdoc/>
    public void TurnFailed(string message) =>
        _outbox.Event(_outbox.Events.Error, _log, new ErrorEvent(message), GatewayJson.Default.ErrorEvent);

    /// <inheritdoc/>
    public void ApprovalRequested(ApprovalRequest request, string requestId)
    {
        var payload = new ApprovalRequestEvent(request.Command, request.PatternKeys[0], request.PatternKeys, request.Description, requestId);
        _outbox.Event(_outbox.Events.ApprovalRequest, _log, payload, GatewayJson.Default.ApprovalRequestEvent);
    }

    /// <inheritdoc/>
    public void ClarifyRequested(string question, IReadOnlyList<string>? choices, string requestId) => _outbox.Event(
        _outbox.Events.ClarifyRequest, _log, new ClarifyRequestEvent(question, choices, requestId), GatewayJson.Default.ClarifyRequestEvent);

    /// <inheritdoc/>
    public void SudoRequested(string requestId) =>
        _outbox.Event(_outbox.Events.SudoRequest, _log, new SudoRequestEvent(requestId), GatewayJson.Default.SudoRequestEvent);

    /// <inheritdoc/>
    public void SecretRequested(string variable, string prompt, string requestId) => _outbox.Event(
        _outbox.Events.SecretRequest, _log, new SecretRequestEvent(variable, prompt, requestId), GatewayJson.Default.SecretRequestEvent);

    /// <inheritdoc/>
    public void Subagent(SubagentEvent happened)
    {
        if (!ShowsTools) return;
        var names = _outbox.Events;
        var name = happened.Moment switch
        {
            SubagentMoment.Requested => names.SubagentRequested,
            SubagentMoment.Started => names.SubagentStart,
            SubagentMoment.Asking or SubagentMoment.Thinking => names.SubagentThinking,
            SubagentMoment.Tool => names.SubagentTool,
            SubagentMoment.Progress => names.SubagentProgress,
            _ => names.SubagentComplete,
        };
        if (happened.Moment == SubagentMoment.Asking) happened = happened with { Text = Caption() };
        _outbox.Event(name, _log, SubagentPayloads.Of(happened), GatewayJson.Default.SubagentEventPayload);
    }

    /// <inheritdoc/>
    public void BackgroundCompleted(string taskId, string text) =>
        _outbox.Event(_outbox.Events.BackgroundComplete, _log, new BackgroundCompleteEvent(taskId, text), GatewayJson.Default.BackgroundCompleteEvent);

    /// <inheritdoc/>
    public void ModelCallStarted()
    {
        _captionShown = true;
        _outbox.TextEvent(_outbox.Events.ThinkingDelta, _log, Caption(), Joining.Replace);
    }

    /// <inheritdoc/>
    public void ModelCallEnded() => ClearCaption();

    /// <inheritdoc/>
    public void TextDelta(ReadOnlySpan<char> text)
    {
        ClearCaption();
        _outbox.TextEvent(_outbox.Events.MessageDelta, _log, text, Joining.Append);
    }

    /// <inheritdoc/>
    public void ReasoningDelta(ReadOnlySpan<char> text)
    {
        ClearCaption();
        _outbox.TextEvent(_outbox.Events.ReasoningDelta, _log, text, Joining.Append);
    }

    /// <inheritdoc/>
    public void ReplyText(string text)
    {
        if (ShowsTools) _outbox.TextEvent(_outbox.Events.ReasoningAvailable, _log, Start(text));
    }

    /// <inheritdoc/>
    public void ToolGenerating(string name)
    {
        ClearCaption();
        if (ShowsTools) _outbox.Event(_outbox.Events.ToolGenerating, _log, new ToolGeneratingEvent(name), GatewayJson.Default.ToolGeneratingEvent);
    }

    /// <inheritdoc/>
    public void ToolStarted(ToolCall call, string preview) => ToolsStarted([(call, preview)]);

    /// <inheritdoc/>
    public void ToolsStarted(IReadOnlyList<(ToolCall Call, string Preview)> calls)
    {
        if (!ShowsTools) return;
        foreach (var (call, _) in calls)
        {
            var payload = new ToolProgressEvent(call.Name, ToolPreview.Of(call.Name, call.Arguments, _preview));
            _outbox.Event(_outbox.Events.ToolProgress, _log, payload, GatewayJson.Default.ToolProgressEvent);
        }

        foreach (var (call, preview) in calls)
            _outbox.Event(_outbox.Events.ToolStart, _log, new ToolStartEvent(call.Id, call.Name, preview), GatewayJson.Default.ToolStartEvent);
    }

    /// <inheritdoc/>
    public void ToolCompleted(ToolCall call, ToolResult result, TimeSpan duration)
    {
        // What changed in files is shown even to those who want to see no tools (WIRE 10.1).
        if (!ShowsTools && result.InlineDiff is null) return;
        var payload = new ToolCompleteEvent(call.Id, call.Name, duration.TotalSeconds, result.Error, ToolSummary.Of(call.Name, result, duration))
        {
            InlineDiff = result.InlineDiff,
            Todos = result.Todos?.Select(todo => new TodoEntry(todo.Id, todo.Content, todo.Status)).ToArray(),
        };
        _outbox.Event(_outbox.Events.ToolComplete, _log, payload, GatewayJson.Default.ToolCompleteEvent);
    }

    /// <inheritdoc/>
    public void Status(string kind, string text)
    {
        text = text.Trim();
        if (text.Length > 0) _outbox.Event(_outbox.Events.StatusUpdate, _log, new StatusUpdateEvent(kind, text), GatewayJson.Default.StatusUpdateEvent);
    }

    // A cut between two surrogates would leave half a character.
    private static ReadOnlySpan<char> Start(string text)
    {
        if (text.Length <= ReplyTextLimit) return text;
        int end = char.IsHighSurrogate(text[ReplyTextLimit - 1]) ? ReplyTextLimit - 1 : ReplyTextLimit;
        return text.AsSpan(0, end);
    }

    /// <inheritdoc/>
    public ValueTask RoomAsync(CancellationToken cancellationToken) => _outbox.RoomAsync(cancellationToken);

    private string Caption()
    {
        if (_caption is null) Renew();
        return VisibleText.Of(_caption!());
    }

    // An edit of the skin or of the length counts from the next turn on.
    private void Renew()
    {
        _caption = _captions();
        _preview = _previewLength() is > 0 and var length ? Math.Clamp(length, ShortestPreview, LongestPreview) : LongestPreview;
    }

    private void ClearCaption()
    {
        if (!_captionShown) return;
        _captionShown = false;
        _outbox.TextEvent(_outbox.Events.ThinkingDelta, _log, "", Joining.Replace);
    }
}
