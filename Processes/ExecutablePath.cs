namespace Gateway.Processes;

/// <summary>Finds programs the way a shell does.</summary>
internal static class ExecutablePath
{
    private const int ExecuteAccess = 1;

    /// <summary>First executable file of that name in a colon-separated search path; null when there is none.
    /// Relative entries are skipped: they would make the answer depend on the current directory.</summary>
    public static string? Find(string name, string? searchPath)
    {
        foreach (var directory in (searchPath ?? "/usr/local/bin:/usr/bin:/bin").Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            if (directory[0] != '/') continue;
            var candidate = Path.Combine(directory, name);
            if (IsExecutable(candidate)) return candidate;
        }

        return null;
    }

    /// <summary>Whether there is a file that we may start.</summary>
    public static bool IsExecutable(string path) => File.Exists(path) && ProcessCalls.Access(path, ExecuteAccess) == 0;
}
