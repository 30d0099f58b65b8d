using Gateway.Tools;

namespace Gateway.Sessions;

/// <summary>Puts the questions of one session's tools to its user.</summary>
internal sealed class SessionQuestions(string sessionId, PendingQuestions questions, ISessionEvents events) : IUserQuestions
{
    private static TimeSpan AnswerTime => TimeSpan.FromSeconds(300);

    private static TimeSpan PasswordTime => TimeSpan.FromSeconds(120);

    /// <inheritdoc/>
    public async Task<string> ClarifyAsync(string question, IReadOnlyList<string>? choices, CancellationToken cancellationToken) =>
        await questions.AskAsync(
            QuestionKind.Clarify, sessionId, AnswerTime, requestId => events.ClarifyRequested(question, choices, requestId), cancellationToken) ?? "";

    /// <inheritdoc/>
    public async Task<string?> SudoPasswordAsync(CancellationToken cancellationToken) =>
        Given(await questions.AskAsync(QuestionKind.Sudo, sessionId, PasswordTime, events.SudoRequested, cancellationToken));

    /// <inheritdoc/>
    public async Task<string?> SecretAsync(string variable, string prompt, CancellationToken cancellationToken) =>
        Given(await questions.AskAsync(
            QuestionKind.Secret, sessionId, AnswerTime, requestId => events.SecretRequested(variable, prompt, requestId), cancellationToken));

    // Clients answer "" when the user closes the question.
    private static string? Given(string? answer) => string.IsNullOrEmpty(answer) ? null : answer;
}
