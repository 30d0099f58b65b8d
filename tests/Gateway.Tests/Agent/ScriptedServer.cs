using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Tests.AgentTests;

/// <summary>A model endpoint under full control of the test: one connection per request, answered byte by byte by a script.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Queue<Func<Exchange, Task>> _scripts;
    private readonly List<Exchange> _exchanges = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public ScriptedServer(params Func<Exchange, Task>[] scripts)
    {
        _scripts = new Queue<Func<Exchange, Task>>(scripts);
        _listener.Start();
        _loop = Task.Run(AcceptAsync);
    }

    public string BaseUrl => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1";

    public IReadOnlyList<Exchange> Exchanges
    {
        get
        {
            lock (_exchanges)
            {
                return [.. _exchanges];
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _loop;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var running = new List<Task>();
        try
        {
            while (true)
            {
                running.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
        }

        await Task.WhenAll(running);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = client;
        try
        {
            var exchange = await Exchange.ReadAsync(client.GetStream(), _stop.Token);
            if (exchange is null)
            {
                return;
            }

            Func<Exchange, Task>? script;
            lock (_exchanges)
            {
                _exchanges.Add(exchange);
                _scripts.TryDequeue(out script);
            }

            await (script ?? (e => e.JsonAsync(500, """{"error":{"message":"no script left"}}""")))(exchange);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
        {
        }
    }
}

/// <summary>One request and the means to answer it.</summary>
internal sealed class Exchange
{
    private readonly NetworkStream _stream;
    private readonly CancellationToken _stop;

    private Exchange(NetworkStream stream, string head, string body, CancellationToken stop)
    {
        _stream = stream;
        _stop = stop;
        Head = head;
        Body = body;
    }

    public string Head { get; }

    public string Body { get; }

    public string? Header(string name) => Head.Split("\r\n")
        .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
        .Select(line => line[(name.Length + 1)..].Trim())
        .FirstOrDefault();

    public static async Task<Exchange?> ReadAsync(NetworkStream stream, CancellationToken stop)
    {
        var bytes = new List<byte>();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var read = await stream.ReadAsync(buffer, stop);
            if (read == 0)
            {
                return null;
            }

            bytes.AddRange(buffer.AsSpan(0, read));
            var text = Encoding.UTF8.GetString(bytes.ToArray());
            var split = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (split < 0)
            {
                continue;
            }

            var head = text[..split];
            var length = int.Parse(head.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))?[15..] ?? "0");
            if (bytes.Count >= Encoding.UTF8.GetByteCount(head) + 4 + length)
            {
                return new Exchange(stream, head, text[(split + 4)..], stop);
            }
        }
    }

    public async Task RawAsync(string text) => await _stream.WriteAsync(Encoding.UTF8.GetBytes(text), _stop);

    public Task StartAsync(string type = "text/event-stream") =>
        RawAsync($"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");

    public Task SendAsync(string text) => RawAsync($"{Encoding.UTF8.GetByteCount(text):x}\r\n{text}\r\n");

    /// <summary>One network chunk of exactly these bytes.</summary>
    public async Task RawBytesAsync(ReadOnlyMemory<byte> bytes)
    {
        await RawAsync($"{bytes.Length:x}\r\n");
        await _stream.WriteAsync(bytes, _stop);
        await RawAsync("\r\n");
    }

    public Task EndAsync() => RawAsync("0\r\n\r\n");

    public async Task JsonAsync(int status, string json, string headers = "", string type = "application/json") =>
        await RawAsync($"HTTP/1.1 {status} X\r\nContent-Type: {type}\r\n{headers}Content-Length: {Encoding.UTF8.GetByteCount(json)}\r\nConnection: close\r\n\r\n{json}");

    /// <summary>A whole event stream, cut into network chunks after each event.</summary>
    public async Task EventsAsync(params string[] data)
    {
        await StartAsync();
        foreach (var item in data)
        {
            await SendAsync($"data: {item}\n\n");
        }

        await EndAsync();
    }

    /// <summary>Completes when the client has closed its side.</summary>
    public async Task DisconnectedAsync()
    {
        try
        {
            while (await _stream.ReadAsync(new byte[16], _stop) != 0)
            {
            }
        }
        catch (IOException)
        {
        }
    }

    /// <summary>Cuts the connection so that the client sees a reset, not an end.</summary>
    public void Reset()
    {
        _stream.Socket.LingerState = new LingerOption(true, 0);
        _stream.Socket.Close();
    }
}
