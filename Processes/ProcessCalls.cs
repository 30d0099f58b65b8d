using System.Runtime.InteropServices;

namespace Gateway.Processes;

/// <summary>The system calls that supervising a child takes. Negative results come with the last P/Invoke error.</summary>
/// <remarks>Declared here and not taken from Mono.Posix: its pipe and poll want entry points that our native file would
/// have to provide, and it knows neither eventfd nor memfd. Numbers are the same on x64 and arm64.</remarks>
internal static unsafe partial class ProcessCalls
{
    public const int SigKill = 9;
    public const int SigTerm = 15;
    public const int SigStop = 19;
    public const int NoSuchEntry = 2;
    public const int Interrupted = 4;
    public const int NotPermitted = 1;
    public const int ReadWrite = 2;
    public const int WriteOnly = 1;
    public const int NonBlocking = 0x800;
    public const int CurrentFolder = -100;
    public const int EmptyPath = 0x1000;
    public const uint TypeModeAndOwner = 0x1 | 0x2 | 0x8;
    public const short PollIn = 1;
    public const int CloseOnExec = 0x80000;
    public const uint MemfdCloseOnExec = 1;
    public const nint PidfdSendSignalNumber = 424;
    public const nint PidfdOpenNumber = 434;

    /// <summary>One row of a poll call; a negative descriptor is skipped.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    /// <summary>The members of statx(2)'s answer that we look at; its layout is the same everywhere.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    public struct FileStatus
    {
        [FieldOffset(20)]
        public uint Owner;

        [FieldOffset(28)]
        public ushort Mode;
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Status(int folder, string path, int flags, uint mask, FileStatus* status);

    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MakePipe(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    /// <summary>What native/child.c takes and fills in; the same members in the same order.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SpawnRequest
    {
        public byte* Path;
        public byte** Arguments;
        public byte** Environment;
        public byte* Directory;
        public int Input;
        public int Output;
        public int Error;
        public int Ruleset;
        public int Offline;
        public int Process;
        public int Guardian;
        public int Control;
    }

    /// <summary>Starts a child and its guardian.</summary>
    /// <returns>0; the number of the error that the child met; minus that of an error that it was not the child that met.</returns>
    [LibraryImport("gateway_native", EntryPoint = "gw_spawn")]
    public static partial int Spawn(SpawnRequest* request);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    public static partial int Pipe(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventFd(uint value, int flags);

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true)]
    public static partial int MemoryFile(byte* name, uint flags);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    public static partial long Seek(int descriptor, long offset, int origin);

    /// <summary>For reading. The C function is variadic; without O_CREAT it takes no third argument, and on both of our
    /// architectures two fixed arguments are passed alike.</summary>
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    public static partial int Open(byte* path, int flags);

    /// <inheritdoc cref="Open(byte*, int)"/>
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    /// <summary>fcntl(2) with a number as its third argument; variadic, but alike for three words on both of our architectures.</summary>
    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int SetFlags(int descriptor, int command, int value);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, byte* buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, byte* buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    public static partial int WaitPid(int pid, int* status, int options);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "kill")]
    public static partial int Kill(int pid, int signal);

    /// <summary>pidfd_open(2), by number: the C library has no function for it before glibc 2.36. syscall is variadic, which
    /// for up to six words is the same as fixed arguments on both of our architectures.</summary>
    [LibraryImport("libc", EntryPoint = "syscall")]
    public static partial nint PidfdOpen(nint number, nint pid, nint flags);

    /// <summary>pidfd_send_signal(2), by number likewise.</summary>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    public static partial nint PidfdSendSignal(nint number, nint pidfd, nint signal, nint info, nint flags);

    /// <summary>The calls of landlock(7), by number likewise.</summary>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    public static partial nint Landlock(nint number, nint first, nint second, nint third, nint fourth);

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Access(string path, int mode);
}
