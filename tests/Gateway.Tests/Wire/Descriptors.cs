using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;

namespace Gateway.Tests.Wire;

/// <summary>Real descriptors of every kind that standard input can be.</summary>
internal static partial class Descriptors
{
    public static (SafeFileHandle Reading, SafeFileHandle Writing) Pipe()
    {
        Check(Syscall.pipe(out int reading, out int writing));
        return (Owned(reading), Owned(writing));
    }

    public static (SafeFileHandle One, SafeFileHandle Other) SocketPair()
    {
        int[] ends = new int[2];
        Check(SocketPair(1, 1, 0, ends));
        return (Owned(ends[0]), Owned(ends[1]));
    }

    /// <summary>A pseudo-terminal: what the gateway reads, and what the user types into.</summary>
    public static (SafeFileHandle Terminal, SafeFileHandle User) Terminal()
    {
        var user = Open("/dev/ptmx", OpenFlags.O_RDWR | OpenFlags.O_NOCTTY);
        Check(Grant(Number(user)));
        Check(Unlock(Number(user)));
        return (Open(Marshal.PtrToStringUTF8(NameOf(Number(user)))!, OpenFlags.O_RDWR | OpenFlags.O_NOCTTY), user);
    }

    public static SafeFileHandle Open(string path, OpenFlags flags) => Owned(Check(Syscall.open(path, flags)));

    public static void MakeFifo(string path) => Check(Syscall.mkfifo(path, FilePermissions.S_IRUSR | FilePermissions.S_IWUSR));

    public static int Number(SafeFileHandle handle) => (int)handle.DangerousGetHandle();

    public static void Write(SafeFileHandle handle, string text) => Write(handle, Encoding.UTF8.GetBytes(text));

    public static void Write(SafeFileHandle handle, ReadOnlySpan<byte> bytes)
    {
        if (!Transport.FileDescriptor.Write(Number(handle), bytes)) throw new IOException("the reading end is closed");
    }

    public static void MakeNonBlocking(SafeFileHandle handle) => Check(Syscall.fcntl(
        Number(handle),
        FcntlCommand.F_SETFL,
        (long)(Check(Syscall.fcntl(Number(handle), FcntlCommand.F_GETFL)) | (int)OpenFlags.O_NONBLOCK)));

    /// <summary>Closes the sending half of a socket.</summary>
    public static void EndSending(SafeFileHandle handle) => Check(Shutdown(Number(handle), 1));

    private static SafeFileHandle Owned(int fd) => new(fd, ownsHandle: true);

    private static int Check(int result) => result >= 0 ? result : throw new IOException(Stdlib.GetLastError().ToString());

    [LibraryImport("libc", EntryPoint = "socketpair")]
    private static partial int SocketPair(int domain, int type, int protocol, [In, Out] int[] ends);

    [LibraryImport("libc", EntryPoint = "shutdown")]
    private static partial int Shutdown(int fd, int how);

    [LibraryImport("libc", EntryPoint = "grantpt")]
    private static partial int Grant(int fd);

    [LibraryImport("libc", EntryPoint = "unlockpt")]
    private static partial int Unlock(int fd);

    [LibraryImport("libc", EntryPoint = "ptsname")]
    private static partial nint NameOf(int fd);
}
