using Gateway.Cli;
using Gateway.Config;
using Gateway.Diagnostics;
using Gateway.Rpc;
using Gateway.Signals;
using Gateway.Transport;
using Mono.Unix.Native;

var command = CommandLine.Parse(args);
return command.Verb switch
{
    Verb.Help or Verb.Version or Verb.Usage => command.Print(),
    Verb.Chat => ChatCommand.Run(command.Chat!, GatewayEnvironment.FromProcess(Warn)),
    Verb.McpLogin => McpLoginCommand.Run(command.Server!, GatewayEnvironment.FromProcess(Warn)),
    Verb.Doctor => DoctorCommand.Run(GatewayEnvironment.FromProcess(Warn)),
    _ => Serve(GatewayEnvironment.FromProcess(Warn)),
};

static void Warn(string text) => GatewayLog.StandardError($"[gateway] {text}");

// One client over fds 0 and 1, from the ready frame to the named ending.
static int Serve(GatewayEnvironment environment)
{
    var log = new GatewayLog(() => Path.Combine(environment.HermesHome, "logs"), new OwnSecrets(environment, new ConfigFile(environment.ConfigPath)).Redact);
    var grace = ExitWatchdog.GraceFrom(environment.GetRaw("HERMES_TUI_GATEWAY_SHUTDOWN_GRACE_S"), out string? graceProblem);
    var watchdog = new ExitWatchdog(grace, signalStatus: 0, Path.Combine(environment.HermesHome, "logs", GatewayLog.FileName));
    var signals = new ShutdownSignals(Signum.SIGTERM, Signum.SIGHUP, ShutdownSignals.ParentEnded);
    var descriptors = StandardDescriptors.Claim();
    int limit = LineReader.LimitFrom(environment.GetRaw("HERMES_TUI_GATEWAY_MAX_LINE_BYTES"), out bool invalidLimit);
    var input = new StdioInput(descriptors.Input, limit);
    GatewayServer? server = null;
    var ending = new ProcessEnding(watchdog.Grace, input.Stop, Finish, ExitWatchdog.ExitNow);
    var stdio = new StdioTransport(descriptors.Output, (method, first, failure) => ending.Ask(PipeEnding.OfOutput(method, first, failure)));
    var outbox = new Outbox(Sidecar.Tee(stdio, environment.GetRaw("HERMES_TUI_SIDECAR_URL"), () => new TlsLibrary().Present, log.Note, TimeProvider.System));
    UnhandledExceptions.Watch(log, _ => ending.Crash(new Ending(ExitReason.Fatal, "internal error: a bug of the gateway ended it")));

    Greeting.Send(outbox, environment);
    environment.ForgetSecrets();
    using var built = server = new GatewayServer(environment, log, TimeProvider.System, outbox);
    signals.Listen((signal, _) => ending.AskAndWatch(
        signal == ShutdownSignals.ParentEnded ? new Ending(ExitReason.ParentGone, "parent process ended") : new Ending(ExitReason.Signal, signal.ToString()),
        () => log.Signal(signal == ShutdownSignals.ParentEnded ? "end of the parent process" : signal.ToString(), server.WorkUnderWay())));
    ShutdownSignals.FollowParent();
    if (graceProblem is not null) log.Note(graceProblem);
    if (invalidLimit) log.Note($"HERMES_TUI_GATEWAY_MAX_LINE_BYTES must be a number from {LineReader.LeastMaxLineBytes} to {LineReader.GreatestMaxLineBytes}; using {limit}");

    server.Serve(input);
    return ending.Run(PipeEnding.OfInput(input.Failure));

    void Finish(Ending reason)
    {
        ExitWatchdog.Arm(reason.ExitCode);
        if (reason.Reason != ExitReason.Signal) log.Ending(reason.Detail);
        server?.Shutdown(watchdog.Grace, drain: reason.Reason is ExitReason.StdinEof or ExitReason.ParentGone);
    }
}
