using Gateway.Agent.Models;
using Gateway.Config;
using Gateway.Tools;

namespace Gateway.Agent;

/// <summary>One turn while it runs. Every way out leaves a history that providers accept.</summary>
internal sealed partial class TurnRun(
    TurnRequest request,
    IAgentEvents events,
    TurnModels models,
    ToolBatch batch,
    Func<string, IReadOnlyList<ITool>, ITool?> repairName,
    RetryPolicy retry)
{
    private readonly ToolCallIntake _intake = new(request.Tools, repairName, request.ToolContext.Subagents);
    private readonly TurnMessages _messages = new(request, models, events, retry);
    private readonly Continuations _continued = new();
    private readonly EmptyReplies _empty = new();
    private readonly List<ConversationMessage> _thoughts = [];
    private ModelRequest? _asked;
    private TokenUsage _usage;
    private string? _reasoning;
    private string? _lastText;
    private string? _besideCalls;
    private int _calls;
    private int _refunds;
    private int _announcements;
    private bool _worked;
    private bool _onlyHousekeeping;
    private bool _lengthRetried;
    private bool _breakBeforeText;

    /// <summary>Runs the turn to its end.</summary>
    public async Task<TurnResult> RunAsync(CancellationToken cancellationToken)
    {
        Add(new ConversationMessage(Role.User, request.UserText));
        models.Begin();
        await _messages.ShortenBeforeAsync(cancellationToken);
        var budget = Math.Max(1, request.Settings.MaxTurns);
        while (_calls < budget + _refunds)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return Interrupted(_lastText);
            }

            var outcome = await CallAsync(NewRequest(), cancellationToken);
            var result = outcome.End == CallEnd.Reply
                ? await TakeReplyAsync(outcome.Reply!, outcome.Shown, cancellationToken)
                : await RecoverAsync(outcome, cancellationToken) ? null : EndWithout(outcome, cancellationToken.IsCancellationRequested);
            if (result is not null)
            {
                return result;
            }
        }

        return cancellationToken.IsCancellationRequested ? Interrupted(_lastText) : await SummariseAsync(budget, cancellationToken);
    }

    /// <summary>Makes room for the next request, or finds another model; false when the failure stands.</summary>
    private async Task<bool> RecoverAsync(CallOutcome outcome, CancellationToken cancellationToken)
    {
        if (outcome is not { End: CallEnd.Failed, Error: { } error } || cancellationToken.IsCancellationRequested) return false;
        if (!error.IsTooLarge)
        {
            if (!models.FallBack(error)) return false;
            _thoughts.Clear();
            return true;
        }

        if (await _messages.MakeRoomAsync(error, cancellationToken)) return true;
        if (cancellationToken.IsCancellationRequested) return false;

        // A body too large for the server has nothing to do with what the model takes.
        if (error.Kind != ModelErrorKind.Payload && models.FallBackToLarger(error))
        {
            _thoughts.Clear();
            _messages.NewModel();
            return true;
        }

        events.Status("lifecycle", $"❌ Non-retryable error{(error.Status is { } code ? $" (HTTP {code})" : "")}: {error.Message}");
        return false;
    }

    private void Add(ConversationMessage message) => _messages.Add(message);

    private ModelRequest NewRequest() => new(models.Endpoint, _messages.SystemPrompt, _messages.All, request.Tools, request.Settings)
    {
        OutputCeiling = _messages.OutputCeiling,
        OutputCap = _continued.OutputCap,
        Thoughts = [.. _thoughts],
        CanShrink = _messages.CanShorten,
    };

    private async Task<CallOutcome> CallAsync(ModelRequest model, CancellationToken cancellationToken)
    {
        _calls++;
        _asked = model;
        var outcome = await models.CallAsync(model, NewReply, cancellationToken);
        if (outcome.Reply is { } reply)
        {
            var spent = Prices.Priced(reply.Usage, models.Endpoint);
            events.TokensSpent(spent, models.Endpoint);
            _usage += spent;
            _reasoning = reply.Reasoning ?? _reasoning;
            _breakBeforeText &= !outcome.Shown;
        }

        return outcome;
    }

    private ReplyAssembler NewReply() => new(events, _intake.IsKnown)
    {
        Lead = _breakBeforeText ? "\n\n" : "",
        KeepLeadingNewlines = _continued.Any,
    };

    /// <summary>What a complete reply leads to; null goes on with the next request.</summary>
    private async Task<TurnResult?> TakeReplyAsync(ModelReply reply, bool shown, CancellationToken cancellationToken)
    {
        var text = reply.Text.Trim();
        if (text.Length != 0)
        {
            events.ReplyText(text);
        }

        if (text.Length != 0 || reply.ToolCalls.Count != 0)
        {
            _thoughts.Clear();
        }

        if (reply.ToolCalls.Count != 0)
        {
            return await TakeToolCallsAsync(reply, text, shown, cancellationToken);
        }

        if (reply.FinishReason is "length" or "incomplete")
        {
            return text.Length == 0 && (reply.Reasoning ?? reply.ReasoningDetailsJson) is not null ? CutThought(reply) : Continue(reply);
        }

        if (text.Length == 0 && !_continued.Any)
        {
            return Empty(reply);
        }

        if (text.Length != 0)
        {
            Add(Assistant(reply, text, reply.FinishReason ?? "stop"));
        }

        if (_announcements < Announcement.Max && !_worked && SpeaksResponses && request.Tools.Count != 0 && Announcement.IsAll(Whole(reply.Text)))
        {
            _announcements++;
            events.Status("lifecycle", $"↻ The model only said what it is going to do, asking it to go on ({_announcements}/{Announcement.Max})...");
            Add(new ConversationMessage(Role.User, Announcement.GoOn));
            _breakBeforeText = true;
            _continued.Clear();
            return null;
        }

        return Done(Whole(reply.Text));
    }

    private async Task<TurnResult?> TakeToolCallsAsync(ModelReply reply, string text, bool shown, CancellationToken cancellationToken)
    {
        _worked = true;
        var intake = _intake.Take(reply);
        switch (intake.Verdict)
        {
            // A reply that is asked for again must not run into the text of the discarded one.
            case IntakeVerdict.Truncated:
                if (_lengthRetried)
                {
                    return Failed("Response truncated due to output length limit", text.Length == 0 ? null : Whole(reply.Text));
                }

                _lengthRetried = true;
                _breakBeforeText |= shown;
                return null;
            case IntakeVerdict.AskAgain:
                _breakBeforeText |= shown;
                return null;
            case IntakeVerdict.GiveUp:
                return Failed(intake.Error!, text.Length == 0 ? null : text);
        }

        _empty.Recovered();
        _onlyHousekeeping = intake.Stored.All(call => call.Name is "memory" or "todo" or "skill_manage" or "session_search");
        _besideCalls = text.Length == 0 ? null : text;
        _lastText = _besideCalls ?? _lastText;
        Add(Assistant(reply, text, "tool_calls") with { ToolCalls = intake.Stored });
        if (intake.Verdict == IntakeVerdict.Run)
        {
            _messages.AddTold(await batch.RunAsync(intake.Prepared, request.ToolContext, events, request.Guidance, cancellationToken));
            _messages.Guide(cancellationToken);

            // Scripts that call tools do many steps at the price of one, but not for ever.
            if (_refunds < request.Settings.MaxTurns && intake.Prepared.All(call => call.Tool.Name == "execute_code")) _refunds++;
        }
        else
        {
            foreach (var answer in intake.Answers) Add(answer);
        }

        _breakBeforeText = true;
        _continued.Clear();
        await _messages.ShortenAfterAsync(reply.Usage.LastPrompt, cancellationToken);
        return null;
    }

    /// <summary>The turn's end after a call without a complete reply.</summary>
    private TurnResult EndWithout(CallOutcome outcome, bool interrupted)
    {
        var text = outcome.Shown && outcome.Reply is { } reply ? reply.Text.Trim() : "";
        switch (outcome.End)
        {
            case CallEnd.Interrupted when text.Length != 0:
                Add(Broken(outcome.Reply!, text, "interrupted"));
                return Interrupted(Whole(outcome.Reply!.Text));
            case CallEnd.Interrupted:
                return Interrupted(_continued.Any ? Whole("") : outcome.Text);
            case CallEnd.Partial when text.Length != 0:
                events.Status("lifecycle", "⚠️ The connection broke off; the answer is partial.");
                Add(Broken(outcome.Reply!, text, "incomplete"));
                return Done(Whole(outcome.Reply!.Text), $"The answer is partial: {outcome.Error!.Summary}");
            case CallEnd.Failed when interrupted:
                return Interrupted(_lastText ?? $"Operation interrupted: handling API error ({outcome.Error!.Summary}).");
            default:
                return Failed(outcome.Error!.Summary, _continued.Any ? Whole("") : outcome.Text) with
                {
                    Unkept = FailureView.SpoilsConversation(outcome.Error, _messages.All),
                    FailedRequest = new FailedRequest(_asked!, outcome.Error),
                };
        }
    }

    private async Task<TurnResult> SummariseAsync(int budget, CancellationToken cancellationToken)
    {
        events.Status("lifecycle", $"⚠️ Iteration budget exhausted ({_calls}/{budget}) — asking model to summarise");
        Add(new ConversationMessage(Role.User, LoopTexts.SumUp));
        var outcome = await CallAsync(NewRequest() with { ToolsForbidden = true, OutputCap = null }, cancellationToken);
        if (outcome.End != CallEnd.Reply)
        {
            return EndWithout(outcome, cancellationToken.IsCancellationRequested);
        }

        var reply = outcome.Reply!;
        var text = reply.Text.Trim();
        if (text.Length == 0)
        {
            text = $"The limit of {budget} model calls for one turn was reached, and the model gave no summary.";
        }
        else
        {
            events.ReplyText(text);
        }

        Add(Assistant(reply, text, "stop"));
        return Done(text, $"The limit of {budget} model calls for one turn was reached.") with { OutOfBudget = true };
    }

    private static ConversationMessage Assistant(ModelReply reply, string text, string finish) => new(Role.Assistant, text)
    {
        Reasoning = reply.Reasoning,
        ReasoningContent = reply.ReasoningContent,
        MessageItemsJson = reply.MessageItemsJson,
        ReasoningDetailsJson = reply.ReasoningDetailsJson,
        FinishReason = finish,
    };

    // Signed reasoning that did not come to its end is refused.
    private static ConversationMessage Broken(ModelReply reply, string text, string finish) => Assistant(reply, text, finish) with { ReasoningDetailsJson = null, MessageItemsJson = null };

    private bool SpeaksResponses => models.Endpoint.ApiMode == ApiMode.CodexResponses;

    /// <summary>The answer including the pieces of it that earlier, truncated replies brought.</summary>
    private string Whole(string last) => _continued.Whole(last);

    private TurnResult Done(string text, string? warning = null) => Result(TurnStatus.Complete, text, warning: warning);

    private TurnResult Interrupted(string? text) => Result(TurnStatus.Interrupted, text);

    private TurnResult Failed(string error, string? text) => Result(TurnStatus.Error, text, error);

    private TurnResult Result(TurnStatus status, string? text, string? error = null, string? warning = null) =>
        new(status, text, _reasoning, _messages.New, _usage, error, warning);
}
