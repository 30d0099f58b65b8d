using System.Text;

namespace Gateway.Diagnostics;

/// <summary>What every thread of the process is doing as the kernel sees it (proc(5)): the one view that needs none of them to
/// cooperate.</summary>
internal static class ThreadStates
{
    /// <summary>One block of lines per thread: name, id, kernel state, wait channel and number of the system call.</summary>
    public static string Describe()
    {
        var text = new StringBuilder();
        foreach (string task in Directory.EnumerateDirectories("/proc/self/task"))
        {
            text.Append("\n--- thread ").Append(Read(task, "comm")).Append(" (id=").Append(Path.GetFileName(task)).Append(") ---\n")
                .Append("state ").Append(State(Read(task, "stat")))
                .Append(", waits in ").Append(Read(task, "wchan") is { Length: > 1 } channel ? channel : "nothing")
                .Append(", system call ").Append(Read(task, "syscall").Split(' ')[0]).Append('\n');
        }

        return text.ToString();
    }

    // The letter follows the name, which is in parentheses and may contain anything.
    private static string State(string stat)
    {
        int end = stat.LastIndexOf(')');
        return end >= 0 && end + 2 < stat.Length ? stat.Substring(end + 2, 1) : "?";
    }

    // Threads end at any time, and some files are only for the superuser.
    private static string Read(string task, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, file)).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "?";
        }
    }
}
