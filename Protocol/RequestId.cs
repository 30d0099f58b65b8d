using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Gateway.Protocol;

/// <summary>The id of a request, kept as the JSON text the client sent, so that it is echoed exactly:
/// <c>1</c> stays apart from <c>"1"</c>, and <c>1.0</c> from <c>1</c> (WIRE 2.2).</summary>
/// <remarks>Ids up to <see cref="InlineCapacity"/> bytes are held inside the value, without an allocation.</remarks>
internal readonly struct RequestId : IEquatable<RequestId>
{
    /// <summary>Longest id in bytes that needs no array of its own.</summary>
    public const int InlineCapacity = 24;

    private readonly InlineBytes _inline;
    private readonly byte[]? _spilled;
    private readonly byte _length;

    /// <summary>Takes over the id as raw JSON text. Empty text means <c>null</c>.</summary>
    public RequestId(ReadOnlySpan<byte> json)
    {
        if (json.Length > InlineCapacity)
        {
            _spilled = json.ToArray();
            return;
        }

        json.CopyTo(_inline);
        _length = (byte)json.Length;
    }

    /// <summary>The id of an answer to something that had none (JSON-RPC 2.0, section 5).</summary>
    public static RequestId Null => default;

    /// <summary>The id as JSON text.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Json =>
        _spilled is not null ? _spilled
        : _length == 0 ? "null"u8
        : ((ReadOnlySpan<byte>)_inline)[.._length];

    /// <inheritdoc/>
    public bool Equals(RequestId other) => Json.SequenceEqual(other.Json);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RequestId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Json);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => System.Text.Encoding.UTF8.GetString(Json);

    [InlineArray(InlineCapacity)]
    private struct InlineBytes
    {
        private byte _first;
    }
}
