using Gateway.Tools;

namespace Gateway.Sessions;

/// <summary>Puts the questions of one session's tools to its user.</summary>
/// <param name="sessionId">Live id of the session.</param>
/// <param name="questions">Where questions wait for their turn.</param>
/// <param name="events">Where they are shown.</param>
/// <param name="answerTime">How long the model's questions stay open; read anew for each.</param>
internal sealed class SessionQuestions(string sessionId, PendingQuestions questions, ISessionEvents events, Func<TimeSpan> answerTime) : IUserQuestions
{
    private static TimeSpan SecretTime => TimeSpan.FromSeconds(300);

    private static TimeSpan PasswordTime => TimeSpan.FromSeconds(120);

    /// <inheritdoc/>
    public async Task<string> ClarifyAsync(string question, IReadOnlyList<string>? choices, CancellationToken cancellationToken) =>
        await questions.AskAsync(
            QuestionKind.Clarify, sessionId, answerTime(), requestId => events.ClarifyRequested(question, choices, requestId), cancellationToken) ?? "";

    /// <inheritdoc/>
    public async Task<string?> SudoPasswordAsync(CancellationToken cancellationToken) =>
        Given(await questions.AskAsync(QuestionKind.Sudo, sessionId, PasswordTime, events.SudoRequested, cancellationToken));

    /// <inheritdoc/>
    public async Task<string?> SecretAsync(string variable, string prompt, CancellationToken cancellationToken) =>
        Given(await questions.AskAsync(
            QuestionKind.Secret, sessionId, SecretTime, requestId => events.SecretRequested(variable, prompt, requestId), cancellationToken));

    // Clients answer "" when the user closes the question.
    private static string? Given(string? answer) => string.IsNullOrEmpty(answer) ? null : answer;
}
