using System.Globalization;
using ModelContextProtocol.Protocol;

namespace Gateway.Mcp;

/// <summary>What one connection to a server has brought, and whether that is too much. A server that asks without end, or prints lines without
/// end, costs its own connection: nothing that waits for it grows without bound. Safe from any thread.</summary>
/// <param name="time">The clock.</param>
internal sealed class McpTraffic(TimeProvider time) : IDisposable
{
    /// <summary>Longest line, event or document in bytes.</summary>
    public const int LongestMessage = 16 * 1024 * 1024;

    // Each costs a task and an answer that waits to be sent.
    private const int MostOpen = 64;

    // Servers ping now and then, and ask the model or the user a few times a minute.
    private const int RequestsAtOnce = 200;
    private const int RequestsPerSecond = 20;

    // Progress and log lines come faster.
    private const int MessagesAtOnce = 20_000;
    private const int MessagesPerSecond = 1_000;

    private const int BytesAtOnce = 256 * 1024 * 1024;
    private const int BytesPerSecond = 16 * 1024 * 1024;

    private readonly McpAllowance _requests = new(RequestsAtOnce, RequestsPerSecond, time);
    private readonly McpAllowance _messages = new(MessagesAtOnce, MessagesPerSecond, time);
    private readonly McpAllowance _bytes = new(BytesAtOnce, BytesPerSecond, time);
    private readonly HashSet<RequestId> _open = [];
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _over = new();
    private string? _reason;

    /// <summary>Cancelled when it was too much.</summary>
    public CancellationToken Over => _over.Token;

    /// <summary>Why, in words for users; null while it is not.</summary>
    public string? Reason => Volatile.Read(ref _reason);

    /// <summary>Some bytes came.</summary>
    /// <param name="count">How many.</param>
    /// <param name="unfinished">How many have come of the line, event or document that is not complete yet.</param>
    /// <returns>False when it is too much.</returns>
    public bool Take(int count, long unfinished)
    {
        if (unfinished > LongestMessage) Exceed($"it sent a line, event or document of more than {LongestMessage >> 20} MiB");
        else if (!_bytes.TryTake(count)) Exceed($"it sent more than {BytesPerSecond >> 20} MiB a second");
        return Reason is null;
    }

    /// <summary>A message came.</summary>
    /// <returns>False when it is too much.</returns>
    public bool Take(JsonRpcMessage message)
    {
        if (message is JsonRpcRequest request)
        {
            int open;
            lock (_gate)
            {
                _open.Add(request.Id);
                open = _open.Count;
            }

            if (open > MostOpen) Exceed($"it sent {MostOpen} requests and does not take the answers");
            else if (!_requests.TryTake(1)) Exceed($"it sent more than {RequestsPerSecond} requests a second");
        }
        else if (message is JsonRpcNotification { Method: NotificationMethods.CancelledNotification } cancelled)
        {
            Forget(cancelled);
        }

        if (!_messages.TryTake(1)) Exceed(string.Create(CultureInfo.InvariantCulture, $"it sent more than {MessagesPerSecond:N0} messages a second"));
        return Reason is null;
    }

    /// <summary>A request of the server was answered, and the answer is sent.</summary>
    public void Answered(RequestId id)
    {
        lock (_gate) _open.Remove(id);
    }

    /// <inheritdoc/>
    public void Dispose() => _over.Dispose();

    // What was withdrawn is not answered.
    private void Forget(JsonRpcNotification cancelled)
    {
        if (cancelled.Params is not System.Text.Json.Nodes.JsonObject { } members || members["requestId"] is not System.Text.Json.Nodes.JsonValue id) return;
        if (id.TryGetValue(out string? text)) Answered(new RequestId(text));
        else if (id.TryGetValue(out long number)) Answered(new RequestId(number));
    }

    private void Exceed(string reason)
    {
        if (Interlocked.CompareExchange(ref _reason, reason, null) is not null) return;
        try
        {
            // Whoever waits goes on by itself: this is the thread that brought the bytes.
            _ = _over.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The connection is over already.
        }
    }
}
