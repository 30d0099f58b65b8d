namespace Gateway.Agent;

/// <summary>What the loop itself says: to the model in the user's place, and to the user in the model's (AGENT.md section 4).</summary>
internal static class LoopTexts
{
    /// <summary>To a model whose answer the output limit cut off.</summary>
    public const string GoOnWriting =
        "[System: Your previous response was truncated by the output length limit. Continue exactly where you left off. "
        + "Do not restart or repeat prior text. Finish the answer directly.]";

    /// <summary>To a model that said nothing after its tools had run.</summary>
    public const string ReadResults =
        "[System: Your tool calls have run and their results are above, but your reply was empty. Read the results and go on with the task, or give the final answer.]";

    /// <summary>To a model that has no calls left.</summary>
    public const string SumUp =
        "[System: The number of model calls for this turn is used up, so no more tools can run. "
        + "Answer now, without calling tools: say what was done, what was found and what is still open.]";

    /// <summary>To the user, when a model spent everything on reasoning.</summary>
    public const string ThinkingExhausted =
        "⚠️ **Thinking Budget Exhausted**\n\nThe model spent all of its output tokens on reasoning and had none left for an answer. "
        + "Lower the reasoning effort, or split the task into smaller steps.";
}
