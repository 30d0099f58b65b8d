using System.Runtime.InteropServices;

namespace Gateway.Transport;

/// <summary>System calls that Mono.Posix does not have, or not in a form for us: its path marshalling brings its own text encoding
/// and error tables along, its poll allocates and knows no POLLRDHUP. The C function open is variadic; without O_CREAT it takes
/// no third argument, and on both of our architectures two fixed arguments are passed alike.</summary>
internal static unsafe partial class DescriptorCalls
{
    /// <summary>open(2).</summary>
    /// <returns>A descriptor, or -1.</returns>
    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int Open(string path, int flags);

    /// <summary>readlink(2): not terminated, cut off at <paramref name="size"/> bytes.</summary>
    /// <returns>Bytes stored, or -1.</returns>
    [LibraryImport("libc", EntryPoint = "readlink", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial nint ReadLink(string path, byte* target, nuint size);

    /// <summary>eventfd(2).</summary>
    /// <returns>A descriptor, or -1.</returns>
    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventFd(uint value, int flags);

    /// <summary>poll(2).</summary>
    /// <param name="entries">What to watch.</param>
    /// <param name="count">How many.</param>
    /// <param name="milliseconds">How long to wait; -1 for ever.</param>
    /// <returns>How many rows have something; -1 on error.</returns>
    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, int milliseconds);
}
