using System.Globalization;
using Gateway.Processes;

namespace Gateway.Tools.Terminal;

/// <summary>Name of a scratch folder: <c>tui-gateway-PID-START-RANDOM</c>, so that others can tell whether its process is still there.</summary>
/// <param name="Process">Id of the process.</param>
/// <param name="Start">When it began, in clock ticks since boot; 0 where that is not to be had.</param>
internal readonly record struct ScratchName(int Process, ulong Start)
{
    /// <summary>What all of them begin with.</summary>
    public const string Prefix = "tui-gateway-";

    private const int RandomLength = 8;

    /// <summary>Whether the process that made it is there.</summary>
    public bool IsAlive => ProcessTable.Find(Process) is { Ended: false } process && (Start == 0 || process.StartTime == Start);

    /// <summary>A new name of this process.</summary>
    public static string New() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Prefix}{Environment.ProcessId}-{ProcessTable.Find(Environment.ProcessId)?.StartTime ?? 0}-{Guid.NewGuid().ToString("N")[..RandomLength]}");

    /// <summary>Reads a name; null when it is none of ours, down to the last character.</summary>
    public static ScratchName? Read(string name)
    {
        if (!name.StartsWith(Prefix, StringComparison.Ordinal) || name[Prefix.Length..].Split('-') is not [var id, var start, var random]) return null;
        if (random.Length != RandomLength || !random.All(char.IsAsciiHexDigitLower)) return null;
        if (!int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out int process) || process <= 0) return null;
        if (!ulong.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out ulong began)) return null;
        return $"{process}-{began}" == $"{id}-{start}" ? new ScratchName(process, began) : null;
    }
}
