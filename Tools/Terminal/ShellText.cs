namespace Gateway.Tools.Terminal;

/// <summary>Texts in shell commands.</summary>
internal static class ShellText
{
    /// <summary>A text as one word that the shell takes as it is.</summary>
    public static string Quote(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
