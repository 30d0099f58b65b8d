using Gateway.Agent.Models;

namespace Gateway.Agent;

/// <summary>What becomes of replies that are no answer yet: cut off, all thought, or empty (AGENT.md section 4).</summary>
internal sealed partial class TurnRun
{
    private TurnResult? Continue(ModelReply reply)
    {
        _continued.Keep(reply.Text);
        if (_continued.Exhausted)
        {
            Add(Assistant(reply, reply.Text, reply.FinishReason!));
            return Failed($"Response remained truncated after {Continuations.Max} continuation attempts", Whole(""));
        }

        _continued.GoOn();
        if (reply.Text.Length != 0)
        {
            Add(Assistant(reply, reply.Text, reply.FinishReason!));
        }

        Add(new ConversationMessage(Role.User, LoopTexts.GoOnWriting));
        return null;
    }

    // Only what such endpoints gave out for it can be sent back to them, so only there a model can go on from its reasoning.
    private TurnResult? CutThought(ModelReply reply)
    {
        if (SpeaksResponses && !_continued.Exhausted)
        {
            _continued.GoOn();
            _thoughts.Add(Assistant(reply, "", "incomplete"));
            events.Status("lifecycle", "↻ The model was cut off while it was thinking, letting it go on...");
            return null;
        }

        return Result(TurnStatus.Complete, _continued.Any ? Whole("\n\n" + LoopTexts.ThinkingExhausted) : LoopTexts.ThinkingExhausted, warning: "The model's output limit was used up by its reasoning.");
    }

    private TurnResult? Empty(ModelReply reply)
    {
        if (reply.FinishReason != "content_filter" && _onlyHousekeeping && _besideCalls is { } said)
        {
            // It had answered already, beside the calls, and only tidied up behind that.
            return Done(said);
        }

        switch (_empty.Next(reply, _messages.New.TakeLast(5).Any(message => message.Role == Role.Tool)))
        {
            case EmptyStep.Nudge:
                events.Status("lifecycle", "⚠️ The model said nothing after its tool calls, asking it to go on...");
                Add(Assistant(reply, "(empty)", reply.FinishReason ?? "stop"));
                Add(new ConversationMessage(Role.User, LoopTexts.ReadResults));
                return null;
            case EmptyStep.KeepReasoning:
                events.Status("lifecycle", $"↻ The model only thought and said nothing, letting it go on ({_empty.Kept}/{EmptyReplies.MaxKept})...");
                _thoughts.Add(Assistant(reply, "", reply.FinishReason ?? "stop"));
                return null;
            case EmptyStep.AskAgain:
                events.Status("lifecycle", $"⚠️ The model sent an empty answer, asking again ({_empty.Repeats}/{EmptyReplies.MaxRepeats})...");
                return null;
        }

        if (models.FallBack("empty answers"))
        {
            _empty.NewModel();
            _thoughts.Clear();
            return null;
        }

        const string text = "(empty)";
        Add(Assistant(reply, text, reply.FinishReason ?? "stop"));
        return Done(text, reply.FinishReason == "content_filter" ? "The provider's content filter stopped the answer." : "The model sent no answer.");
    }
}
