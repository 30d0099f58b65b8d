using System.Globalization;
using Gateway.Diagnostics;
using Gateway.Transport;

namespace Gateway.Bench;

/// <summary>Counts what all threads allocate on the managed heap from the end of a warm-up on.</summary>
internal sealed class AllocationMeter
{
    private readonly string _unit;
    private readonly int _warmUp;
    private long _before;
    private int _taken;

    /// <summary>Creates a meter.</summary>
    /// <param name="unit">What is counted, for the report.</param>
    /// <param name="warmUp">How many of them do not count.</param>
    public AllocationMeter(string unit, int warmUp)
    {
        _unit = unit;
        _warmUp = warmUp;
    }

    /// <summary>The next one begins.</summary>
    public void Next()
    {
        if (_taken++ == _warmUp) _before = GC.GetTotalAllocatedBytes(precise: true);
    }

    /// <summary>Writes the figure to standard error. Nothing more may begin.</summary>
    public void Report()
    {
        long bytes = GC.GetTotalAllocatedBytes(precise: true) - _before;
        int counted = _taken - _warmUp;
        GatewayLog.StandardError(counted <= 0
            ? $"nothing to report: the warm-up takes {_warmUp}"
            : string.Create(CultureInfo.InvariantCulture, $"{(double)bytes / counted:0.00} bytes allocated per {_unit}: {bytes} in {counted}"));
    }
}

/// <summary>Lines on their way to the server, counted.</summary>
internal sealed class MeteredLines(ILineSource lines, AllocationMeter meter) : ILineSource
{
    public bool PeerClosed => lines.PeerClosed;

    public bool TryRead(out Line line)
    {
        bool read = lines.TryRead(out line);
        if (read) meter.Next();
        return read;
    }

    public bool WaitForStop(int milliseconds) => lines.WaitForStop(milliseconds);
}
