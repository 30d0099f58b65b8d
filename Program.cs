using Gateway.Agent.Models;
using Gateway.Cli;
using Gateway.Config;
using Gateway.Diagnostics;
using Gateway.Rpc;
using Gateway.Signals;
using Gateway.Transport;

var command = CommandLine.Parse(args);
return command.Verb switch
{
    Verb.Help or Verb.Version or Verb.Usage => command.Print(),
    Verb.Chat => ChatCommand.Run(command.Chat!, GatewayEnvironment.FromProcess(Warn)),
    _ => Serve(GatewayEnvironment.FromProcess(Warn)),
};

static void Warn(string text) => GatewayLog.StandardError($"[gateway] {text}");

// One client over fds 0 and 1, from the ready frame to the named ending.
static int Serve(GatewayEnvironment environment)
{
    Ending? ending = null;
    var log = new GatewayLog(() => Path.Combine(environment.HermesHome, "logs"));
    var watchdog = new ExitWatchdog(ExitWatchdog.GraceFrom(environment.GetRaw("HERMES_TUI_GATEWAY_SHUTDOWN_GRACE_S")));
    var signals = new ShutdownSignals();
    var descriptors = StandardDescriptors.Claim();
    int limit = LineReader.LimitFrom(environment.GetRaw("HERMES_TUI_GATEWAY_MAX_LINE_BYTES"), out bool invalidLimit);
    var input = new StdioInput(descriptors.Input, limit);
    var stdio = new StdioTransport(descriptors.Output, (method, first, failure) => Stop(PipeEnding.OfOutput(method, first, failure)));
    var outbox = new Outbox(Sidecar.Tee(stdio, environment.GetRaw("HERMES_TUI_SIDECAR_URL"), () => new TlsLibrary().Present, log.Note, TimeProvider.System));

    Greeting.Send(outbox, environment);
    using var server = new GatewayServer(environment, log, TimeProvider.System, outbox);
    signals.Listen((name, count) =>
    {
        if (count > 1) ExitWatchdog.ExitNow(0);
        watchdog.Arm(0);
        log.Signal(name);
        Stop(new Ending(ExitReason.Signal, name));
    });
    if (invalidLimit) Warn($"HERMES_TUI_GATEWAY_MAX_LINE_BYTES must be a number from {LineReader.LeastMaxLineBytes} to {LineReader.GreatestMaxLineBytes}; using {limit}");

    server.Serve(input);
    return End(ending ?? PipeEnding.OfInput(input.Failure));

    // The first reason is the reason; whatever follows from it is not.
    void Stop(Ending reason)
    {
        Interlocked.CompareExchange(ref ending, reason, null);
        input.Stop();
    }

    int End(Ending reason)
    {
        watchdog.Arm(reason.ExitCode);
        if (reason.Reason != ExitReason.Signal) log.Ending(reason.Detail);
        server.Shutdown(watchdog.Grace, drain: reason.Reason == ExitReason.StdinEof);
        return reason.ExitCode;
    }
}
