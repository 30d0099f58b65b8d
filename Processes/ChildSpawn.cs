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
        var watch = -1;
        var pid = ProcessCalls.Spawn(
            nativeArguments.Pointer[0], nativeArguments.Pointer, nativeEnvironment.Pointer, directory.Pointer[0], input, output, error, &watch);
        pidfd = watch;
        if (pid > 0) return pid;

        // The helper does not say which step failed; a missing directory is the one worth telling apart.
        var reason = Directory.Exists(start.WorkingDirectory) ? Reason(-pid) : $"working directory {start.WorkingDirectory} does not exist";
        throw new ChildStartException(start.Path, reason);
    }

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
