using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using ModelServer.Requests;

namespace ModelServer.Wire;

/// <summary>The bytes of one response. Headers go out with the first of them, so that a reply can also end, stall or drop
/// before any response exists. Every write is handed to the kernel before it returns: what a script sent, it has sent.</summary>
internal sealed class ReplyOutput(HttpContext context, ModelRequest request, int bytesPerWrite, CancellationToken cancellationToken)
{
    /// <summary>Whether the response has begun.</summary>
    public bool Begun => context.Response.HasStarted;

    /// <summary>Whether the server itself cut the connection, which is no client leaving.</summary>
    public bool Dropped { get; private set; }

    /// <summary>Whether the last bytes are going out; a client may leave from here on.</summary>
    public bool Ending { get; private set; }

    public CancellationToken CancellationToken => cancellationToken;

    public async Task BeginAsync(string? contentType = null, int status = StatusCodes.Status200OK)
    {
        if (Begun) return;
        HttpResponse response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType ?? (request.Stream ? "text/event-stream; charset=utf-8" : "application/json");
        response.Headers.CacheControl = "no-cache";
        response.Headers[request.Api == WireApi.Messages ? "request-id" : "x-request-id"] = $"req_scripted_{request.Call}";
        await response.StartAsync(cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }

    public void SetHeader(string name, string value) => context.Response.Headers[name] = value;

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        await BeginAsync();
        int step = bytesPerWrite > 0 ? bytesPerWrite : bytes.Length;
        for (int start = 0; start < bytes.Length; start += step)
        {
            await context.Response.Body.WriteAsync(bytes.Slice(start, Math.Min(step, bytes.Length - start)), cancellationToken);
            await context.Response.Body.FlushAsync(cancellationToken);
        }
    }

    /// <summary>Writes a whole body of known length.</summary>
    public async Task WriteBodyAsync(ReadOnlyMemory<byte> body, string contentType, int status)
    {
        MarkEnding();
        context.Response.ContentLength = body.Length;
        await BeginAsync(contentType, status);
        await WriteAsync(body);
    }

    public void MarkEnding() => Ending = true;

    /// <summary>Cuts the connection, after everything written has arrived at the client.</summary>
    public async Task DropAsync(bool reset)
    {
        Dropped = true;
        Socket socket = context.Features.Get<IConnectionSocketFeature>()!.Socket;
        if (reset)
        {
            await AcknowledgedAsync(socket);
        }
        else
        {
            // Half-closed, the client finds the end of the connection where the stream should go on. Until it closes its
            // own half the connection has to live: ending it now could overtake what is still on its way.
            socket.Shutdown(SocketShutdown.Send);
            await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        context.Abort();
    }

    /// <summary>Waits until the client's kernel has all bytes: a reset throws away what is still on this side.</summary>
    private async Task AcknowledgedAsync(Socket socket)
    {
        const int ProtocolTcp = 6, TcpInfo = 11, UnackedAt = 24, NotSentAt = 144;
        byte[] info = new byte[192];
        do
        {
            socket.GetRawSocketOption(ProtocolTcp, TcpInfo, info);
            if (BitConverter.ToInt32(info, UnackedAt) == 0 && BitConverter.ToInt32(info, NotSentAt) == 0) return;
            await Task.Delay(1, cancellationToken);
        }
        while (true);
    }
}
