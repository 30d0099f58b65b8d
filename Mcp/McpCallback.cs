using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Mcp;

/// <summary>What a browser brought back from a login.</summary>
/// <param name="Code">What tokens are given for; null when the login was refused.</param>
/// <param name="Issuer">Who says so; null when it is not said.</param>
/// <param name="Error">Why there is no code; null when there is one.</param>
internal sealed record McpRedirect(string? Code, string? Issuer, string? Error);

/// <summary>Waits on this machine for the browser that comes back from a login. Reachable from nowhere else.</summary>
internal sealed class McpCallback : IDisposable
{
    private const int LongestRequest = 16 * 1024;
    private const string CallbackPath = "/callback";
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<McpRedirect> _came = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private volatile string? _state;

    private McpCallback(TcpListener listener) => _listener = listener;

    private static TimeSpan RequestTime => TimeSpan.FromSeconds(10);

    /// <summary>Where the browser has to come back to.</summary>
    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}{CallbackPath}");

    /// <summary>Begins to listen.</summary>
    /// <param name="port">The port; 0 for any that is free.</param>
    /// <exception cref="SocketException">The port is taken.</exception>
    public static McpCallback Listen(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        var callback = new McpCallback(listener);
        _ = callback.AcceptAsync();
        return callback;
    }

    /// <summary>Waits for the browser.</summary>
    /// <param name="state">What tells this login from others; whoever comes without it is sent away.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<McpRedirect> WaitAsync(string? state, CancellationToken cancellationToken)
    {
        _state = state;
        return _came.Task.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    // Browsers open connections that they may never use, so each is served on its own.
    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The login is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                limit.CancelAfter(RequestTime);
                var stream = client.GetStream();
                string[] line = (await FirstLineAsync(stream, limit.Token)).Split(' ');
                var redirect = line is ["GET", var target, ..] ? Read(target) : null;
                string text = redirect switch
                {
                    null => "This is not the answer to a login that is under way.",
                    { Code: not null } => "You may close this page and go back to the terminal.",
                    _ => "The login was refused. The terminal says more.",
                };
                string page = $"<!doctype html><html><head><meta charset=\"utf-8\"><title>tui-gateway</title></head><body><p>{text}</p></body></html>";
                string head = $"HTTP/1.1 {(redirect is null ? "404 Not Found" : "200 OK")}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {page.Length}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n";
                await stream.WriteAsync(Encoding.ASCII.GetBytes(head + page), limit.Token);
                if (redirect is not null) _came.TrySetResult(redirect);
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // Whoever it was went away, or said nothing.
            }
        }
    }

    // The rest of the request is read to its end as well: a connection that is closed with bytes unread may lose the answer.
    private static async Task<string> FirstLineAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[LongestRequest];
        int count = 0;
        while (count < bytes.Length && bytes.AsSpan(0, count).IndexOf("\r\n\r\n"u8) < 0)
        {
            int read = await stream.ReadAsync(bytes.AsMemory(count), cancellationToken);
            if (read == 0) break;
            count += read;
        }

        int end = bytes.AsSpan(0, count).IndexOf((byte)'\r');
        return Encoding.ASCII.GetString(bytes, 0, Math.Max(end, 0));
    }

    private McpRedirect? Read(string target)
    {
        int at = target.IndexOf('?');
        if (at < 0 || target[..at] != CallbackPath) return null;
        var values = Query(target[(at + 1)..]);
        if (_state is not { } state || values.GetValueOrDefault("state") != state) return null;
        if (values.GetValueOrDefault("code") is { Length: > 0 } code) return new McpRedirect(code, values.GetValueOrDefault("iss"), null);
        if (values.GetValueOrDefault("error") is not { Length: > 0 } error) return null;
        return new McpRedirect(null, null, values.GetValueOrDefault("error_description") is { Length: > 0 } more ? $"{error} ({more})" : error);
    }

    /// <summary>The values of a query.</summary>
    /// <param name="query">The query without its question mark.</param>
    public static Dictionary<string, string> Query(string query) => query.Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.IndexOf('=') is var equals and > 0 ? (Plain(pair[..equals]), Plain(pair[(equals + 1)..])) : (Plain(pair), ""))
        .DistinctBy(pair => pair.Item1)
        .ToDictionary(pair => pair.Item1, pair => pair.Item2, StringComparer.Ordinal);

    private static string Plain(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
