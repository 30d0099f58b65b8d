using System.Runtime.InteropServices;
using System.Text;

namespace Gateway.Processes;

/// <summary>A null-terminated array of null-terminated UTF-8 strings outside the managed heap, as execve wants it.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private byte* _block;

    /// <summary>Copies the strings. None may hold a NUL character: the system would cut it there.</summary>
    public NativeStrings(IReadOnlyCollection<string> strings)
    {
        var pointers = (nuint)(strings.Count + 1) * (nuint)sizeof(byte*);
        var size = pointers;
        foreach (var text in strings) size += (nuint)Encoding.UTF8.GetByteCount(text) + 1;

        _block = (byte*)NativeMemory.Alloc(size);
        Pointer = (byte**)_block;
        var next = _block + pointers;
        var left = size - pointers;
        var index = 0;
        foreach (var text in strings)
        {
            var written = Encoding.UTF8.GetBytes(text, new Span<byte>(next, checked((int)left)));
            next[written] = 0;
            Pointer[index++] = next;
            next += written + 1;
            left -= (nuint)written + 1;
        }

        Pointer[index] = null;
    }

    /// <summary>The array. Valid until disposal.</summary>
    public byte** Pointer { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(_block);
        _block = null;
        Pointer = null;
    }
}
