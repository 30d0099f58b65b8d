namespace Gateway.Tools.Approvals;

/// <summary>Text that only shows when a script runs: what a file holds, what a program prints, what the user types.</summary>
internal static class UnreadText
{
    /// <summary>Takes the place of such text in the values that the judge works with. A private character that no command keeps:
    /// <see cref="Remove"/> takes it out of what is judged.</summary>
    public const char Mark = '\uF8F1';

    /// <summary>The mark as a text.</summary>
    public const string Whole = "\uF8F1";

    /// <summary>Whether a text holds a part that cannot be read.</summary>
    public static bool IsIn(string? text) => text?.Contains(Mark) == true;

    /// <summary>A text without marks, so that nobody can forge one.</summary>
    public static string Remove(string text) => text.Contains(Mark) ? text.Replace(Whole, "", StringComparison.Ordinal) : text;
}
