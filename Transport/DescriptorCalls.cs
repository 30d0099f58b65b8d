using System.Runtime.InteropServices;

namespace Gateway.Transport;

/// <summary>System calls that take a path. Declared here and not taken from Mono.Posix, whose path marshalling brings its own
/// text encoding and error tables along. The C function open is variadic; without O_CREAT it takes no third argument, and on
/// both of our architectures two fixed arguments are passed alike.</summary>
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
}
