using ModelContextProtocol;
using ModelContextProtocol.Authentication;

namespace Gateway.Mcp;

/// <summary>The user has to log in to a server before it can be used; the message says how.</summary>
internal sealed class McpLoginNeededException(string server)
    : McpException($"a login is needed: run tui-gateway mcp login {(server.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.') ? server : $"'{server}'")}");

/// <summary>How the protocol's own OAuth client is used here: in the background with what is stored, and never with a browser; with one only
/// when the user logs in.</summary>
internal static class McpOAuth
{
    /// <summary>Uses the stored login and renews it; where neither will do, <see cref="McpLoginNeededException"/> comes out of the connection.</summary>
    /// <param name="server">The server.</param>
    /// <param name="options">How one logs in to it.</param>
    /// <param name="files">The stored login.</param>
    public static ClientOAuthOptions Stored(string server, McpOAuthOptions options, McpTokenFiles files) => Options(
        options,
        files,
        new Uri("http://127.0.0.1/callback"),

        // Asked before anything is registered or sent to the authorization server.
        servers => files.ChooseToRenew(servers) ?? throw new McpLoginNeededException(server),
        (_, _) => throw new McpLoginNeededException(server));

    /// <summary>Logs in.</summary>
    /// <param name="options">How.</param>
    /// <param name="files">Where the login is stored.</param>
    /// <param name="redirect">Where the browser comes back to.</param>
    /// <param name="ask">Sends the user to an address and waits for what comes back.</param>
    public static ClientOAuthOptions New(
        McpOAuthOptions options, McpTokenFiles files, Uri redirect, Func<AuthorizationCallbackContext, CancellationToken, Task<AuthorizationResult?>> ask) =>
        Options(options, files, redirect, files.Choose, ask);

    private static ClientOAuthOptions Options(
        McpOAuthOptions options,
        McpTokenFiles files,
        Uri redirect,
        Func<IReadOnlyList<Uri>, Uri?> choose,
        Func<AuthorizationCallbackContext, CancellationToken, Task<AuthorizationResult?>> ask) => new()
        {
            RedirectUri = redirect,
            ClientId = options.ClientId,
            ClientSecret = options.ClientSecret,
            Scopes = options.Scope?.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            DynamicClientRegistration = new DynamicClientRegistrationOptions { ClientName = options.ClientName },
            TokenCache = files,
            AuthServerSelector = choose,
            AuthorizationCallbackHandler = ask,
        };
}
