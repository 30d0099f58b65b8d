using Gateway.Agent;
using Gateway.Tools;

namespace Gateway.Sessions;

/// <summary>What a session tells its client, in terms of the work; the wire turns it into events.</summary>
internal interface ISessionEvents : IAgentEvents
{
    /// <summary>A prompt was accepted and its turn begins.</summary>
    void TurnStarted();

    /// <summary>A turn ended with an answer, whole or interrupted. The session already accepts the next prompt.</summary>
    void TurnCompleted(TurnResult result, TokenUsage sessionUsage);

    /// <summary>A turn could not run or failed without an answer. The session already accepts the next prompt.</summary>
    void TurnFailed(string message);

    /// <summary>A dangerous command waits for the user.</summary>
    void ApprovalRequested(ApprovalRequest request, string requestId);

    /// <summary>The model asks the user something.</summary>
    void ClarifyRequested(string question, IReadOnlyList<string>? choices, string requestId);

    /// <summary>A command needs the password of sudo.</summary>
    void SudoRequested(string requestId);

    /// <summary>A tool needs the value of a secret variable.</summary>
    void SecretRequested(string variable, string prompt, string requestId);

    /// <summary>Something happened to a subagent of the session.</summary>
    void Subagent(Subagents.SubagentEvent happened);

    /// <summary>A prompt that ran in the background is over.</summary>
    /// <param name="taskId">Id that the client was given.</param>
    /// <param name="text">The answer, or "error: " and the reason.</param>
    void BackgroundCompleted(string taskId, string text);
}
