using Gateway.Processes;

namespace Gateway.Tools.Terminal;

/// <summary>Gets the password that sudo wants: from SUDO_PASSWORD, from what the user said before, or from the user now. It goes to the
/// standard input of the command and nowhere else.</summary>
internal sealed class SudoPrompt(ChildProcesses children, string? configured, IReadOnlyDictionary<string, string> environment)
{
    /// <summary>What a command runs as, and the password for its input.</summary>
    /// <param name="command">The command as the model wrote it.</param>
    /// <param name="directory">Where it runs.</param>
    /// <param name="context">The conversation.</param>
    /// <param name="cancellationToken">The user's interruption.</param>
    /// <returns>The command, unchanged where sudo needs no password or nobody knows it; the password, or null.</returns>
    public async Task<(string Command, string? Password)> PrepareAsync(string command, string directory, ToolContext context, CancellationToken cancellationToken)
    {
        string rewritten = SudoCommand.Rewrite(command, out bool found);
        if (!found) return (command, null);
        string? password = configured ?? context.State.SudoPassword;
        if (password is null)
        {
            if (context.Questions is null || await NeedsNoneAsync(directory, cancellationToken)) return (command, null);
            password = await context.Questions.SudoPasswordAsync(cancellationToken);
            context.State.SudoPassword = password;
        }

        return password is null ? (command, null) : (rewritten, password);
    }

    /// <summary>Looks at what sudo said: a password that it refused is not tried again.</summary>
    public static void Review(string output, ToolContext context)
    {
        if (output.Contains("incorrect password", StringComparison.OrdinalIgnoreCase) || output.Contains("Sorry, try again", StringComparison.OrdinalIgnoreCase))
            context.State.SudoPassword = null;
    }

    private async Task<bool> NeedsNoneAsync(string directory, CancellationToken cancellationToken)
    {
        if (ExecutablePath.Find("sudo", environment.GetValueOrDefault("PATH")) is not { } sudo) return true;
        var result = await children.RunAsync(
            new ChildStart { Path = sudo, Arguments = ["-n", "true"], Environment = environment, WorkingDirectory = directory, Timeout = TimeSpan.FromSeconds(10) }, cancellationToken);
        return result.ExitCode == 0;
    }
}
