namespace Gateway.Transport;

/// <summary>What may become of a frame that still waits when the next one of its session comes.</summary>
internal enum Joining
{
    /// <summary>Nothing: it is sent as it is, where it stands.</summary>
    None,

    /// <summary>The next one's body is added to its own: pieces of one text.</summary>
    Append,

    /// <summary>The next one's body takes the place of its own: a caption, of which only the latest counts.</summary>
    Replace,
}

/// <summary>One frame on its way out: its bytes, and what a transport must know to order, join and report it.</summary>
internal readonly ref struct OutgoingFrame
{
    /// <summary>The frame, its newline included. Only valid during the call it is passed to.</summary>
    public required ReadOnlySpan<byte> Bytes { get; init; }

    /// <summary>The live session it belongs to; null for responses and process-wide events. Frames of one session keep their order.</summary>
    public string? Session { get; init; }

    /// <summary>Whether it may be joined with another of the same session. Two frames can be joined when the bytes before their
    /// bodies are equal.</summary>
    public Joining Joining { get; init; }

    /// <summary>Where the body begins, in bytes; for frames that can be joined.</summary>
    public int BodyStart { get; init; }

    /// <summary>Where the body ends, in bytes.</summary>
    public int BodyEnd { get; init; }

    /// <summary>For reports: the method that it answers, "" when the request could not be read; null for an event.</summary>
    public string? Method { get; init; }
}
