using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Processes;

/// <summary>The system calls about files that the framework has no name for. Numbers are the same on x64 and arm64.</summary>
internal static unsafe partial class FileCalls
{
    // Nor is a terminal made that of the process.
    private const int NonBlocking = 0x800 | 0x100;
    private const int ReadAndWrite = 2;
    private const int ToTheEnd = 0x400;
    private const int MadeIfMissing = 0x40;
    private const uint OwnerReadsAndWrites = 0x180;
    private const int WorkingDirectory = -100;
    private const int EmptyPath = 0x1000;
    private const int NotThroughLink = 0x100;
    private const uint BasicFacts = 0x7FF;
    private const int NotPermitted = 1;
    private const int NotAllowed = 13;
    private const int NameTooLong = 36;

    /// <summary>EEXIST.</summary>
    public const int Exists = 17;

    /// <summary>EINVAL.</summary>
    public const int Invalid = 22;

    /// <summary>Opens what is there without waiting for the other end of a pipe.</summary>
    /// <param name="path">Absolute path without NUL.</param>
    /// <param name="write">Whether it shall be written too.</param>
    /// <exception cref="IOException">It cannot be opened; its HResult is the errno.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public static SafeFileHandle Open(string path, bool write = false) => Open(path, NonBlocking | (write ? ReadAndWrite : 0));

    /// <summary>Opens a file so that each write goes to its end, without waiting for who reads a pipe; made for its owner alone when there
    /// is none.</summary>
    /// <exception cref="IOException">It cannot be opened; its HResult is the errno.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public static SafeFileHandle OpenToAppend(string path)
    {
        int descriptor;
        fixed (byte* name = Terminated(path)) descriptor = Make(name, ProcessCalls.WriteOnly | ToTheEnd | MadeIfMissing | NonBlocking | ProcessCalls.CloseOnExec, OwnerReadsAndWrites);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Failure(Marshal.GetLastPInvokeError(), path);
    }

    /// <summary>The path that an open file or folder has now; null where /proc is not mounted.</summary>
    public static string? PathOf(SafeFileHandle file) => new FileInfo($"/proc/self/fd/{file.DangerousGetHandle()}").LinkTarget;

    /// <summary>Gives an open file to a user and a group.</summary>
    /// <returns>Whether that was allowed.</returns>
    public static bool Give(SafeFileHandle file, uint owner, uint group) => ChangeOwner((int)file.DangerousGetHandle(), owner, group) == 0;

    /// <summary>Copies access lists and other attributes of a file to an open one, but for those that the kernel's security modules set.</summary>
    /// <returns>Whether all of them were copied.</returns>
    public static bool CopyAttributes(string from, SafeFileHandle to)
    {
        byte[] path = Terminated(from);
        fixed (byte* source = path)
        {
            nint size = ListAttributes(source, null, 0);
            if (size <= 0) return true;
            var names = new byte[size];
            fixed (byte* first = names) size = ListAttributes(source, first, (nuint)names.Length);
            if (size < 0) return false;
            foreach (string name in Encoding.UTF8.GetString(names, 0, (int)size).Split('\0', StringSplitOptions.RemoveEmptyEntries))
                if (!name.StartsWith("security.", StringComparison.Ordinal) && !CopyAttribute(source, Terminated(name), (int)to.DangerousGetHandle())) return false;
        }

        return true;
    }

    /// <summary>See <see cref="FileFacts"/>.</summary>
    internal static FileFacts? Facts(string path, bool followLink)
    {
        fixed (byte* name = Terminated(path)) return Facts(WorkingDirectory, name, followLink ? 0 : NotThroughLink);
    }

    /// <summary>What a name in a held folder leads to; a link is not followed.</summary>
    internal static FileFacts? Facts(int folder, string name)
    {
        fixed (byte* text = Terminated(name)) return Facts(folder, text, NotThroughLink);
    }

    /// <summary>The exception for a system call that failed.</summary>
    /// <param name="error">The errno, which its HResult is.</param>
    /// <param name="path">The file concerned.</param>
    internal static Exception Failure(int error, string path)
    {
        string message = Marshal.GetPInvokeErrorMessage(error);
        return error switch
        {
            ProcessCalls.NoSuchEntry => new FileNotFoundException(message, path),
            NotAllowed or NotPermitted => new UnauthorizedAccessException(message),
            NameTooLong => new PathTooLongException(message),
            _ => new IOException(message, error),
        };
    }

    /// <summary>A path as the system takes it.</summary>
    internal static byte[] Terminated(string text) => Encoding.UTF8.GetBytes(text + '\0');

    /// <summary>See <see cref="FileFacts"/>.</summary>
    internal static FileFacts? Facts(SafeFileHandle file)
    {
        byte nothing = 0;
        return Facts((int)file.DangerousGetHandle(), &nothing, EmptyPath);
    }

    private static FileFacts? Facts(int directory, byte* path, int flags)
    {
        Facts256 facts;
        if (StatusOf(directory, path, flags, BasicFacts, &facts) != 0) return null;
        return new FileFacts(facts.Mode, facts.Links, facts.Owner, facts.Group, ((ulong)facts.DeviceMajor << 32) | facts.DeviceMinor, facts.Inode) { Size = (long)facts.Size };
    }

    private static SafeFileHandle Open(string path, int flags)
    {
        int descriptor;
        fixed (byte* name = Terminated(path)) descriptor = ProcessCalls.Open(name, flags | ProcessCalls.CloseOnExec);
        if (descriptor >= 0) return new SafeFileHandle(descriptor, ownsHandle: true);
        throw Failure(Marshal.GetLastPInvokeError(), path);
    }

    private static bool CopyAttribute(byte* from, byte[] name, int to)
    {
        fixed (byte* attribute = name)
        {
            nint size = ReadAttribute(from, attribute, null, 0);
            if (size < 0) return false;
            var value = new byte[Math.Max(1, (int)size)];
            fixed (byte* first = value)
            {
                size = ReadAttribute(from, attribute, first, (nuint)size);
                return size >= 0 && WriteAttribute(to, attribute, first, (nuint)size, 0) == 0;
            }
        }
    }

    /// <summary>open(2) with a mode; variadic, but three fixed arguments are passed alike on both of our architectures.</summary>
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static partial int Make(byte* path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static partial int StatusOf(int directory, byte* path, int flags, uint mask, Facts256* facts);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    private static partial int ChangeOwner(int descriptor, uint owner, uint group);

    [LibraryImport("libc", EntryPoint = "listxattr", SetLastError = true)]
    private static partial nint ListAttributes(byte* path, byte* names, nuint size);

    [LibraryImport("libc", EntryPoint = "getxattr", SetLastError = true)]
    private static partial nint ReadAttribute(byte* path, byte* name, byte* value, nuint size);

    [LibraryImport("libc", EntryPoint = "fsetxattr", SetLastError = true)]
    private static partial int WriteAttribute(int descriptor, byte* name, byte* value, nuint size, int flags);

    /// <summary>struct statx, as far as it is looked at.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Facts256
    {
        [FieldOffset(16)]
        public uint Links;

        [FieldOffset(20)]
        public uint Owner;

        [FieldOffset(24)]
        public uint Group;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
