using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Processes;

/// <summary>System calls about what lies in a folder that is held open, so that no change of the folder's path leads them elsewhere.
/// Names have no slash; failures are exceptions as those of <see cref="FileCalls"/>.</summary>
internal static unsafe partial class FolderCalls
{
    private const int OnlyItsPlace = 0x200000;
    private const int NonBlocking = 0x800;
    private const int NewFile = 0x40 | 0x80;
    private const int AsFolder = 0x200;
    private const int MayWrite = 2;
    private const uint NoReplacing = 1;
    private const nint OpenAt2Number = 437;
    private const ulong NoLinks = 0x4 | 0x2;

    // The two flags that differ between our architectures.
    private static int OnlyFolders => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;

    private static int NotThroughLink => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    /// <summary>Holds a folder that no link leads to (openat2(2), RESOLVE_NO_SYMLINKS).</summary>
    /// <param name="path">Absolute path without links.</param>
    /// <returns>Null when it cannot be opened so: there is none, a link is in the way, or the kernel or a filter does not offer the call.</returns>
    public static SafeFileHandle? OpenWithoutLinks(string path)
    {
        var how = new OpenHow { Flags = (ulong)(uint)(OnlyItsPlace | OnlyFolders | ProcessCalls.CloseOnExec), Resolve = NoLinks };
        fixed (byte* name = FileCalls.Terminated(path))
        {
            nint descriptor = OpenAt2(OpenAt2Number, ProcessCalls.CurrentFolder, name, &how, (nuint)sizeof(OpenHow));
            return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : null;
        }
    }

    /// <summary>Holds the root of all folders.</summary>
    public static SafeFileHandle OpenRoot() => Opened(ProcessCalls.CurrentFolder, "/", OnlyItsPlace | OnlyFolders, 0);

    /// <summary>Holds a folder that lies in another, and is no link.</summary>
    /// <exception cref="IOException">There is none, or it is something else.</exception>
    public static SafeFileHandle OpenFolder(SafeFileHandle folder, string name) =>
        Opened(Number(folder), name, OnlyItsPlace | OnlyFolders | NotThroughLink, 0);

    /// <summary>Opens a file that is no link, without waiting for the other end of a pipe.</summary>
    /// <param name="folder">Where it is.</param>
    /// <param name="name">Its name.</param>
    /// <param name="write">Whether it is to be written too.</param>
    public static SafeFileHandle OpenFile(SafeFileHandle folder, string name, bool write) =>
        Opened(Number(folder), name, (write ? ProcessCalls.ReadWrite : 0) | NonBlocking | NotThroughLink, 0);

    /// <summary>Makes a file that was not there, for writing.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="name">Its name.</param>
    /// <param name="mode">Its permissions, less those that the umask takes.</param>
    public static SafeFileHandle CreateFile(SafeFileHandle folder, string name, UnixFileMode mode) => Opened(Number(folder), name, ProcessCalls.WriteOnly | NewFile, (uint)mode);

    /// <summary>Makes a folder; one that is there already is fine.</summary>
    public static void MakeFolder(SafeFileHandle folder, string name, UnixFileMode mode)
    {
        fixed (byte* text = FileCalls.Terminated(name))
            if (MakeAt(Number(folder), text, (uint)mode) != 0 && Marshal.GetLastPInvokeError() is var error and not FileCalls.Exists) throw FileCalls.Failure(error, name);
    }

    /// <summary>What a name leads to; a link at its end is not followed. Null when there is nothing.</summary>
    public static FileFacts? Facts(SafeFileHandle folder, string name) => FileCalls.Facts(Number(folder), name);

    /// <summary>Whether this process may write a file.</summary>
    public static bool IsWritable(SafeFileHandle folder, string name)
    {
        fixed (byte* text = FileCalls.Terminated(name)) return AccessAt(Number(folder), text, MayWrite, 0) == 0;
    }

    /// <summary>Gives a file another name or folder.</summary>
    /// <param name="from">Where it is.</param>
    /// <param name="name">Its name.</param>
    /// <param name="to">Where it goes.</param>
    /// <param name="wanted">Its name there.</param>
    /// <param name="replaces">Whether what has that name goes.</param>
    public static void Rename(SafeFileHandle from, string name, SafeFileHandle to, string wanted, bool replaces)
    {
        fixed (byte* old = FileCalls.Terminated(name))
        fixed (byte* now = FileCalls.Terminated(wanted))
        {
            int done = RenameAt(Number(from), old, Number(to), now, replaces ? 0 : NoReplacing);

            // Not every file system can do it in one step.
            if (done != 0 && !replaces && Marshal.GetLastPInvokeError() == FileCalls.Invalid && Facts(to, wanted) is null) done = RenameAt(Number(from), old, Number(to), now, 0);
            if (done != 0) throw FileCalls.Failure(Marshal.GetLastPInvokeError(), name);
        }
    }

    /// <summary>Takes a name away.</summary>
    /// <param name="folder">Where it is.</param>
    /// <param name="name">The name of a file or link, or of an empty folder.</param>
    /// <param name="isFolder">Whether it is that of a folder.</param>
    public static void Remove(SafeFileHandle folder, string name, bool isFolder = false)
    {
        fixed (byte* text = FileCalls.Terminated(name))
            if (UnlinkAt(Number(folder), text, isFolder ? AsFolder : 0) != 0) throw FileCalls.Failure(Marshal.GetLastPInvokeError(), name);
    }

    private static int Number(SafeFileHandle handle) => (int)handle.DangerousGetHandle();

    private static SafeFileHandle Opened(int folder, string name, int flags, uint mode)
    {
        int descriptor;
        fixed (byte* text = FileCalls.Terminated(name)) descriptor = OpenAt(folder, text, flags | ProcessCalls.CloseOnExec, mode);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw FileCalls.Failure(Marshal.GetLastPInvokeError(), name);
    }

    /// <summary>The C function is variadic; four fixed arguments are passed alike on both of our architectures.</summary>
    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    private static partial int OpenAt(int folder, byte* name, int flags, uint mode);

    /// <summary>openat2(2), by number: the C library has no function for it.</summary>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint OpenAt2(nint number, nint folder, byte* name, OpenHow* how, nuint size);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true)]
    private static partial int MakeAt(int folder, byte* name, uint mode);

    [LibraryImport("libc", EntryPoint = "faccessat", SetLastError = true)]
    private static partial int AccessAt(int folder, byte* name, int mode, int flags);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true)]
    private static partial int RenameAt(int from, byte* name, int to, byte* wanted, uint flags);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    private static partial int UnlinkAt(int folder, byte* name, int flags);

    /// <summary>struct open_how.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }
}
