using System.Diagnostics;

namespace Gateway.Tests.ProcessesTests;

/// <summary>Waits for something to become true instead of for time to pass.</summary>
internal static class Facts
{
    public static async Task<bool> BecomesTrueAsync(Func<bool> fact, int withinMilliseconds = 10_000)
    {
        var watch = Stopwatch.StartNew();
        while (!fact())
        {
            if (watch.ElapsedMilliseconds > withinMilliseconds) return false;
            await Task.Delay(5);
        }

        return true;
    }

    public static bool IsAlive(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Command line words of the children of this process, zombies as empty strings.</summary>
    public static List<string> OwnChildren()
    {
        var found = new List<string>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), out _)) continue;
            try
            {
                var stat = File.ReadAllText(directory + "/stat");
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                if (fields[1] == Environment.ProcessId.ToString()) found.Add(File.ReadAllText(directory + "/cmdline").Replace('\0', ' '));
            }
            catch (IOException)
            {
                // Ended meanwhile.
            }
        }

        return found;
    }
}
