using System.Diagnostics;
using Gateway.Processes;

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

    /// <summary>Command line words of the children of this process and of their children, zombies as empty strings.</summary>
    public static List<string> OwnChildren()
    {
        var found = new List<string>();
        var processes = ProcessTable.Read();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), out int id) || !processes.TryGetValue(id, out var process)) continue;
            // A child's own parent is its guardian.
            bool isOurs = process.Parent == Environment.ProcessId
                || processes.TryGetValue(process.Parent, out var guardian) && guardian.Parent == Environment.ProcessId;
            try
            {
                if (isOurs) found.Add(File.ReadAllText(directory + "/cmdline").Replace('\0', ' '));
            }
            catch (IOException)
            {
                // Ended meanwhile.
            }
        }

        return found;
    }
}
