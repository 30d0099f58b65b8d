using Gateway.Agent.Models;

namespace Gateway.Agent;

/// <summary>What to do about a reply without visible text and without tool calls.</summary>
internal enum EmptyStep
{
    /// <summary>Remind the model that the results of its tools are there.</summary>
    Nudge,

    /// <summary>Keep the reasoning and let the model go on from it.</summary>
    KeepReasoning,

    /// <summary>Ask again as if nothing had come.</summary>
    AskAgain,

    /// <summary>This model has had its chances.</summary>
    GiveUp,
}

/// <summary>Counts the empty replies of a turn and says what follows each (AGENT.md section 4, "empty").</summary>
internal sealed class EmptyReplies
{
    /// <summary>How often a model is asked again in vain.</summary>
    public const int MaxRepeats = 3;

    /// <summary>How often its reasoning is kept before that.</summary>
    public const int MaxKept = 2;

    private bool _nudged;

    /// <summary>How often it was asked again since it last brought something.</summary>
    public int Repeats { get; private set; }

    /// <summary>How often its reasoning was kept since then.</summary>
    public int Kept { get; private set; }

    /// <summary>What follows this one.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="afterTools">Whether results of tools are among the newest messages.</param>
    public EmptyStep Next(ModelReply reply, bool afterTools)
    {
        // A filter stops the next answer as well.
        if (reply.FinishReason == "content_filter") return EmptyStep.GiveUp;
        if (afterTools && !_nudged)
        {
            _nudged = true;
            return EmptyStep.Nudge;
        }

        if (Kept < MaxKept && (reply.Reasoning ?? reply.ReasoningDetailsJson) is not null)
        {
            Kept++;
            return EmptyStep.KeepReasoning;
        }

        if (Repeats >= MaxRepeats) return EmptyStep.GiveUp;
        Repeats++;
        return EmptyStep.AskAgain;
    }

    /// <summary>The model called tools: it works again.</summary>
    public void Recovered()
    {
        _nudged = false;
        NewModel();
    }

    /// <summary>Another model is asked, which has all its chances.</summary>
    public void NewModel()
    {
        Repeats = 0;
        Kept = 0;
    }
}
