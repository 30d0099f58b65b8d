using Gateway.Tools;

namespace Gateway.Sessions.Subagents;

/// <summary>Instructions of a subagent.</summary>
internal static class SubagentPrompt
{
    /// <summary>What it is told.</summary>
    public static string Build(SubagentTask task, string directory)
    {
        string context = task.Context is null ? "" : $"\n\nWhat you need to know:\n{task.Context}";
        return "You are a helper of another agent. You work on one task, alone, without a user to ask; decide yourself where the task leaves room.\n\n"
            + $"Your task:\n{task.Goal}{context}\n\n"
            + $"You start in the directory {directory}. Use your tools; do not guess what you can look up. "
            + "When you are done, answer with a short report for the agent that sent you: what you did, what you found, which files you made or changed (absolute paths), "
            + "and what went wrong or stayed open. Only that report is read, nothing else you say.";
    }
}
