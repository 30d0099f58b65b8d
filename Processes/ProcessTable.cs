using System.Globalization;

namespace Gateway.Processes;

/// <summary>One process as <c>/proc/PID/stat</c> tells it (proc_pid_stat(5)).</summary>
/// <param name="Id">Process id.</param>
/// <param name="Parent">Id of the parent; that of init or a subreaper once the parent is gone.</param>
/// <param name="Session">Id of the session.</param>
/// <param name="StartTime">When it began, in clock ticks since boot: tells it from a later process with the same id.</param>
/// <param name="Ended">Whether it has ended and only waits to be reaped.</param>
internal readonly record struct ProcessEntry(int Id, int Parent, int Session, ulong StartTime, bool Ended);

/// <summary>Reads the processes of the system from <c>/proc</c>. Where that is not to be had, there are none.</summary>
internal static class ProcessTable
{
    /// <summary>All processes by id. No consistent moment: some may have ended, and others begun, while it was read.</summary>
    public static Dictionary<int, ProcessEntry> Read()
    {
        var table = new Dictionary<int, ProcessEntry>();
        try
        {
            foreach (var directory in Directory.EnumerateDirectories("/proc"))
            {
                if (int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                    && Find(id) is { } process)
                {
                    table[id] = process;
                }
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Without /proc the process groups are still ended.
        }

        return table;
    }

    /// <summary>The process with this id; null when there is none.</summary>
    public static unsafe ProcessEntry? Find(int id)
    {
        Span<byte> path = stackalloc byte[32];
        if (!System.Text.Unicode.Utf8.TryWrite(path, CultureInfo.InvariantCulture, $"/proc/{id}/stat\0", out _)) return null;
        Span<byte> text = stackalloc byte[1024];
        nint count;
        fixed (byte* name = path, start = text)
        {
            var file = ProcessCalls.Open(name, ProcessCalls.CloseOnExec);
            if (file < 0) return null;
            count = ProcessCalls.Read(file, start, (nuint)text.Length);
            _ = ProcessCalls.Close(file);
        }

        return count > 0 && Parse(text[..(int)count], out var process) ? process : null;
    }

    /// <summary>What a process is called (the first 15 bytes of its program's name) and as which user it acts; null when there is none
    /// of that id.</summary>
    public static (string Name, uint EffectiveUser)? Identity(int id)
    {
        try
        {
            string name = "";
            foreach (string line in File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/status")))
            {
                if (line.StartsWith("Name:\t", StringComparison.Ordinal)) name = line[6..];
                if (line.StartsWith("Uid:\t", StringComparison.Ordinal) && uint.TryParse(line.Split('\t')[2], NumberStyles.None, CultureInfo.InvariantCulture, out uint user)) return (name, user);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // It has ended.
        }

        return null;
    }

    /// <summary>Reads one line of <c>/proc/PID/stat</c>.</summary>
    internal static bool Parse(ReadOnlySpan<byte> line, out ProcessEntry process)
    {
        process = default;

        // The name in parentheses may hold anything, blanks and parentheses included.
        var open = line.IndexOf((byte)'(');
        var close = line.LastIndexOf((byte)')');
        if (open < 2 || close < open || !Number(line[..(open - 1)], out var id)) return false;

        var fields = line[(close + 1)..];
        var (field, ended, parent, session) = (2, false, 0UL, 0UL);
        foreach (var range in fields.Split((byte)' '))
        {
            var value = fields[range];
            if (value.IsEmpty) continue;
            field++;
            switch (field)
            {
                case 3:
                    ended = value[0] is (byte)'Z' or (byte)'X';
                    break;
                case 4 when !Number(value, out parent):
                case 6 when !Number(value, out session):
                    return false;
                case 22 when Number(value, out var startTime):
                    process = new ProcessEntry((int)id, (int)parent, (int)session, startTime, ended);
                    return true;
            }
        }

        return false;
    }

    private static bool Number(ReadOnlySpan<byte> text, out ulong value) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
