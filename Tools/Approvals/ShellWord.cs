namespace Gateway.Tools.Approvals;

/// <summary>One word of a command.</summary>
/// <param name="Shown">Its plain spelling, with quoted data left out.</param>
/// <param name="Value">Its whole text after quote removal.</param>
internal readonly record struct ShellWord(string Shown, string Value)
{
    private const int MostWords = 64;

    /// <summary>Whether a word is the sign of a redirection.</summary>
    public static bool IsRedirection(string word) => word is "<" or ">" or ">>" or "<<" or "<<<" or ">&" or "<&";

    /// <summary>The words that brace expansion makes of it: <c>{rm,-rf,/}</c> is a command in disguise.</summary>
    public IReadOnlyList<ShellWord> Expand()
    {
        if (!Shown.Contains('{') || !Shown.Contains(',')) return [this];
        List<string> done = [], open = [Shown];
        while (open.Count > 0 && done.Count + open.Count < MostWords)
        {
            string word = open[0];
            open.RemoveAt(0);
            int end = word.IndexOf('}'), start = end < 0 ? -1 : word.LastIndexOf('{', end);
            if (start < 0 || !word.AsSpan(start, end - start).Contains(',') || (start > 0 && word[start - 1] == '$')) done.Add(word);
            else open.InsertRange(0, word[(start + 1)..end].Split(',').Select(part => word[..start] + part + word[(end + 1)..]));
        }

        return [.. done.Concat(open).Where(word => word.Length > 0).Select(word => new ShellWord(word, word))];
    }
}
