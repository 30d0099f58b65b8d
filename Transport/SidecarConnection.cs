using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;

namespace Gateway.Transport;

/// <summary>One WebSocket connection to the sidecar's server, from the handshake to the goodbye. What the server sends is
/// read and ignored, since the socket answers pings and learns of its end only while somebody reads.</summary>
internal sealed class SidecarConnection : IAsyncDisposable
{
    /// <summary>Longest handshake, name resolution included (WIRE 5.3).</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    /// <summary>How long the server may keep one frame from going out.</summary>
    public static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(10);

    // How long a server may take to say goodbye; nothing depends on its answer.
    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromMilliseconds(250);

    private readonly ClientWebSocket _socket;
    private readonly TimeProvider _time;
    private readonly CancellationToken _abort;
    private readonly CancellationTokenSource _lost;
    private readonly Task _receiving;
    private SidecarException? _trouble;

    private SidecarConnection(ClientWebSocket socket, TimeProvider time, CancellationToken abort)
    {
        _socket = socket;
        _time = time;
        _abort = abort;
        _lost = CancellationTokenSource.CreateLinkedTokenSource(abort);
        _receiving = ReceiveAsync();
    }

    /// <summary>Cancelled when the connection has ended or was aborted.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Why the connection has ended.</summary>
    public SidecarException Trouble => _trouble ?? new SidecarException("connection lost");

    /// <summary>Connects.</summary>
    /// <param name="url">Where to, ws or wss.</param>
    /// <param name="time">Clock for the limits.</param>
    /// <param name="abort">Gives up the attempt, or the connection later.</param>
    /// <exception cref="SidecarException">There is no connection, and why.</exception>
    public static async Task<SidecarConnection> OpenAsync(Uri url, TimeProvider time, CancellationToken abort)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;

        // The server is on this machine or the user's own; a proxy for the web has no business here.
        socket.Options.Proxy = null;
        using var timeout = new CancellationTokenSource(ConnectTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(abort, timeout.Token);
        try
        {
            await socket.ConnectAsync(url, both.Token);
            return new SidecarConnection(socket, time, abort);
        }
        catch (Exception exception) when (IsNetworkTrouble(exception))
        {
            var status = socket.HttpStatusCode;
            socket.Dispose();
            if (timeout.IsCancellationRequested) throw new SidecarException("no answer within 2 s");
            if (status is not (0 or HttpStatusCode.SwitchingProtocols))
            {
                // A server that closes before it accepts answers with a plain HTTP refusal instead of a close code.
                bool refused = status is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;
                throw new SidecarException(string.Create(CultureInfo.InvariantCulture, $"HTTP {(int)status}"), refused);
            }

            throw new SidecarException(Describe(exception));
        }
    }

    /// <summary>Sends one text message.</summary>
    /// <param name="text">UTF-8; no longer read once this is over.</param>
    /// <exception cref="SidecarException">The connection is lost, and the message with it.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> text)
    {
        try
        {
            var sending = _socket.SendAsync(text, WebSocketMessageType.Text, endOfMessage: true, Lost);
            if (sending.IsCompleted) await sending;
            else await WithinLimitAsync(sending.AsTask());
        }
        catch (Exception exception) when (IsNetworkTrouble(exception))
        {
            throw _trouble ?? new SidecarException(Describe(exception));
        }
    }

    /// <summary>Tells the server that nothing more will come, and waits a moment for its answer. Never fails.</summary>
    public async Task SayGoodbyeAsync()
    {
        using var timeout = new CancellationTokenSource(GoodbyeTimeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(_abort, timeout.Token);
        try
        {
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, both.Token);
            await _receiving.WaitAsync(both.Token);
        }
        catch (Exception exception) when (IsNetworkTrouble(exception))
        {
            // The server was to be told that this is the end; it will notice.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _receiving;
        _lost.Dispose();
    }

    private async Task WithinLimitAsync(Task sending)
    {
        try
        {
            await sending.WaitAsync(SendTimeout, _time);
        }
        catch (TimeoutException)
        {
            _socket.Abort();
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new SidecarException("the server took no frame for 10 s");
        }
    }

    private async Task ReceiveAsync()
    {
        byte[] ignored = new byte[1024];
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveAsync(ignored.AsMemory(), CancellationToken.None);
                if (received.MessageType == WebSocketMessageType.Close) break;
            }

            int code = (int?)_socket.CloseStatus ?? 1005;
            _trouble = new SidecarException(
                string.Create(CultureInfo.InvariantCulture, $"closed by the server with code {code}"),
                pointless: code is 4400 or 4401 or 4403);
        }
        catch (Exception exception) when (IsNetworkTrouble(exception))
        {
            _trouble = new SidecarException(Describe(exception));
        }

        await _lost.CancelAsync();
    }

    private static bool IsNetworkTrouble(Exception exception) =>
        exception is WebSocketException or OperationCanceledException or IOException or SocketException or HttpRequestException
            or AuthenticationException or InvalidOperationException;

    // Only texts that cannot hold the URL, which has a token in it.
    private static string Describe(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException or AuthenticationException) return cause.Message;
        }

        return exception is WebSocketException { WebSocketErrorCode: WebSocketError.ConnectionClosedPrematurely }
            ? "closed without a goodbye"
            : exception.GetBaseException().GetType().Name;
    }
}
