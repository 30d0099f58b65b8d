using System.Globalization;
using Gateway.Config;
using Gateway.Diagnostics;
using Gateway.Processes;
using Gateway.Tools.Terminal;

namespace Gateway.Tools.Approvals;

/// <summary>Has tirith look at commands, where the user has installed it (AGENT.md 8.1, WIRE 12.12). It is never fetched from anywhere.</summary>
internal sealed class TirithScanner(GatewayEnvironment environment, ConfigFile config, ChildProcesses children, TimeProvider time) : ICommandScanner
{
    private const int LongestOutput = 1_000_000;
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(200);

    private readonly TirithPause _pause = new(time);
    private volatile Place? _place;
    private int _warned;
    private int _pauseTold;

    /// <inheritdoc/>
    public async Task<ScanReport> ScanAsync(string command, CancellationToken cancellationToken)
    {
        var settings = TirithSettings.Read(environment, config.Read().Root);
        if (!settings.IsEnabled) return ScanReport.Clean;
        if (Find(settings.Program) is not { } program)
        {
            // The usual state of a machine, and nothing to tell anybody about.
            return settings is { FailsOpen: true, Program: TirithSettings.UsualProgram } ? ScanReport.Clean : Failed(settings, $"{settings.Program} is not there");
        }

        if (_pause.IsOn(settings)) return Failed(settings, $"it did not answer {TirithPause.MostSilences} times in a row and is left alone for {TirithPause.Length.TotalMinutes:0} minutes");

        try
        {
            var result = await children.RunAsync(
                new ChildStart
                {
                    Path = program,
                    Arguments = ["check", "--json", "--non-interactive", "--shell", "posix", "--", command.Replace("\0", "", StringComparison.Ordinal)],
                    Environment = CommandEnvironment.ForCommands(environment.Variables, [], new OwnSecrets(environment, config).Variables),
                    WorkingDirectory = Directory.Exists(environment.WorkingDirectory) ? environment.WorkingDirectory : "/",
                    OutputLimit = new OutputLimit(LongestOutput, 0),
                    ErrorLimit = new OutputLimit(0, 0),
                    Timeout = settings.Timeout,
                    GracePeriod = Grace,
                },
                cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            if (result.TimedOut)
            {
                if (_pause.Silent(settings)) TellPause();
                return Failed(settings, string.Create(CultureInfo.InvariantCulture, $"it did not answer within {settings.Timeout.TotalSeconds:0.#} s"));
            }

            _pause.Answered();
            return result.ExitCode switch
            {
                0 => ScanReport.Clean,
                1 => TirithReport.Read(result.Output.Head, "tirith would block this command but does not say why"),

                // Newer versions say 3 to warnings that somebody has to acknowledge.
                2 or 3 => TirithReport.Read(result.Output.Head, "tirith warns of this command but does not say why"),
                < 0 => Failed(settings, $"it was ended by signal {-result.ExitCode}"),
                var code => Failed(settings, $"it ended with status {code}"),
            };
        }
        catch (ChildStartException exception)
        {
            // Removed or replaced since it was found: the next command looks for it again.
            _place = null;
            return Failed(settings, $"{program} cannot be started: {exception.Reason}");
        }
    }

    private ScanReport Failed(TirithSettings settings, string reason)
    {
        if (!settings.FailsOpen) return new ScanReport([new ScanFinding(TirithReport.Key("unavailable"), null)], $"the command could not be checked by tirith: {reason}");
        if (Interlocked.Exchange(ref _warned, 1) == 0)
            GatewayLog.StandardError($"[gateway-scan] tirith does not check commands: {reason}. They run without it (security.tirith_fail_open).");
        return ScanReport.Clean;
    }

    private void TellPause()
    {
        if (Interlocked.Exchange(ref _pauseTold, 1) == 0)
            GatewayLog.StandardError($"[gateway-scan] tirith did not answer {TirithPause.MostSilences} times in a row and is left alone for {TirithPause.Length.TotalMinutes:0} minutes each time that happens (security.tirith_timeout gives it more time).");
    }

    // Looked for once: most machines do not have it, and no command should pay for that.
    private string? Find(string program)
    {
        var place = _place;
        if (place?.Program != program) _place = place = new Place(program, Look(program));
        return place.Path;
    }

    private string? Look(string program)
    {
        string path = environment.ExpandHome(program);
        if (path.Contains('/')) return Path.IsPathRooted(path) && ExecutablePath.IsExecutable(path) ? path : null;
        if (ExecutablePath.Find(path, environment.Get("PATH")) is { } found) return found;

        // Where Hermes Agent puts the copy that it fetches.
        string own = Path.Combine(environment.HermesHome, "bin", TirithSettings.UsualProgram);
        return path == TirithSettings.UsualProgram && ExecutablePath.IsExecutable(own) ? own : null;
    }

    /// <param name="Program">What was looked for.</param>
    /// <param name="Path">Where it is; null: nowhere.</param>
    private sealed record Place(string Program, string? Path);
}
