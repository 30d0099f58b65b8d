using System.Buffers;

namespace Gateway.Rpc;

/// <summary>Numbers the events of one live session and keeps the newest of them, so that a client that was away can ask for what it
/// missed (NEWER_CLIENTS item 4). Memory is bounded; nothing is allocated once the ring has its size.</summary>
internal sealed class EventLog
{
    /// <summary>Events kept at most.</summary>
    public const int MaxEvents = 512;

    /// <summary>Bytes kept at most.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    private const int FirstCapacity = 4096;
    private readonly Queue<int> _lengths = new();
    private byte[] _ring = [];
    private int _start;
    private int _used;

    /// <summary>Creates the log of a session.</summary>
    /// <param name="sessionId">Live session id.</param>
    public EventLog(string sessionId) => SessionId = sessionId;

    /// <summary>Live session id.</summary>
    public string SessionId { get; }

    /// <summary>Held while an event is numbered, kept and handed to the transport, so that all three have one order.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Number of the newest event; 0 before the first. Under <see cref="Gate"/>.</summary>
    public long Latest { get; private set; }

    /// <summary>Keeps the event that has the next number. Under <see cref="Gate"/>.</summary>
    /// <param name="parameters">The params object of its frame.</param>
    public void Add(ReadOnlySpan<byte> parameters)
    {
        Latest++;
        bool fits = parameters.Length <= MaxBytes;
        while (_lengths.Count > 0 && (!fits || _lengths.Count == MaxEvents || _used + parameters.Length > MaxBytes)) Drop();
        if (!fits) return;
        Reserve(_used + parameters.Length);
        int at = (_start + _used) % _ring.Length;
        int first = Math.Min(parameters.Length, _ring.Length - at);
        parameters[..first].CopyTo(_ring.AsSpan(at));
        parameters[first..].CopyTo(_ring);
        _used += parameters.Length;
        _lengths.Enqueue(parameters.Length);
    }

    /// <summary>What came after an event.</summary>
    /// <param name="lastSeen">Number of the newest event that the client has; 0 for none.</param>
    /// <param name="latest">Number of the newest event.</param>
    /// <param name="truncated">Whether events are missing that the client has not seen, or that it has seen events of another epoch.</param>
    /// <param name="count">How many are returned.</param>
    /// <returns>A JSON array of their params objects, oldest first.</returns>
    public byte[] Since(long lastSeen, out long latest, out bool truncated, out int count)
    {
        lock (Gate)
        {
            latest = Latest;
            long number = Latest - _lengths.Count;
            truncated = lastSeen < number || lastSeen > Latest;
            if (lastSeen > Latest) lastSeen = 0;
            var events = new ArrayBufferWriter<byte>(_used + _lengths.Count + 2);
            events.Write("["u8);
            count = 0;
            int at = _start;
            foreach (int length in _lengths)
            {
                if (++number > lastSeen)
                {
                    if (count++ > 0) events.Write(","u8);
                    int first = Math.Min(length, _ring.Length - at);
                    events.Write(_ring.AsSpan(at, first));
                    events.Write(_ring.AsSpan(0, length - first));
                }

                at = (at + length) % _ring.Length;
            }

            events.Write("]"u8);
            return events.WrittenSpan.ToArray();
        }
    }

    private void Drop()
    {
        int length = _lengths.Dequeue();
        _start = (_start + length) % _ring.Length;
        _used -= length;
    }

    private void Reserve(int bytes)
    {
        if (bytes <= _ring.Length) return;
        int capacity = Math.Max(FirstCapacity, _ring.Length);
        while (capacity < bytes) capacity *= 2;
        byte[] larger = new byte[capacity];
        int first = Math.Min(_used, _ring.Length - _start);
        _ring.AsSpan(_start, first).CopyTo(larger);
        _ring.AsSpan(0, _used - first).CopyTo(larger.AsSpan(first));
        (_ring, _start) = (larger, 0);
    }
}
