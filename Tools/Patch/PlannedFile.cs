namespace Gateway.Tools.Patch;

/// <summary>What a file has in it.</summary>
/// <param name="Origin">Path of the file that it comes from; null when it is new.</param>
/// <param name="Text">Its text where that was changed or is new; null for just what the origin holds, be it text or not.</param>
internal sealed record PlannedContent(string? Origin, string? Text);

/// <summary>A file before and after.</summary>
/// <param name="Given">Path as the model wrote it.</param>
/// <param name="Path">Absolute path, without links unless the file is a link that is taken away.</param>
/// <param name="Before">What is there; null for nothing.</param>
/// <param name="After">What shall be there; null for nothing.</param>
internal sealed record PlannedFile(string Given, string Path, PlannedContent? Before, PlannedContent? After);

/// <summary>How a change is made.</summary>
internal enum PatchStepKind
{
    /// <summary>A text is written.</summary>
    Write,

    /// <summary>A file gets another name, and stays what it is in all else.</summary>
    Rename,

    /// <summary>A file is taken away.</summary>
    Delete,
}

/// <summary>One change of one file.</summary>
/// <param name="Kind">How.</param>
/// <param name="File">Which.</param>
/// <param name="Source">Path that the content comes from, where that is another file.</param>
/// <param name="Before">What the text was made from; null for nothing.</param>
/// <param name="Text">What is written.</param>
/// <param name="Diff">The difference, for people.</param>
internal sealed record PatchStep(PatchStepKind Kind, PlannedFile File, string? Source, Files.TextFile? Before, string? Text, string Diff);
