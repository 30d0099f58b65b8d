using System.Runtime.InteropServices;

namespace Gateway.Processes;

/// <summary>Hands a start description to the native helper and puts its failures into words.</summary>
internal static class ChildSpawn
{
    /// <summary>Starts the child and the guardian that ends it with the gateway.</summary>
    /// <exception cref="ChildStartException">It could not be started.</exception>
    public static unsafe SpawnedChild Spawn(ChildStart start, int input, int output, int error)
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
        var request = new ProcessCalls.SpawnRequest
        {
            Path = nativeArguments.Pointer[0],
            Arguments = nativeArguments.Pointer,
            Environment = nativeEnvironment.Pointer,
            Directory = directory.Pointer[0],
            Input = input,
            Output = output,
            Error = error,
            Ruleset = start.Confinement?.Open() ?? -1,
            Offline = start.Confinement is { HasNetwork: false } ? 1 : 0,
        };

        // A child that was to be confined never runs without.
        int problem = start.Confinement is not null && request.Ruleset < 0 ? -Marshal.GetLastPInvokeError() : ProcessCalls.Spawn(&request);
        if (request.Ruleset >= 0) _ = ProcessCalls.Close(request.Ruleset);
        if (problem < 0) throw new ChildStartException(start.Path, $"the process that watches over it does not start: {Reason(-problem)}", IsTransient(-problem));
        if (problem > 0)
        {
            // The helper does not say which step failed; a missing directory is the one worth telling apart.
            string reason = Directory.Exists(start.WorkingDirectory) ? Reason(problem) : $"working directory {start.WorkingDirectory} does not exist";
            throw new ChildStartException(start.Path, reason, IsTransient(problem));
        }

        int pidfd = (int)ProcessCalls.PidfdOpen(ProcessCalls.PidfdOpenNumber, request.Process, 0);
        var child = new SpawnedChild(request.Process, pidfd, request.Guardian, request.Control);
        if (pidfd >= 0) return child;

        // A child that cannot be watched must not live.
        problem = Marshal.GetLastPInvokeError();
        _ = ProcessCalls.Kill(child.Process, ProcessCalls.SigKill);
        _ = Reap(child);
        throw new ChildStartException(start.Path, Reason(problem), IsTransient(problem));
    }

    /// <summary>Waits for the end of a child, after which its process id may become another's, and of its guardian.</summary>
    /// <returns>Its exit status, or minus the number of the signal that ended it; null when the guardian was killed and nobody knows.</returns>
    public static unsafe int? Reap(SpawnedChild child)
    {
        int status = 0;
        bool isKnown = Write(child.Control) && Read(child.Control, &status);
        _ = ProcessCalls.Close(child.Control);
        int unused;
        while (ProcessCalls.WaitPid(child.Guardian, &unused, 0) < 0 && Marshal.GetLastPInvokeError() == ProcessCalls.Interrupted)
        {
            // Once more.
        }

        // The low seven bits are the signal, the next byte the status (wait(2)).
        if (!isKnown) return null;
        return (status & 0x7F) != 0 ? -(status & 0x7F) : (status >> 8) & 0xFF;
    }

    private static unsafe bool Write(int control)
    {
        byte any = 1;
        nint count;
        while ((count = ProcessCalls.Write(control, &any, 1)) < 0 && Marshal.GetLastPInvokeError() == ProcessCalls.Interrupted)
        {
            // Once more.
        }

        return count == 1;
    }

    private static unsafe bool Read(int control, int* status)
    {
        nint count;
        while ((count = ProcessCalls.Read(control, (byte*)status, sizeof(int))) < 0 && Marshal.GetLastPInvokeError() == ProcessCalls.Interrupted)
        {
            // Once more.
        }

        return count == sizeof(int);
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
