using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gateway.Display;

namespace Gateway.Protocol;

/// <summary>Encodes one outgoing frame at a time, newline included. Reusable, not thread-safe.</summary>
internal sealed class FrameBuffer : IDisposable
{
    private const int RetainedCapacity = 64 * 1024;
    private static ReadOnlySpan<byte> BeforeBody => "\"text\":\""u8;

    private static ReadOnlySpan<byte> BeforeParams => """{"jsonrpc":"2.0","method":"event","params":"""u8;

    private static ReadOnlySpan<byte> AfterParams => "}\n"u8;

    private readonly JsonWriterOptions _options;
    private ArrayBufferWriter<byte> _bytes;
    private readonly Utf8JsonWriter _json;

    /// <summary>Creates a buffer.</summary>
    /// <param name="encoder">How text is escaped.</param>
    public FrameBuffer(WireEncoder encoder)
    {
        _options = new JsonWriterOptions { Encoder = encoder, SkipValidation = true };
        _bytes = new ArrayBufferWriter<byte>(1024);
        _json = new Utf8JsonWriter(_bytes, _options);
    }

    /// <summary>Where the text of the last <see cref="TextEvent"/> begins, in bytes from the start of the frame.</summary>
    public int BodyStart { get; private set; }

    /// <summary>Where it ends.</summary>
    public int BodyEnd { get; private set; }

    /// <summary>Encodes the answer to a request.</summary>
    /// <returns>The frame; valid until the next call.</returns>
    public ReadOnlySpan<byte> Result<T>(in RequestId id, T result, JsonTypeInfo<T> type)
    {
        Begin(id);
        _json.WritePropertyName("result"u8);
        JsonSerializer.Serialize(_json, result, type);
        return End();
    }

    /// <summary>Encodes the refusal of a request (never with a data member, WIRE 2.3).</summary>
    /// <returns>The frame; valid until the next call.</returns>
    public ReadOnlySpan<byte> Error(in RequestId id, ErrorCode code, string message)
    {
        Begin(id);
        _json.WriteStartObject("error"u8);
        _json.WriteNumber("code"u8, (int)code);
        _json.WriteString("message"u8, VisibleText.Of(message));
        _json.WriteEndObject();
        return End();
    }

    /// <summary>Encodes an event with a payload (WIRE 2.4).</summary>
    /// <param name="type">Event name.</param>
    /// <param name="sessionId">Live session id, "" for process-wide events; null leaves the member out (gateway.ready only).</param>
    /// <param name="payload">The payload.</param>
    /// <param name="payloadType">How to write the payload.</param>
    /// <param name="number">The event's number in its session; 0 for none.</param>
    /// <returns>The frame; valid until the next call.</returns>
    public ReadOnlySpan<byte> Event<T>(JsonEncodedText type, string? sessionId, T payload, JsonTypeInfo<T> payloadType, long number = 0)
    {
        BeginEvent(type, sessionId);
        _json.WritePropertyName("payload"u8);
        JsonSerializer.Serialize(_json, payload, payloadType);
        return EndEvent(number);
    }

    /// <summary>Encodes an event whose payload is written by hand; needs no JSON metadata.</summary>
    /// <returns>The frame; valid until the next call.</returns>
    public ReadOnlySpan<byte> Event<T>(JsonEncodedText type, string? sessionId, T payload, Action<Utf8JsonWriter, T> write)
    {
        BeginEvent(type, sessionId);
        _json.WritePropertyName("payload"u8);
        write(_json, payload);
        return EndEvent(0);
    }

    /// <summary>Encodes an event without a payload (message.start).</summary>
    /// <returns>The frame; valid until the next call.</returns>
    public ReadOnlySpan<byte> Event(JsonEncodedText type, string? sessionId, long number = 0)
    {
        BeginEvent(type, sessionId);
        return EndEvent(number);
    }

    /// <summary>Encodes an event whose payload is one text; the path of every streamed chunk, free of allocations.</summary>
    /// <returns>The frame; valid until the next call.</returns>
    public ReadOnlySpan<byte> TextEvent(JsonEncodedText type, string sessionId, ReadOnlySpan<char> text, long number = 0)
    {
        BeginEvent(type, sessionId);
        _json.WriteStartObject("payload"u8);
        BodyStart = (int)(_json.BytesCommitted + _json.BytesPending) + BeforeBody.Length;
        _json.WriteString("text"u8, text);
        BodyEnd = (int)(_json.BytesCommitted + _json.BytesPending) - 1;
        _json.WriteEndObject();
        return EndEvent(number);
    }

    /// <summary>The params object inside an event frame made here.</summary>
    public static ReadOnlySpan<byte> ParamsOf(ReadOnlySpan<byte> frame) => frame[BeforeParams.Length..^AfterParams.Length];

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    private void Begin(in RequestId id)
    {
        Reset();
        _json.WriteStartObject();
        _json.WriteString("jsonrpc"u8, "2.0"u8);
        _json.WritePropertyName("id"u8);
        WriteId(id);
    }

    // An id echoed as it came may hold the two separators raw inside a string; they are escaped like everywhere else.
    private void WriteId(in RequestId id)
    {
        var json = id.Json;
        if (json.IndexOf("\u2028"u8) < 0 && json.IndexOf("\u2029"u8) < 0)
        {
            _json.WriteRawValue(json, skipInputValidation: true);
            return;
        }

        string text = System.Text.Encoding.UTF8.GetString(json);
        _json.WriteRawValue(text.Replace("\u2028", "\\u2028").Replace("\u2029", "\\u2029"), skipInputValidation: true);
    }

    private void BeginEvent(JsonEncodedText type, string? sessionId)
    {
        Reset();
        _json.WriteStartObject();
        _json.WriteString("jsonrpc"u8, "2.0"u8);
        _json.WriteString("method"u8, "event"u8);
        _json.WriteStartObject("params"u8);
        _json.WriteString("type"u8, type);
        if (sessionId is not null) _json.WriteString("session_id"u8, sessionId);
    }

    // The number stands behind the payload, so that frames joined into one carry that of the last.
    private ReadOnlySpan<byte> EndEvent(long number)
    {
        if (number > 0) _json.WriteNumber("seq"u8, number);
        _json.WriteEndObject();
        return End();
    }

    private ReadOnlySpan<byte> End()
    {
        _json.WriteEndObject();
        _json.Flush();
        _bytes.GetSpan(1)[0] = (byte)'\n';
        _bytes.Advance(1);
        return _bytes.WrittenSpan;
    }

    // One huge frame must not pin its memory for the life of the process.
    private void Reset()
    {
        if (_bytes.Capacity > RetainedCapacity) _bytes = new ArrayBufferWriter<byte>(1024);
        else _bytes.ResetWrittenCount();
        _json.Reset(_bytes);
    }
}
