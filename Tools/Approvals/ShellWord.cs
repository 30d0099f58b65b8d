namespace Gateway.Tools.Approvals;

/// <summary>One word of a command.</summary>
/// <param name="Shown">Its plain spelling, with quoted data left out.</param>
/// <param name="Value">Its whole text after quote removal.</param>
internal readonly record struct ShellWord(string Shown, string Value)
{
    /// <summary>The words that brace expansion makes of it: <c>{rm,-rf,/}</c> is a command in disguise.</summary>
    public IEnumerable<ShellWord> Expand() =>
        Shown.Length > 2 && Shown[0] == '{' && Shown[^1] == '}' && Shown.Contains(',')
            ? Shown[1..^1].Split(',').Select(part => new ShellWord(part, part))
            : [this];

    /// <summary>The word with an absolute path in its shortest form: no doubled slashes, dots or final slash.</summary>
    public string ShortPath()
    {
        if (Shown.Length < 2 || Shown[0] != '/') return Shown;

        var parts = new List<string>();
        foreach (var part in Shown.Split('/'))
        {
            if (part == ".." && parts.Count > 0) parts.RemoveAt(parts.Count - 1);
            else if (part is not ("" or "." or "..")) parts.Add(part);
        }

        return "/" + string.Join('/', parts);
    }
}
