using Mono.Unix.Native;

namespace Gateway.Transport;

/// <summary>The process's own ends of the client's pipes, out of reach of children and libraries.</summary>
/// <param name="Input">Requests are read here.</param>
/// <param name="Output">Frames are written here.</param>
internal sealed record StandardDescriptors(int Input, OutputDescriptor Output)
{
    /// <summary>Takes private close-on-exec copies of descriptors 0 and 1, then points 0 at /dev/null and 1 at standard error:
    /// whatever reads standard input finds nothing, whatever prints ends up in the log of the client.</summary>
    /// <exception cref="IOException">There are no descriptors left.</exception>
    public static StandardDescriptors Claim()
    {
        int input = Syscall.dup(0);
        int nothing = DescriptorCalls.Open("/dev/null", (int)(OpenFlags.O_RDWR | OpenFlags.O_CLOEXEC));
        var output = OutputDescriptor.Copy(1);
        if (input < 0 || nothing < 0 || !output.IsOpen) throw new IOException("standard input and output cannot be set up: no file descriptors left");
        _ = Syscall.fcntl(input, FcntlCommand.F_SETFD, OutputDescriptor.CloseOnExec);
        _ = Syscall.dup2(nothing, 0);
        _ = Syscall.dup2(2, 1);
        _ = Syscall.close(nothing);
        return new StandardDescriptors(input, output);
    }
}
