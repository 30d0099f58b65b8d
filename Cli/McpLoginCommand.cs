using System.Text;
using Gateway.Config;
using Gateway.Diagnostics;
using Gateway.Mcp;
using Gateway.Signals;
using Gateway.Transport;
using Mono.Unix.Native;

namespace Gateway.Cli;

/// <summary><c>tui-gateway mcp login SERVER</c>: the user logs in to an MCP server with a browser, here or on another machine.</summary>
internal static class McpLoginCommand
{
    private const int LoggedIn = 0;
    private const int Failed = 1;
    private const int Interrupted = 130;

    /// <summary>Logs in.</summary>
    /// <returns>0 logged in, 1 failed, 130 interrupted.</returns>
    public static int Run(string server, GatewayEnvironment environment)
    {
        environment.ForgetSecrets();
        var log = new GatewayLog(() => Path.Combine(environment.HermesHome, "logs"), new OwnSecrets(environment, new ConfigFile(environment.ConfigPath)).Redact);
        UnhandledExceptions.Watch(log, static _ => ExitWatchdog.ExitNow(Failed));
        _ = new ExitWatchdog(TimeSpan.FromSeconds(1), Interrupted, Path.Combine(environment.HermesHome, "logs", GatewayLog.FileName));
        using var stop = new CancellationTokenSource();
        new ShutdownSignals(Signum.SIGINT, Signum.SIGTERM, Signum.SIGHUP).Listen((_, count) =>
        {
            if (count > 1) ExitWatchdog.ExitNow(Interrupted);
            stop.Cancel();
        });
        try
        {
            string? problem = new McpSignIn(environment, TimeProvider.System).RunAsync(server, Show, stop.Token).GetAwaiter().GetResult();
            Print(1, $"Logged in to MCP server '{server}'.\n");
            if (problem is not null) Print(2, $"warning: the login is stored, but the server cannot be used yet: {problem}\n");
            return LoggedIn;
        }
        catch (McpSignInException exception)
        {
            Print(2, $"error: {exception.Message}\n");
            return Failed;
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
    }

    private static void Show(Uri open, Uri back) => Print(
        1,
        $"""
        Open this address in a browser to log in:

        {open.AbsoluteUri}

        The browser comes back to {back.AbsoluteUri}. If it runs on another machine, lead that port here first,
        for example with: ssh -L {back.Port}:127.0.0.1:{back.Port} THIS-MACHINE. Ctrl+C gives up.

        """ + "\n");

    private static void Print(int descriptor, string text)
    {
        try
        {
            _ = FileDescriptor.Write(descriptor, Encoding.UTF8.GetBytes(text));
        }
        catch (IOException)
        {
            // What nobody can read is no reason to stop.
        }
    }
}
