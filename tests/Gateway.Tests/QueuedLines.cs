using System.Collections.Concurrent;
using Gateway.Transport;

namespace Gateway.Tests;

/// <summary>Lines that tests put in.</summary>
internal sealed class QueuedLines : ILineSource
{
    private readonly BlockingCollection<byte[]> _lines = [];

    public bool PeerClosed => _lines.IsAddingCompleted;

    public void Put(ReadOnlySpan<byte> line) => _lines.Add(line.ToArray());

    public void End() => _lines.CompleteAdding();

    public bool TryRead(out Line line)
    {
        bool taken = _lines.TryTake(out byte[]? bytes, Timeout.Infinite);
        line = new Line(bytes);
        return taken;
    }

    public bool WaitForStop(int milliseconds) => false;
}
