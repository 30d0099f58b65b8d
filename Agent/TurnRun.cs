using System.Text;
using Gateway.Agent.Models;
using Gateway.Tools;

namespace Gateway.Agent;

/// <summary>One turn while it runs. Every way out leaves a history that providers accept.</summary>
internal sealed class TurnRun(
    TurnRequest request,
    IAgentEvents events,
    ModelCaller caller,
    ToolBatch batch,
    Func<string, IReadOnlyList<ITool>, ITool?> repairName)
{
    private const int MaxContinuations = 3;
    private const int MaxEmptyReplies = 3;
    private const int ContinuationBase = 4096;
    private const int ContinuationLimit = 32_768;

    private readonly ToolCallIntake _intake = new(request.Tools, repairName);
    private readonly List<ConversationMessage> _new = [];
    private readonly StringBuilder _pieces = new();
    private TokenUsage _usage;
    private string? _reasoning;
    private string? _lastText;
    private int _calls;
    private int _continuations;
    private int _emptyReplies;
    private bool _lengthRetried;
    private bool _breakBeforeText;

    /// <summary>Runs the turn to its end.</summary>
    public async Task<TurnResult> RunAsync(CancellationToken cancellationToken)
    {
        Add(new ConversationMessage(Role.User, request.UserText));
        var budget = Math.Max(1, request.Settings.MaxTurns);
        while (_calls < budget)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return Interrupted(_lastText);
            }

            var outcome = await CallAsync(NewRequest(), cancellationToken);
            var result = outcome.End == CallEnd.Reply ? await TakeReplyAsync(outcome.Reply!, outcome.Shown, cancellationToken) : EndWithout(outcome);
            if (result is not null)
            {
                return result;
            }
        }

        return cancellationToken.IsCancellationRequested ? Interrupted(_lastText) : await SummariseAsync(budget, cancellationToken);
    }

    private void Add(ConversationMessage message)
    {
        _new.Add(message);
        events.MessageAdded(message);
    }

    private ModelRequest NewRequest() => new(request.Endpoint, request.SystemPrompt, [.. request.History, .. _new], request.Tools, request.Settings)
    {
        OutputCap = _continuations == 0 ? null : Math.Min(ContinuationLimit, ContinuationBase * (_continuations + 1)),
    };

    private async Task<CallOutcome> CallAsync(ModelRequest model, CancellationToken cancellationToken)
    {
        _calls++;
        var outcome = await caller.CallAsync(model, NewReply, cancellationToken);
        if (outcome.Reply is { } reply)
        {
            events.TokensSpent(reply.Usage);
            _usage += reply.Usage;
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

        if (reply.FinishReason == "length")
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
        _lastText = text.Length == 0 ? _lastText : text;
        Add(Assistant(reply, text, "tool_calls") with { ToolCalls = intake.Stored });
        if (intake.Verdict == IntakeVerdict.Run)
        {
            _new.AddRange(await batch.RunAsync(intake.Prepared, request.ToolContext, events, cancellationToken));
            Guide(cancellationToken);
        }
        else
        {
            foreach (var answer in intake.Answers) Add(answer);
        }

        _breakBeforeText = true;
        _continuations = 0;
        _pieces.Clear();
        return null;
    }

    // What the user said meanwhile rides on the last result; an interrupted turn has nobody to hear it.
    private void Guide(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested || request.Guidance?.Take() is not { } text) return;
        _new[^1] = _new[^1] with { Content = $"{_new[^1].Content}\n\nUser guidance: {text}" };
        events.MessageAdded(_new[^1]);
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
        if (!filtered && _emptyReplies < MaxEmptyReplies)
        {
            _emptyReplies++;
            events.Status("lifecycle", $"⚠️ The model sent an empty answer, asking again ({_emptyReplies}/{MaxEmptyReplies})...");
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
        return Done(text, $"The limit of {budget} model calls for one turn was reached.");
    }

    private static ConversationMessage Assistant(ModelReply reply, string text, string finish) => new(Role.Assistant, text)
    {
        Reasoning = reply.Reasoning,
        ReasoningDetailsJson = finish is "interrupted" or "incomplete" ? null : reply.ReasoningDetailsJson,
        FinishReason = finish,
    };

    /// <summary>The answer including the pieces of it that earlier, truncated replies brought.</summary>
    private string Whole(string last) => (_pieces + last).Trim();

    private TurnResult Done(string text, string? warning = null) => Result(TurnStatus.Complete, text, warning: warning);

    private TurnResult Interrupted(string? text) => Result(TurnStatus.Interrupted, text);

    private TurnResult Failed(string error, string? text) => Result(TurnStatus.Error, text, error);

    private TurnResult Result(TurnStatus status, string? text, string? error = null, string? warning = null) =>
        new(status, text, _reasoning, _new, _usage, error, warning);
}
