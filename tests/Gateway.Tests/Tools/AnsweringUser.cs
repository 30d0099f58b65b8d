using Gateway.Tools;

namespace Gateway.Tests.ToolsTests;

/// <summary>A user who answers every question for the sudo password alike, or never.</summary>
internal sealed class AnsweringUser(string? password, bool thinksForEver = false) : IUserQuestions
{
    private int _asked;

    public int Asked => Volatile.Read(ref _asked);

    public bool Withdrawn { get; private set; }

    public Task<string> ClarifyAsync(string question, IReadOnlyList<string>? choices, CancellationToken cancellationToken) => Task.FromResult("");

    public async Task<string?> SudoPasswordAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _asked);
        if (!thinksForEver) return password;
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            Withdrawn = true;
        }

        return null;
    }

    public Task<string?> SecretAsync(string variable, string prompt, CancellationToken cancellationToken) => Task.FromResult<string?>(null);
}
