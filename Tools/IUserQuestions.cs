namespace Gateway.Tools;

/// <summary>Asks the user of one session. Questions are shown one at a time; what is typed into them reaches neither logs nor history
/// unless the tool puts it there.</summary>
internal interface IUserQuestions
{
    /// <summary>Asks something the model wants to know (WIRE 12.1).</summary>
    /// <param name="question">The question.</param>
    /// <param name="choices">At most four answers to choose from; null for an open question.</param>
    /// <param name="cancellationToken">Withdraws it.</param>
    /// <returns>The answer; "" when nobody answered within 300 s, or the turn was interrupted.</returns>
    Task<string> ClarifyAsync(string question, IReadOnlyList<string>? choices, CancellationToken cancellationToken);

    /// <summary>Asks for the password that sudo wants (WIRE 12.2).</summary>
    /// <returns>The password; null when nobody answered within 120 s, or the user declined.</returns>
    Task<string?> SudoPasswordAsync(CancellationToken cancellationToken);

    /// <summary>Asks for the value of a secret variable.</summary>
    /// <param name="variable">Name of the variable.</param>
    /// <param name="prompt">What the user is shown.</param>
    /// <param name="cancellationToken">Withdraws it.</param>
    /// <returns>The value; null when nobody answered within 300 s, or the user declined.</returns>
    Task<string?> SecretAsync(string variable, string prompt, CancellationToken cancellationToken);
}
