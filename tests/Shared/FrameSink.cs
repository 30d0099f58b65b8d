using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Shared;

/// <summary>A WebSocket server that keeps what sidecars send, as the dashboard's <c>/api/pub</c> does.</summary>
public sealed class FrameSink : IAsyncDisposable
{
    /// <summary>What must never be seen in a log.</summary>
    public const string Token = "t0p-s3cret-t0ken";

    private readonly object _gate = new();
    private readonly List<string> _messages = [];
    private readonly List<WebSocket> _sockets = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Func<int, int> _close;
    private readonly Func<WebSocket, Task> _greet;
    private readonly int _refusal;
    private readonly WebApplication _app;
    private int _goodbyes;

    private FrameSink(int port, int refusal, Func<int, int> close, Func<WebSocket, Task> greet)
    {
        _refusal = refusal;
        _close = close;
        _greet = greet;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddLogging();
        _app = builder.Build();
        _app.UseWebSockets();
        _app.Run(AnswerAsync);
    }

    /// <summary>Where sidecars connect to; its query has the <see cref="Token"/>.</summary>
    public string Url => $"ws://user:{Token}@127.0.0.1:{Port}/api/pub?token={Token}&channel=c";

    /// <summary>Port on 127.0.0.1.</summary>
    public int Port { get; private set; }

    /// <summary>Text messages so far, of all connections.</summary>
    public IReadOnlyList<string> Messages
    {
        get
        {
            lock (_gate) return [.. _messages];
        }
    }

    /// <summary>Connections so far.</summary>
    public int Connections
    {
        get
        {
            lock (_gate) return _sockets.Count;
        }
    }

    /// <summary>Connections that ended with the client's close frame.</summary>
    public int Goodbyes => Volatile.Read(ref _goodbyes);

    /// <summary>The request line's path and query of the last handshake.</summary>
    public string? Asked { get; private set; }

    /// <summary>Starts a server.</summary>
    /// <param name="port">Port on 127.0.0.1; 0 takes a free one.</param>
    /// <param name="refusal">HTTP status to refuse handshakes with; 0 accepts.</param>
    /// <param name="close">Code to close with after so many messages of all connections; 0 goes on. The first call is before any.</param>
    /// <param name="greet">What to do with a connection first.</param>
    public static async Task<FrameSink> StartAsync(int port = 0, int refusal = 0, Func<int, int>? close = null, Func<WebSocket, Task>? greet = null)
    {
        var sink = new FrameSink(port, refusal, close ?? (_ => 0), greet ?? (_ => Task.CompletedTask));
        await sink._app.StartAsync();
        sink.Port = new Uri(sink._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
        return sink;
    }

    /// <summary>Waits for so many messages and returns them all.</summary>
    public Task<IReadOnlyList<string>> WaitForMessagesAsync(int count) =>
        Waiting.UntilAsync(() => Messages, seen => seen.Count >= count, $"{count} messages", seen => $"{seen.Count}");

    /// <summary>Cuts all connections off without a goodbye.</summary>
    public void CutOff()
    {
        lock (_gate)
            foreach (var socket in _sockets) socket.Abort();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        CutOff();
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Asked = context.Request.Path + context.Request.QueryString;
        if (_refusal != 0)
        {
            context.Response.StatusCode = _refusal;
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        lock (_gate) _sockets.Add(socket);
        try
        {
            await _greet(socket);
            await ReceiveAsync(socket);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException or InvalidOperationException)
        {
            // The client is gone, or the test is over.
        }
    }

    private async Task ReceiveAsync(WebSocket socket)
    {
        byte[] chunk = new byte[65536];
        var text = new MemoryStream();
        while (true)
        {
            if (_close(Messages.Count) is var code and not 0)
            {
                await socket.CloseAsync((WebSocketCloseStatus)code, null, _stopping.Token);
                return;
            }

            ValueWebSocketReceiveResult received;
            do
            {
                received = await socket.ReceiveAsync(chunk.AsMemory(), _stopping.Token);
                text.Write(chunk, 0, received.Count);
            }
            while (!received.EndOfMessage);

            if (received.MessageType == WebSocketMessageType.Close)
            {
                Interlocked.Increment(ref _goodbyes);
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, _stopping.Token);
                return;
            }

            lock (_gate) _messages.Add((received.MessageType == WebSocketMessageType.Text ? "" : "not text: ") + Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length));
            text.SetLength(0);
        }
    }
}
