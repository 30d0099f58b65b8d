namespace Gateway.Tools.Approvals;

/// <summary>A script in its plainest spelling.</summary>
/// <param name="Text">The commands, for patterns.</param>
/// <param name="Written">Absolute paths of files that it writes, moves or removes, as far as they can be known.</param>
internal sealed record SimplifiedScript(string Text, IReadOnlyList<string> Written);
