using Gateway.Processes;

namespace Gateway.Tools.Files;

/// <summary>Says what may be written where. It judges the path that is opened then, and does not follow links itself.</summary>
internal interface IWriteJudge
{
    /// <summary>Why a file may not be written; null when it may.</summary>
    /// <param name="given">The path that was asked for, for the message.</param>
    /// <param name="real">The path that will be opened: absolute, without links.</param>
    /// <param name="there">The file that has this path, once its folder is held; null before, and when there is none.</param>
    string? Refusal(string given, string real, FileFacts? there);

    /// <summary>Whether a new file or folder is for its owner alone.</summary>
    /// <param name="real">Absolute path without links.</param>
    bool IsPrivate(string real);
}
