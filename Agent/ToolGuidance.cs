using System.Collections.Immutable;

namespace Gateway.Agent;

/// <summary>What models are told about working with tools (AGENT.md section 2, items 3 and 5).</summary>
internal static class ToolGuidance
{
    private static ImmutableArray<string> Announcing => ["gpt", "codex", "gemini", "gemma", "grok"];

    /// <summary>Where to look before answering questions about this program.</summary>
    public static string AboutItself(IReadOnlyCollection<string> tools) => tools.Contains("skill_view")
        ? "When the user asks about Hermes Agent itself, how it is set up, configured or extended, read the skill hermes-agent with skill_view first; more is at https://hermes-agent.nousresearch.com/docs."
        : "What Hermes Agent itself can do and how it is configured is described at https://hermes-agent.nousresearch.com/docs; do not guess about it.";

    /// <summary>One paragraph for the tools that reach beyond the conversation; null when none of them is there.</summary>
    public static string? Of(IReadOnlyCollection<string> tools)
    {
        var sentences = new List<string>();
        if (tools.Contains("memory"))
        {
            sentences.Add("You have notes that outlive this conversation. When the user corrects you, tells you a preference, or you learn something that will hold next month, "
                + "save it with the memory tool without being asked; when a note turns out wrong, replace it.");
        }

        if (tools.Contains("session_search"))
            sentences.Add("When the user speaks of something from an earlier conversation, look it up with session_search before you ask them to repeat it.");
        if (tools.Contains("skill_manage"))
        {
            sentences.Add("When you have found out how to do a kind of work that will come again, keep the way as a skill with skill_manage, "
                + "and when a skill you followed was wrong or incomplete, correct it before you finish.");
        }

        return sentences.Count == 0 ? null : string.Join(' ', sentences);
    }

    /// <summary>What this family of models needs to hear to act instead of describing; null for nothing.</summary>
    /// <param name="model">Model name.</param>
    /// <param name="enforcement">What configuration says; null: judged by the name.</param>
    /// <param name="hasTools">Whether there are any tools.</param>
    public static string? ForModel(string model, bool? enforcement, bool hasTools)
    {
        string name = model.ToLowerInvariant();
        if (!hasTools || !(enforcement ?? Announcing.Any(part => name.Contains(part, StringComparison.Ordinal)))) return null;
        string text = "Act, do not announce: when you say that you will do something, call the tool for it in the same reply. "
            + "Go on until the task is done and checked; end your turn only with the result, or with a question that you cannot answer yourself.";
        if (name.Contains("gemini", StringComparison.Ordinal) || name.Contains("gemma", StringComparison.Ordinal))
            text += "\nUse absolute paths. Look at a file before you change it and check your change afterwards. Call tools that do not depend on each other in one reply. Keep texts short.";
        if (name.Contains("gpt", StringComparison.Ordinal) || name.Contains("codex", StringComparison.Ordinal))
            text += "\nDo not stop at the first obstacle: try another way. Check that what a step needs is there before you take it, look at what it did, and never make up what a tool could tell you.";
        return text;
    }
}
