using System.Net.Sockets;
using Gateway.Config;
using Gateway.Diagnostics;
using Gateway.Storage;
using ModelContextProtocol.Authentication;
using ModelContextProtocol.Client;

namespace Gateway.Mcp;

/// <summary>A login did not come about; the message is for the user.</summary>
internal sealed class McpSignInException(string message) : Exception(message);

/// <summary>Logs the user in to a server, with a browser that the user opens.</summary>
/// <param name="environment">What comes from outside.</param>
/// <param name="time">The clock.</param>
internal sealed class McpSignIn(GatewayEnvironment environment, TimeProvider time)
{
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    /// <summary>Logs in and stores the login; an old one is replaced when the new one is there.</summary>
    /// <param name="name">The server's name in configuration.</param>
    /// <param name="show">Shows the user the address to open, and the one that the browser comes back to.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What is wrong with the server although the login is stored; null when nothing is.</returns>
    /// <exception cref="McpSignInException">There is no login.</exception>
    public async Task<string?> RunAsync(string name, Action<Uri, Uri> show, CancellationToken cancellationToken)
    {
        var (server, login) = Server(name);
        using var callback = Listen(login.RedirectPort);
        var files = new McpTokenFiles(environment.HermesHome, name, login, time) { NewLogin = callback.Address };
        using var limit = new CancellationTokenSource(login.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        string? refused = null;
        try
        {
            // Our own limit ends the wait, and says why; that of the connection must not come first.
            var options = McpHandlers.Options(server with { ConnectTimeout = login.Timeout + Margin }, null, null, static () => { });
            using var traffic = new McpTraffic(time);
            var client = await McpClient.CreateAsync(McpHttp.Transport(server, McpOAuth.New(login, files, callback.Address, AskAsync), traffic, time), options, null, either.Token);
            await client.DisposeAsync();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (StoredFileException exception)
        {
            throw new McpSignInException($"the login could not be stored in {Path.Combine(environment.HermesHome, "mcp-tokens")}: {exception.Message}");
        }
        catch (Exception exception) when (McpFailure.IsExpected(exception))
        {
            if (files.Stored) return McpFailure.Words(exception);
            if (refused is not null) throw new McpSignInException($"the login was refused: {refused}");
            throw new McpSignInException(limit.IsCancellationRequested
                ? $"nobody logged in within {login.Timeout.TotalSeconds:0} s; try again, or set oauth.timeout of the server"
                : $"no login at MCP server '{name}': {McpFailure.Words(exception)}");
        }

        return files.Stored ? null : throw new McpSignInException($"MCP server '{name}' did not ask for a login; it can be used as it is");

        async Task<AuthorizationResult?> AskAsync(AuthorizationCallbackContext context, CancellationToken token)
        {
            string? state = McpCallback.Query(context.AuthorizationUri.Query.TrimStart('?')).GetValueOrDefault("state");
            show(context.AuthorizationUri, callback.Address);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(token, either.Token);
            var redirect = await callback.WaitAsync(state, both.Token);
            refused = redirect.Error;

            // Other ways to connect would only ask once more.
            if (redirect.Code is null) await either.CancelAsync();
            return redirect.Code is null ? null : new AuthorizationResult { Code = redirect.Code, State = state, Iss = redirect.Issuer };
        }
    }

    private (McpServerConfig Server, McpOAuthOptions Login) Server(string name)
    {
        var config = new ConfigFile(environment.ConfigPath).Read();
        if (config.Problem is not null) throw new McpSignInException(config.Problem);
        var servers = McpServerConfig.Read(config.Root, environment);
        if (servers.FirstOrDefault(one => one.Name == name) is not { } server)
        {
            string known = servers.Count == 0 ? "it has none" : $"it has {string.Join(", ", servers.Select(one => one.Name))}";
            throw new McpSignInException($"there is no server '{name}' that is switched on in mcp_servers of {environment.ConfigPath}; {known}");
        }

        if (server.Problem is not null) throw new McpSignInException($"mcp_servers.{name} in {environment.ConfigPath} cannot be used: {server.Problem}");
        if (server.Url is null) throw new McpSignInException($"MCP server '{name}' is a program on this machine; only servers with a url have a login");
        if (server.OAuth is not { } login) throw new McpSignInException($"mcp_servers.{name} in {environment.ConfigPath} does not say auth: oauth, so no login would be sent to it");

        // Random numbers come from the same library as HTTPS; without it the runtime would end the process.
        if (!new TlsLibrary().Present) throw new McpSignInException("a login needs the OpenSSL library (libssl), which is not installed on this machine");
        return (server, login);
    }

    private static McpCallback Listen(int port)
    {
        try
        {
            return McpCallback.Listen(port);
        }
        catch (SocketException)
        {
            throw new McpSignInException($"port {port} on this machine is taken; end what listens there, or set another oauth.redirect_port");
        }
    }
}
