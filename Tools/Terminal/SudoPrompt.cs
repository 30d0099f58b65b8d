using System.Globalization;
using Gateway.Processes;
using Gateway.Storage;

namespace Gateway.Tools.Terminal;

/// <summary>A command that may call sudo.</summary>
/// <param name="Command">What to run.</param>
/// <param name="Channel">What gives the password, to be disposed of when the command is over; null where nothing calls sudo, or nobody
/// knows the password or can be asked.</param>
/// <param name="Problem">Why the password could not be given although there may be one; null when nothing is wrong.</param>
internal sealed record SudoCall(string Command, SudoChannel? Channel, string? Problem = null);

/// <summary>Gets the password that sudo wants: from the configuration, from what the user said before, or from the user, once sudo really
/// asks for it.</summary>
/// <param name="configured">terminal.sudo_password or SUDO_PASSWORD; "" is tried like any other; null when there is none.</param>
/// <param name="scratch">Where the way to sudo is made.</param>
/// <param name="isSudo">Whether a process is sudo, by its id.</param>
internal sealed class SudoPrompt(string? configured, ScratchFolder scratch, Func<int, bool> isSudo)
{
    private static TimeSpan EndingTime => TimeSpan.FromSeconds(3);

    /// <summary>Makes a command fit to ask for the password.</summary>
    /// <param name="command">The command as the model wrote it.</param>
    /// <param name="context">The conversation.</param>
    public SudoCall Prepare(string command, ToolContext context)
    {
        if (!command.Contains("sudo", StringComparison.Ordinal)) return new(command, null);
        if (configured is null && context.State.SudoPassword is null && context.Questions is null) return new(command, null);
        bool declined = false;
        try
        {
            string folder = scratch.NewName("sudo");
            string rewritten = SudoCommand.Rewrite(command, $"SUDO_ASKPASS={ShellText.Quote(SudoChannel.HelperIn(folder))} sudo -A", out bool found);
            return found ? new(rewritten, new SudoChannel(folder, AskAsync, Refused, isSudo)) : new(command, null);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ChildStartException)
        {
            // sudo may need no password.
            string why = failure is ChildStartException start ? start.Message : PrivateFiles.Reason(failure);
            return new(command, null, $"If sudo wants a password: it cannot be given one, since its helper cannot be made ({why}).");
        }

        async Task<string?> AskAsync(CancellationToken cancellationToken)
        {
            if ((configured ?? context.State.SudoPassword) is { } known) return known;
            if (declined || context.Questions is not { } questions) return null;
            string? given = await questions.SudoPasswordAsync(cancellationToken);
            declined = given is null;
            return context.State.SudoPassword = given;
        }

        // The user may have mistyped it; the next command asks again.
        void Refused(string password)
        {
            if (context.State.SudoPassword == password) context.State.SudoPassword = null;
        }
    }

    /// <summary>Ends processes that sudo started and that we may not end ourselves.</summary>
    /// <param name="processes">Their ids.</param>
    /// <param name="like">How the command was started.</param>
    /// <param name="channel">What gives the password.</param>
    /// <param name="children">Where commands are started.</param>
    /// <returns>Ids of those that run on.</returns>
    public static async Task<IReadOnlyList<int>> EndAsync(IReadOnlyList<int> processes, ChildStart like, SudoChannel? channel, ChildProcesses children)
    {
        if (ExecutablePath.Find("sudo", like.Environment.GetValueOrDefault("PATH")) is { } sudo)
        {
            string[] how = channel?.Given is null ? ["-n"] : ["-A"];
            var environment = new Dictionary<string, string>(like.Environment, StringComparer.Ordinal);
            if (channel is not null) environment["SUDO_ASKPASS"] = channel.Helper;
            var start = new ChildStart
            {
                Path = sudo,
                Arguments = [.. how, "kill", "-KILL", .. processes.Select(id => id.ToString(CultureInfo.InvariantCulture))],
                Environment = environment,
                WorkingDirectory = "/",
                Timeout = EndingTime,
                OutputLimit = new OutputLimit(0, 0),
                ErrorLimit = new OutputLimit(0, 0),
            };
            try
            {
                // The user's interruption is what brought us here.
                _ = await children.RunAsync(start, CancellationToken.None);
            }
            catch (ChildStartException)
            {
                // What runs on is said.
            }
        }

        return [.. processes.Where(id => ProcessTable.Find(id) is { Ended: false })];
    }
}
