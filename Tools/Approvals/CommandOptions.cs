using System.Buffers;

namespace Gateway.Tools.Approvals;

/// <summary>The options of one command, wherever they were written: single letters, long names in full, and what is left as operands.</summary>
internal sealed class CommandOptions
{
    private static readonly SearchValues<char> ModeLetters = SearchValues.Create("rwxXstugoa,+=-");
    private static readonly SearchValues<char> Breaking = SearchValues.Create(" \t\n;|&<>()");

    private readonly OptionGrammar _grammar;
    private readonly List<char> _flags = [];
    private readonly List<(char Letter, string Value)> _valued = [];
    private readonly List<(string Name, string? Value)> _names = [];
    private readonly List<ShellWord> _operands = [];

    private CommandOptions(OptionGrammar grammar) => _grammar = grammar;

    /// <summary>What is no option, in order; redirections included.</summary>
    public IReadOnlyList<ShellWord> Operands => _operands;

    /// <summary>Commands that options name.</summary>
    public IEnumerable<string> Commands =>
        _valued.Where(option => _grammar.CommandLetters.Contains(option.Letter)).Select(option => option.Value)
            .Concat(_names.Where(option => option.Value is not null && _grammar.CommandNames.Contains(option.Name[2..])).Select(option => option.Value!));

    /// <summary>Whether a letter is among the options.</summary>
    public bool Has(char letter) => _flags.Contains(letter) || _valued.Exists(option => option.Letter == letter);

    /// <summary>The value of an option; null when it is not there.</summary>
    /// <param name="letter">Its letter.</param>
    /// <param name="name">Its long name with the two dashes.</param>
    public string? ValueOf(char letter, string name) =>
        _valued.Find(option => option.Letter == letter).Value ?? _names.Find(option => option.Name == name).Value;

    /// <summary>The options in one order, however they were written: the long ones that patterns look for right after the name, the letters
    /// together, then letters with their values.</summary>
    public IEnumerable<string> Plain()
    {
        foreach (var option in _names.Where(option => IsLeading(option.Name))) yield return Shown(option);
        foreach (var (letter, value) in _valued.Where(option => _grammar.Leading.Contains(option.Letter))) yield return $"-{letter} {Shown(value)}";
        if (_flags.Count > 0) yield return "-" + string.Concat(_flags.OrderBy(letter => _grammar.Last.IndexOf(letter)));
        foreach (var (letter, value) in _valued.Where(option => !_grammar.Leading.Contains(option.Letter))) yield return $"-{letter} {Shown(value)}";
    }

    /// <summary>The other long options.</summary>
    public IEnumerable<string> Others() => _names.Where(option => !IsLeading(option.Name)).Select(Shown);

    /// <summary>Reads the options of a command.</summary>
    /// <param name="words">The words after the name.</param>
    /// <param name="grammar">Which options take a value.</param>
    public static CommandOptions Read(IReadOnlyList<ShellWord> words, OptionGrammar grammar)
    {
        var options = new CommandOptions(grammar);
        bool isOver = false;
        for (int at = 0; at < words.Count; at++)
        {
            string word = words[at].Value;
            if (ShellWord.IsRedirection(words[at].Shown))
            {
                options._operands.AddRange(words.Skip(at).Take(2));
                at++;
            }
            else if (isOver && word.StartsWith('-'))
            {
                // No option any more, although it looks like one.
                options._operands.Add(new ShellWord("./" + words[at].Shown, "./" + word));
            }
            else if (isOver || word.Length < 2 || !options.IsOption(word))
            {
                options._operands.Add(words[at]);
                isOver |= grammar.StopsAtOperand;
            }
            else if (word == "--")
            {
                isOver = true;
            }
            else
            {
                at += word[1] == '-' ? options.TakeName(word, words, at) : options.TakeLetters(word, words, at);
            }
        }

        return options;
    }

    private bool IsLeading(string name) => name[1] != '-' || _grammar.LeadingNames.Contains(name);

    private bool IsOption(string word) =>
        word[0] == '-' ? !_grammar.HasModes || word.AsSpan(1).IndexOfAnyExcept(ModeLetters) >= 0 || word == "--" : word[0] == '+' && _grammar.HasPlus;

    // Returns how many words more it took.
    private int TakeName(string word, IReadOnlyList<ShellWord> words, int at)
    {
        int sign = word.IndexOf('=');
        string name = _grammar.Complete(sign < 0 ? word : word[..sign]);
        bool takesNext = sign < 0 && _grammar.TakesValue(name) && at + 1 < words.Count;
        Add(name, takesNext ? words[at + 1].Value : sign < 0 ? null : word[(sign + 1)..]);
        return takesNext ? 1 : 0;
    }

    private int TakeLetters(string word, IReadOnlyList<ShellWord> words, int at)
    {
        if (_grammar.HasSignals && (word.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0 || (word.Length > 3 && word.AsSpan(1).IndexOfAnyExceptInRange('A', 'Z') < 0)))
        {
            Add(word, null);
            return 0;
        }

        for (int index = 1; index < word.Length; index++)
        {
            char letter = word[index];
            bool isLast = index + 1 == word.Length;
            if (_grammar.WithValue.Contains(letter))
            {
                if (!isLast) Add(letter, word[(index + 1)..]);
                else if (at + 1 < words.Count) Add(letter, words[at + 1].Value);
                else Add(letter);
                return isLast && at + 1 < words.Count ? 1 : 0;
            }

            Add(letter);
            if (_grammar.WithSuffix.Contains(letter)) break;
        }

        return 0;
    }

    private void Add(char letter)
    {
        if (!_flags.Contains(letter)) _flags.Add(letter);
    }

    private void Add(char letter, string value)
    {
        if (_valued.Count < OptionGrammar.Most) _valued.Add((letter, value));
    }

    private void Add(string name, string? value)
    {
        if (_names.Count < OptionGrammar.Most && !_names.Contains((name, value))) _names.Add((name, value));
    }

    private static string Shown((string Name, string? Value) option) => option.Value is null ? option.Name : $"{option.Name}={Shown(option.Value)}";

    // Values with blanks are data.
    private static string Shown(string value) => value.AsSpan().IndexOfAny(Breaking) < 0 ? value : "\"\"";
}
