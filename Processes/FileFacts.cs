using Microsoft.Win32.SafeHandles;

namespace Gateway.Processes;

/// <summary>What the kernel says of a file (statx(2)).</summary>
/// <param name="Mode">Kind and permissions, as in <c>st_mode</c>.</param>
/// <param name="Links">How many names it has.</param>
/// <param name="Owner">Number of the user it belongs to.</param>
/// <param name="Group">Number of the group it belongs to.</param>
/// <param name="Device">The file system it lies on.</param>
/// <param name="Inode">Its number there.</param>
internal readonly record struct FileFacts(uint Mode, uint Links, uint Owner, uint Group, ulong Device, ulong Inode)
{
    private const uint KindBits = 0xF000;
    private const uint RegularKind = 0x8000;
    private const uint FolderKind = 0x4000;
    private const uint LinkKind = 0xA000;

    /// <summary>Whether it is an ordinary file: no device, pipe, socket, folder or link.</summary>
    public bool IsRegular => (Mode & KindBits) == RegularKind;

    /// <summary>Whether it is a folder.</summary>
    public bool IsFolder => (Mode & KindBits) == FolderKind;

    /// <summary>Whether it is a symbolic link.</summary>
    public bool IsLink => (Mode & KindBits) == LinkKind;

    /// <summary>What it is, in words for users: <c>a pipe</c>, <c>a device</c> and so on.</summary>
    public string Kind => (Mode & KindBits) switch
    {
        RegularKind => "a file",
        FolderKind => "a directory",
        LinkKind => "a link",
        0x1000 => "a pipe",
        0xC000 => "a socket",
        _ => "a device",
    };

    /// <summary>Its length in bytes.</summary>
    public long Size { get; init; }

    /// <summary>Who may do what with it.</summary>
    public UnixFileMode Permissions => (UnixFileMode)(Mode & 0xFFF);

    /// <summary>Whether both are names of one file.</summary>
    public bool IsSameFile(FileFacts other) => Device == other.Device && Inode == other.Inode;

    /// <summary>The file that a path leads to; null when there is none, or none that we may see.</summary>
    /// <param name="path">Absolute path without NUL.</param>
    /// <param name="followLink">Whether a link at its end is followed. Default yes.</param>
    public static FileFacts? Of(string path, bool followLink = true) => FileCalls.Facts(path, followLink);

    /// <summary>An open file; null when the kernel does not tell.</summary>
    public static FileFacts? Of(SafeFileHandle file) => FileCalls.Facts(file);
}
