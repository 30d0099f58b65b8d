using Gateway.Tests.Shared;

namespace Gateway.ProcessTests;

/// <summary>What <c>/proc</c> says about a process (proc(5)).</summary>
internal static class ProcessFacts
{
    /// <summary>State: R, S, D, T, Z …; X when it is gone.</summary>
    public static char State(int pid) => Stat(pid) is [var state, ..] ? state[0] : 'X';

    /// <summary>Whether it runs, sleeps or is stopped, but has not ended.</summary>
    public static bool IsAlive(int pid) => State(pid) is not ('X' or 'Z');

    /// <summary>Processor time used so far, in clock ticks of 10 ms; null when it is gone.</summary>
    public static long? Ticks(int pid) => Stat(pid) is { Length: > 12 } stat ? long.Parse(stat[11]) + long.Parse(stat[12]) : null;

    /// <summary>Resident memory in bytes; 0 when it is gone.</summary>
    public static long ResidentBytes(int pid)
    {
        try
        {
            string line = File.ReadLines($"/proc/{pid}/status").FirstOrDefault(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)) ?? "VmRSS: 0 kB";
            return long.Parse(line["VmRSS:".Length..^"kB".Length]) * 1024;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>Ticks used in an interval of so many milliseconds; 0 when it is gone.</summary>
    public static async Task<long> TicksDuringAsync(int pid, int milliseconds)
    {
        long? before = Ticks(pid);
        await Task.Delay(milliseconds);
        return Ticks(pid) - before ?? 0;
    }

    /// <summary>Ids and command lines of what was started below a stage's home, which it has in its environment, except the gateway.</summary>
    public static HashSet<string> StartedBelow(Stage stage, int gateway)
    {
        var alive = new HashSet<string>();
        foreach (int pid in All())
        {
            if (pid == gateway) continue;
            try
            {
                if (IsAlive(pid) && File.ReadAllText($"/proc/{pid}/environ").Contains(stage.Home, StringComparison.Ordinal))
                    alive.Add($"{pid} {File.ReadAllText($"/proc/{pid}/cmdline").Replace('\0', ' ')}");
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It is gone.
            }
        }

        return alive;
    }

    /// <summary>Ids of the children of a process that have not ended.</summary>
    public static int[] Children(int parent) => [.. All().Where(pid => IsAlive(pid) && Stat(pid) is { Length: > 1 } stat && int.Parse(stat[1]) == parent)];

    private static IEnumerable<int> All() =>
        Directory.EnumerateDirectories("/proc").Select(folder => int.TryParse(Path.GetFileName(folder), out int pid) ? pid : 0).Where(pid => pid > 0);

    // Fields from the third on: the name before them may hold blanks.
    private static string[] Stat(int pid)
    {
        try
        {
            string text = File.ReadAllText($"/proc/{pid}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return [];
        }
    }
}
