namespace Gateway.Processes;

/// <summary>Whose a folder is.</summary>
internal static class FolderOwner
{
    private const int FolderType = 0x4000;
    private const int TypeBits = 0xF000;
    private const int OthersBits = 0x3F; // rwxrwx of group and others
    private const int NotFollowed = 0x100;

    /// <summary>Whether there is a folder, no link to one, that belongs to our user and that nobody else may enter, read or change.</summary>
    public static unsafe bool IsOursAlone(string path)
    {
        ProcessCalls.FileStatus status;
        return ProcessCalls.Status(ProcessCalls.CurrentFolder, path, NotFollowed, ProcessCalls.TypeModeAndOwner, &status) == 0
            && (status.Mode & TypeBits) == FolderType
            && (status.Mode & OthersBits) == 0
            && status.Owner == ProcessCalls.EffectiveUser();
    }
}
