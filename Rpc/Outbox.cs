using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gateway.Protocol;
using Gateway.Transport;

namespace Gateway.Rpc;

/// <summary>Everything that goes to one client: encodes a frame outside any lock and hands it to the transport.
/// Safe from any thread.</summary>
internal sealed class Outbox
{
    private const int PooledBuffers = 8;
    private readonly ITransport _transport;
    private readonly Action<string, IOException?> _lost;
    private readonly WireEncoder _encoder = new();
    private readonly ConcurrentQueue<FrameBuffer> _buffers = new();
    private FrameBuffer? _first;
    private int _gone;

    /// <summary>Creates an outbox.</summary>
    /// <param name="transport">Where frames go.</param>
    /// <param name="lost">Called once when nothing more can be sent: with what was being sent, and what failed here, which is null when the client is gone.</param>
    public Outbox(ITransport transport, Action<string, IOException?> lost)
    {
        _transport = transport;
        _lost = lost;
        Events = new EventNames(_encoder);
    }

    /// <summary>Event names of the wire.</summary>
    public EventNames Events { get; }

    /// <summary>Whether nothing more can be sent.</summary>
    public bool PeerGone => Volatile.Read(ref _gone) != 0;

    /// <summary>Answers a request of a method.</summary>
    public void Result<T>(in RequestId id, T result, JsonTypeInfo<T> type, string method)
    {
        var buffer = Rent();
        Send(buffer.Result(id, result, type), method);
        Return(buffer);
    }

    /// <summary>Refuses a request; without a method when it could not be read.</summary>
    public void Error(in RequestId id, ErrorCode code, string message, string? method = null)
    {
        var buffer = Rent();
        Send(buffer.Error(id, code, message), method ?? "");
        Return(buffer);
    }

    /// <summary>Sends an event with a payload.</summary>
    public void Event<T>(JsonEncodedText type, string? sessionId, T payload, JsonTypeInfo<T> payloadType)
    {
        var buffer = Rent();
        Send(buffer.Event(type, sessionId, payload, payloadType));
        Return(buffer);
    }

    /// <summary>Sends an event whose payload is written by hand, without JSON metadata; for the first frame.</summary>
    public void Event<T>(JsonEncodedText type, string? sessionId, T payload, Action<Utf8JsonWriter, T> write)
    {
        var buffer = Rent();
        Send(buffer.Event(type, sessionId, payload, write));
        Return(buffer);
    }

    /// <summary>Sends an event without a payload.</summary>
    public void Event(JsonEncodedText type, string sessionId)
    {
        var buffer = Rent();
        Send(buffer.Event(type, sessionId));
        Return(buffer);
    }

    /// <summary>Sends an event whose payload is one text. Free of allocations.</summary>
    public void TextEvent(JsonEncodedText type, string sessionId, ReadOnlySpan<char> text)
    {
        var buffer = Rent();
        Send(buffer.TextEvent(type, sessionId, text));
        Return(buffer);
    }

    /// <summary>Sends nothing more.</summary>
    public void Close() => _transport.Close();

    // method: of a response; "" for the answer to something unreadable; null for an event.
    private void Send(ReadOnlySpan<byte> frame, string? method = null)
    {
        if (PeerGone) return;
        IOException? failure = null;
        try
        {
            if (_transport.Write(frame)) return;
        }
        catch (IOException exception)
        {
            failure = exception;
        }

        if (Interlocked.Exchange(ref _gone, 1) != 0) return;
        _lost(method switch { null => "event", "" => "parse-error-response", _ => "response" } + " write failed" + (method is { Length: > 0 } ? $" for method='{method}'" : ""), failure);
    }

    private FrameBuffer Rent() =>
        Interlocked.Exchange(ref _first, null) ?? (_buffers.TryDequeue(out var buffer) ? buffer : new FrameBuffer(_encoder));

    // A buffer whose frame failed to encode is not returned: it may hold half a frame.
    private void Return(FrameBuffer buffer)
    {
        if (Interlocked.CompareExchange(ref _first, buffer, null) is null) return;
        if (_buffers.Count < PooledBuffers) _buffers.Enqueue(buffer);
    }
}
