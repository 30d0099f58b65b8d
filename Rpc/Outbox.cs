using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gateway.Protocol;
using Gateway.Sessions;
using Gateway.Transport;

namespace Gateway.Rpc;

/// <summary>Everything that goes to one client: encodes a frame, an event under the lock of its session alone,
/// and hands it to the transport.
/// Safe from any thread.</summary>
internal sealed class Outbox
{
    private const int PooledBuffers = 8;
    private readonly ITransport _transport;
    private readonly WireEncoder _encoder = new();
    private readonly ConcurrentQueue<FrameBuffer> _buffers = new();
    private FrameBuffer? _first;

    /// <summary>Creates an outbox.</summary>
    /// <param name="transport">Where frames go.</param>
    public Outbox(ITransport transport)
    {
        _transport = transport;
        Events = new EventNames(_encoder);
    }

    /// <summary>Stands for this life of the gateway: event numbers of another one mean nothing here (NEWER_CLIENTS item 4).</summary>
    public string Epoch { get; } = RandomHex.Digits(12);

    /// <summary>Event names of the wire.</summary>
    public EventNames Events { get; }

    /// <summary>Whether so much waits to be sent that no further requests should be taken.</summary>
    public bool Crowded => _transport.Crowded;

    /// <summary>Answers a request of a method.</summary>
    public void Result<T>(in RequestId id, T result, JsonTypeInfo<T> type, string method)
    {
        var buffer = Rent();
        _transport.Write(new OutgoingFrame { Bytes = buffer.Result(id, result, type), Method = method });
        Return(buffer);
    }

    /// <summary>Refuses a request; without a method when it could not be read.</summary>
    public void Error(in RequestId id, ErrorCode code, string message, string? method = null)
    {
        var buffer = Rent();
        _transport.Write(new OutgoingFrame { Bytes = buffer.Error(id, code, message), Method = method ?? "" });
        Return(buffer);
    }

    /// <summary>Sends an event with a payload.</summary>
    public void Event<T>(JsonEncodedText type, EventLog session, T payload, JsonTypeInfo<T> payloadType)
    {
        lock (session.Gate)
        {
            var buffer = Rent();
            Send(session, buffer.Event(type, session.SessionId, payload, payloadType, session.Latest + 1));
            Return(buffer);
        }
    }

    /// <summary>Sends an event whose payload is written by hand, without JSON metadata; for the first frame.</summary>
    public void Event<T>(JsonEncodedText type, string? sessionId, T payload, Action<Utf8JsonWriter, T> write)
    {
        var buffer = Rent();
        _transport.Write(new OutgoingFrame { Bytes = buffer.Event(type, sessionId, payload, write), Session = sessionId });
        Return(buffer);
    }

    /// <summary>Sends an event without a payload.</summary>
    public void Event(JsonEncodedText type, EventLog session)
    {
        lock (session.Gate)
        {
            var buffer = Rent();
            Send(session, buffer.Event(type, session.SessionId, session.Latest + 1));
            Return(buffer);
        }
    }

    /// <summary>Sends an event whose payload is one text. Free of allocations.</summary>
    /// <param name="type">Event name.</param>
    /// <param name="session">The session it belongs to.</param>
    /// <param name="text">The text.</param>
    /// <param name="joining">What may become of it while the client is behind; default: nothing.</param>
    public void TextEvent(JsonEncodedText type, EventLog session, ReadOnlySpan<char> text, Joining joining = Joining.None)
    {
        lock (session.Gate)
        {
            var buffer = Rent();
            var bytes = buffer.TextEvent(type, session.SessionId, text, session.Latest + 1);
            session.Add(FrameBuffer.ParamsOf(bytes));
            _transport.Write(new OutgoingFrame
            {
                Bytes = bytes,
                Session = session.SessionId,
                Joining = joining,
                BodyStart = buffer.BodyStart,
                BodyEnd = buffer.BodyEnd,
            });
            Return(buffer);
        }
    }

    /// <summary>See <see cref="ITransport.RoomAsync"/>.</summary>
    public ValueTask RoomAsync(CancellationToken cancellationToken) => _transport.RoomAsync(cancellationToken);

    /// <summary>See <see cref="ITransport.Close"/>.</summary>
    public bool Close(TimeSpan patience) => _transport.Close(patience);

    private void Send(EventLog session, ReadOnlySpan<byte> frame)
    {
        session.Add(FrameBuffer.ParamsOf(frame));
        _transport.Write(new OutgoingFrame { Bytes = frame, Session = session.SessionId });
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
