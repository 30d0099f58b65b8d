using System.Runtime.InteropServices;

namespace Gateway.Processes;

/// <summary>Hands a start description to the native helper and puts its failures into words.</summary>
internal static class ChildSpawn
{
    /// <summary>Starts the child; it dies with the calling thread.</summary>
    /// <returns>The process id, which is also that of its session and process group.</returns>
    /// <exception cref="ChildStartException">It could not be started.</exception>
    public static unsafe int Spawn(ChildStart start, int input, int output, int error, out int pidfd)
    {
        string[] arguments = [start.Path, .. start.Arguments];
        string[] environment = [.. start.Environment.Select(pair => $"{pair.Key}={pair.Value}")];
        if (arguments.Concat(environment).Append(start.WorkingDirectory).Any(text => text.Contains('\0')))
        {
            throw new ChildStartException(start.Path, "an argument or variable holds a NUL character");
        }

        using var nativeArguments = new NativeStrings(arguments);
        using var nativeEnvironment = new NativeStrings(environment);
        using var directory = new NativeStrings([start.WorkingDirectory]);
        var descriptors = stackalloc int[] { input, output, error };
        pidfd = -1;
        var pid = ProcessCalls.Spawn(
            nativeArguments.Pointer[0], nativeArguments.Pointer, nativeEnvironment.Pointer, directory.Pointer[0], descriptors);
        if (pid > 0)
        {
            pidfd = (int)ProcessCalls.PidfdOpen(ProcessCalls.PidfdOpenNumber, pid, 0);
            if (pidfd >= 0) return pid;

            // A child that cannot be watched must not live.
            var problem = Marshal.GetLastPInvokeError();
            _ = ProcessCalls.Kill(pid, ProcessCalls.SigKill);
            _ = Reap(pid);
            throw new ChildStartException(start.Path, Reason(problem), IsTransient(problem));
        }

        // The helper does not say which step failed; a missing directory is the one worth telling apart.
        var reason = Directory.Exists(start.WorkingDirectory) ? Reason(-pid) : $"working directory {start.WorkingDirectory} does not exist";
        throw new ChildStartException(start.Path, reason, IsTransient(-pid));
    }

    /// <summary>Waits for one child.</summary>
    /// <returns>Its exit status, or minus the number of the signal that ended it; <see cref="int.MinValue"/> on error.</returns>
    public static unsafe int Reap(int pid)
    {
        int status;
        while (ProcessCalls.WaitPid(pid, &status, 0) < 0)
            if (Marshal.GetLastPInvokeError() != ProcessCalls.Interrupted) return int.MinValue;

        // The low seven bits are the signal, the next byte the status (wait(2)).
        return (status & 0x7F) != 0 ? -(status & 0x7F) : (status >> 8) & 0xFF;
    }

    /// <summary>Whether an error number says that the machine is short of something: EAGAIN, ENOMEM, ENFILE, EMFILE.</summary>
    public static bool IsTransient(int error) => error is 11 or 12 or 23 or 24;

    /// <summary>Our words for an error number (the values are those of Linux).</summary>
    public static string Reason(int error) => error switch
    {
        ProcessCalls.NoSuchEntry => "no such file",
        7 => "the command line and environment are longer than the system allows (one argument: 128 KiB)",
        8 => "not a program of this system",
        11 => "the limit of processes is reached",
        12 => "out of memory",
        13 => "permission denied",
        20 => "a part of the path is not a directory",
        23 or 24 => "the limit of open files is reached",
        _ => $"{Marshal.GetPInvokeErrorMessage(error)} (error {error})",
    };
}
