using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Gateway.Diagnostics;

/// <summary>Something that is under way when the process is told to end.</summary>
/// <param name="Text">What it is, for which session, and for how long; one line.</param>
/// <param name="Threads">The kernel's ids of the threads that it keeps; none while it waits without one.</param>
internal readonly record struct WorkItem(string Text, params IReadOnlyList<int> Threads);

/// <summary>What every thread of the process is doing as the kernel sees it (proc(5)): the one view that needs none of them to
/// cooperate.</summary>
internal static partial class ThreadStates
{
    /// <summary>The kernel's id of the calling thread (gettid(2)).</summary>
    [LibraryImport("libc", EntryPoint = "gettid")]
    public static partial int CurrentId();

    /// <summary>One block of lines per thread: name, id, kernel state, wait channel, number of the system call, and what it works on.</summary>
    /// <param name="work">What is under way.</param>
    public static string Describe(IReadOnlyList<WorkItem> work)
    {
        var text = new StringBuilder();
        foreach (string task in Directory.EnumerateDirectories("/proc/self/task"))
        {
            text.Append("\n--- thread ").Append(Read(task, "comm")).Append(" (id=").Append(Path.GetFileName(task)).Append(") ---\n")
                .Append("state ").Append(State(Read(task, "stat")))
                .Append(", waits in ").Append(Read(task, "wchan") is { Length: > 1 } channel ? channel : "nothing")
                .Append(", system call ").Append(Read(task, "syscall").Split(' ')[0]).Append('\n');
            int id = int.Parse(Path.GetFileName(task), CultureInfo.InvariantCulture);
            foreach (var item in work)
                if (item.Threads.Contains(id)) text.Append("works on ").Append(item.Text.ReplaceLineEndings(" ")).Append('\n');
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
