using System.Text;
using Gateway.Agent.Models;
using Gateway.Tools;

namespace Gateway.Agent;

/// <summary>One turn while it runs. Every way out leaves a history that providers accept.</summary>
internal sealed class TurnRun(
    TurnRequest request,
    IAgentEvents events,
    TurnModels models,
    ToolBatch batch,
    Func<string, IReadOnlyList<ITool>, ITool?> repairName)
{
    private const int MaxContinuations = 3;
    private const int MaxEmptyReplies = 3;
    private const int ContinuationBase = 4096;
    private const int ContinuationLimit = 32_768;

    private readonly ToolCallIntake _intake = new(request.Tools, repairName, request.ToolContext.Subagents);
    private readonly TurnMessages _messages = new(request, models, events);
    private readonly StringBuilder _pieces = new();
    private TokenUsage _usage;
    private string? _reasoning;
    private string? _lastText;
    private string? _besideCalls;
    private int _calls;
    private int _refunds;
    private int _continuations;
    private int _emptyReplies;
    private bool _nudged;
    private bool _onlyHousekeeping;
    private bool _lengthRetried;
    private bool _breakBeforeText;

    /// <summary>Runs the turn to its end.</summary>
    public async Task<TurnResult> RunAsync(CancellationToken cancellationToken)
    {
        Add(new ConversationMessage(Role.User, request.UserText));
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
                : await RecoverAsync(outcome, cancellationToken) ? null : EndWithout(outcome);
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
        if (error.Kind is not (ModelErrorKind.ContextOverflow or ModelErrorKind.Payload))
            return TurnModels.MayDoBetter(error) && models.FallBack(error.Summary);

        if (await _messages.MakeRoomAsync(error, cancellationToken)) return true;
        if (cancellationToken.IsCancellationRequested) return false;
        events.Status("lifecycle", $"❌ Non-retryable error{(error.Status is { } code ? $" (HTTP {code})" : "")}: {error.Message}");
        return false;
    }

    private void Add(ConversationMessage message) => _messages.Add(message);

    private ModelRequest NewRequest() => new(models.Endpoint, request.SystemPrompt, _messages.All, request.Tools, request.Settings)
    {
        OutputCeiling = _messages.OutputCeiling,
        OutputCap = _continuations == 0 ? null : Math.Min(ContinuationLimit, ContinuationBase * (_continuations + 1)),
    };

    private async Task<CallOutcome> CallAsync(ModelRequest model, CancellationToken cancellationToken)
    {
        _calls++;
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
        KeepLeadingNewlines = _pieces.Length != 0,
    };

    /// <summary>What a complete reply leads to; null goes on with the next request.</summary>
    private async Task<TurnResult?> TakeReplyAsync(ModelReply reply, bool shown, CancellationToken cancellationToken)
    {
        var text = reply.Text.Trim();
        if (text.Length != 0)
        {
            events.ReplyText(text);
        }

        if (reply.ToolCalls.Count != 0)
        {
            return await TakeToolCallsAsync(reply, text, shown, cancellationToken);
        }

        if (reply.FinishReason is "length" or "incomplete")
        {
            return text.Length == 0 && reply.Reasoning is not null ? ThinkingExhausted() : Continue(reply);
        }

        if (text.Length == 0 && _pieces.Length == 0)
        {
            return Empty(reply);
        }

        if (text.Length != 0)
        {
            Add(Assistant(reply, text, reply.FinishReason ?? "stop"));
        }

        return Done(Whole(reply.Text));
    }

    private async Task<TurnResult?> TakeToolCallsAsync(ModelReply reply, string text, bool shown, CancellationToken cancellationToken)
    {
        // A reply that is asked for again must not run into the text of the discarded one.
        var intake = _intake.Take(reply);
        switch (intake.Verdict)
        {
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

        _emptyReplies = 0;
        _nudged = false;
        _onlyHousekeeping = intake.Stored.All(call => call.Name is "memory" or "todo" or "skill_manage" or "session_search");
        _besideCalls = text.Length == 0 ? null : text;
        _lastText = _besideCalls ?? _lastText;
        Add(Assistant(reply, text, "tool_calls") with { ToolCalls = intake.Stored });
        if (intake.Verdict == IntakeVerdict.Run)
        {
            _messages.AddTold(await batch.RunAsync(intake.Prepared, request.ToolContext, events, cancellationToken));
            _messages.Guide(cancellationToken);

            // Scripts that call tools do many steps at the price of one, but not for ever.
            if (_refunds < request.Settings.MaxTurns && intake.Prepared.All(call => call.Tool.Name == "execute_code")) _refunds++;
        }
        else
        {
            foreach (var answer in intake.Answers) Add(answer);
        }

        _breakBeforeText = true;
        _continuations = 0;
        _pieces.Clear();
        await _messages.ShortenAfterAsync(reply.Usage.LastPrompt, cancellationToken);
        return null;
    }

    private TurnResult? Continue(ModelReply reply)
    {
        _pieces.Append(reply.Text);
        if (_continuations >= MaxContinuations)
        {
            Add(Assistant(reply, reply.Text, "length"));
            return Failed($"Response remained truncated after {MaxContinuations} continuation attempts", Whole(""));
        }

        _continuations++;
        if (reply.Text.Length != 0)
        {
            Add(Assistant(reply, reply.Text, "length"));
        }

        Add(new ConversationMessage(
            Role.User,
            "[System: Your previous response was truncated by the output length limit. Continue exactly where you left off. "
            + "Do not restart or repeat prior text. Finish the answer directly.]"));
        return null;
    }

    private TurnResult ThinkingExhausted()
    {
        const string text = "⚠️ **Thinking Budget Exhausted**\n\nThe model spent all of its output tokens on reasoning and had none left for an answer. "
            + "Lower the reasoning effort, or split the task into smaller steps.";
        return Result(TurnStatus.Complete, _pieces.Length == 0 ? text : Whole("\n\n" + text), warning: "The model's output limit was used up by its reasoning.");
    }

    private TurnResult? Empty(ModelReply reply)
    {
        var filtered = reply.FinishReason == "content_filter";
        if (!filtered && _onlyHousekeeping && _besideCalls is { } said)
        {
            // It had answered already, beside the calls, and only tidied up behind that.
            return Done(said);
        }

        if (!filtered && !_nudged && _messages.New.TakeLast(5).Any(message => message.Role == Role.Tool))
        {
            _nudged = true;
            events.Status("lifecycle", "⚠️ The model said nothing after its tool calls, asking it to go on...");
            Add(Assistant(reply, "(empty)", reply.FinishReason ?? "stop"));
            Add(new ConversationMessage(
                Role.User, "[System: Your tool calls have run and their results are above, but your reply was empty. Read the results and go on with the task, or give the final answer.]"));
            return null;
        }

        if (!filtered && _emptyReplies < MaxEmptyReplies)
        {
            _emptyReplies++;
            events.Status("lifecycle", $"⚠️ The model sent an empty answer, asking again ({_emptyReplies}/{MaxEmptyReplies})...");
            return null;
        }

        if (models.FallBack("empty answers"))
        {
            _emptyReplies = 0;
            return null;
        }

        const string text = "(empty)";
        Add(Assistant(reply, text, reply.FinishReason ?? "stop"));
        return Done(text, filtered ? "The provider's content filter stopped the answer." : "The model sent no answer.");
    }

    /// <summary>The turn's end after a call without a complete reply.</summary>
    private TurnResult EndWithout(CallOutcome outcome)
    {
        var text = outcome.Shown && outcome.Reply is { } reply ? reply.Text.Trim() : "";
        switch (outcome.End)
        {
            case CallEnd.Interrupted when text.Length != 0:
                Add(Assistant(outcome.Reply!, text, "interrupted"));
                return Interrupted(Whole(outcome.Reply!.Text));
            case CallEnd.Interrupted:
                return Interrupted(_pieces.Length != 0 ? Whole("") : outcome.Text);
            case CallEnd.Partial when text.Length != 0:
                events.Status("lifecycle", "⚠️ The connection broke off; the answer is partial.");
                Add(Assistant(outcome.Reply!, text, "incomplete"));
                return Done(Whole(outcome.Reply!.Text), $"The answer is partial: {outcome.Error!.Summary}");
            default:
                return Failed(outcome.Error!.Summary, _pieces.Length != 0 ? Whole("") : outcome.Text);
        }
    }

    private async Task<TurnResult> SummariseAsync(int budget, CancellationToken cancellationToken)
    {
        events.Status("lifecycle", $"⚠️ Iteration budget exhausted ({_calls}/{budget}) — asking model to summarise");
        Add(new ConversationMessage(
            Role.User,
            "[System: The number of model calls for this turn is used up, so no more tools can run. "
            + "Answer now, without calling tools: say what was done, what was found and what is still open.]"));
        var outcome = await CallAsync(NewRequest() with { ToolsForbidden = true, OutputCap = null }, cancellationToken);
        if (outcome.End != CallEnd.Reply)
        {
            return EndWithout(outcome);
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
        ReasoningDetailsJson = finish is "interrupted" or "incomplete" ? null : reply.ReasoningDetailsJson,
        FinishReason = finish,
    };

    /// <summary>The answer including the pieces of it that earlier, truncated replies brought.</summary>
    private string Whole(string last) => (_pieces + last).Trim();

    private TurnResult Done(string text, string? warning = null) => Result(TurnStatus.Complete, text, warning: warning);

    private TurnResult Interrupted(string? text) => Result(TurnStatus.Interrupted, text);

    private TurnResult Failed(string error, string? text) => Result(TurnStatus.Error, text, error);

    private TurnResult Result(TurnStatus status, string? text, string? error = null, string? warning = null) =>
        new(status, text, _reasoning, _messages.New, _usage, error, warning);
}
