using System.Text;
using System.Text.RegularExpressions;

namespace Gateway.Tools.Approvals;

/// <summary>Ends of commands: what they read, print, run and change.</summary>
internal sealed partial class ShellSimplifier
{
    private const int MostGroups = 64;

    // Groups that hand on to one another would add to the text without end.
    private const int LongestGroupText = 2 * LongestEvaluated;

    private readonly List<string> _pendingDelimiters = [];
    private readonly Stack<Group> _groups = new([new Group(false, null, null)]);
    private readonly StringBuilder _all = new();
    private string? _printed;
    private string? _piped;
    private bool _lastGroupIsHungry;
    private bool _isCaptured;

    private void EndCommand(string sign)
    {
        EndWord();
        _expectsHereDocument = false;
        if (_words.Count > 0)
        {
            RunCommand(sign);
            _words.Clear();
            (_hereText, _usesChoices) = (null, false);
        }
        else if (sign == "|")
        {
            // What a group printed goes to what follows it.
            _piped = AllPrinted;
        }
        else if (sign is not ("\n" or ";"))
        {
            _piped = null;
        }

        _scope.IsUncertain = _groups.Count > 1 || sign is "&&" or "||" or "|";
        _output.Append(sign.Length == 0 || sign == "\n" ? sign : $" {sign} ");
    }

    private void RunCommand(string sign)
    {
        var command = new SimpleCommand(_words, _inner);
        string? given = command.HereString ?? _hereText;
        bool isFile = given is null && command.ReadsFile;
        string? input = given ?? (isFile ? UnreadText.Whole : _piped ?? _groups.Peek().Input);
        FollowGroup(command, given);

        // A part of a pipeline or of the background keeps its variables to itself.
        _scope.IsUncertain |= sign is "|" or "&";
        command.Tell(_scope, input);
        int scripts = _inner.Count;
        bool runsInput = command.RunsInput, isFed = command.IsFedInterpreter;
        if (runsInput && input is null) _groups.Peek().HasHungryShell = true;
        if ((runsInput || isFed) && input is not null && !isFile) AddInput(input, isFed);
        if (command.ReadsDescriptor) AddUnread(CommandRules.UnreadScript);
        Call(command, input);
        command.CollectScripts(input);
        bool isRead = _isCaptured || sign == "|";
        if (command.Name == "eval" && !isRead) FollowEvaluated(scripts);
        if (command.RunsUnreadScript) AddUnread(CommandRules.UnreadScript);
        foreach (string delimiter in _pendingDelimiters) _hereDocuments.Enqueue((delimiter, runsInput));
        _pendingDelimiters.Clear();
        _printed = Printed(command, input, scripts, isRead);
        if (sign != "|" && _printed.Length > 0) Print(_printed, command.EndsLine);

        // What a group prints goes to what follows it.
        _piped = sign != "|" ? null : command.Name is "" or "done" or "fi" or "esac" ? AllPrinted + (_all.Length + _printed.Length > LongestGroupText ? UnreadText.Whole : _printed) : _printed;
        if (!_inCalculation && (command.IsFilled(_scope) || command.HasUnreadName)) AddUnread(CommandRules.Unread);
        string? directory = _scope.Directory;
        if (command.Folder is { } folder) _scope.Enter(folder);
        command.AppendTo(_output, _scope);
        _scope.Directory = directory;
    }

    // What eval sets stays set, and where it goes is where the script is.
    private void FollowEvaluated(int first)
    {
        for (int at = first, end = _inner.Count; at < end; at++)
        {
            string script = _inner[at];
            if (script.AsSpan().IndexOfAny("= ") < 0) continue;
            if (_scope.Evaluations-- > 0 && script.Length <= LongestEvaluated) new ShellSimplifier(script, new StringBuilder(), _scope) { _isCaptured = true }.Run();
            else _scope.LostTrack = true;
        }
    }

    private void Call(SimpleCommand command, string? input)
    {
        if (_scope.Defined(command.CalledName) is not { } body) return;
        if (_scope.Evaluations-- > 0) _inner.Add(command.Call(body));
        else _scope.LostTrack = true;

        // A shell in a function reads what the function does.
        if (input is not null && Hungry().IsMatch(body)) AddInput(input, isProgram: false);
    }

    private void AddInput(string input, bool isProgram)
    {
        if (isProgram) AddUnread(CommandRules.FedInterpreter);
        else AddScript(input);
    }

    private void FollowGroup(SimpleCommand command, string? given)
    {
        if (_inCalculation) return;
        bool isHungry = command.EndsGroup ? _groups.Peek().HasHungryShell : command.IsOnlyRedirection && _lastGroupIsHungry;
        if (isHungry && given is not null) AddScript(given);
        _lastGroupIsHungry = false;
        if (command.BeginsGroup) EnterGroup(isSubshell: false);
        else if (command.EndsGroup && _groups.Count > 1 && !_groups.Peek().IsSubshell) LeaveGroup();
    }

    private string AllPrinted => _all.ToString();

    private void Print(string text, bool endsLine)
    {
        if (_all.Length < LongestEvaluated) _all.Append(text).Append(endsLine ? "\n" : "");
        else if (_all[^1] != UnreadText.Mark) _all.Append(UnreadText.Mark);
    }

    private string Printed(SimpleCommand command, string? input, int firstScript, bool isRead)
    {
        // Scripts are looked into a second time only where somebody reads what they print.
        bool isScript = command.PrintsItsScripts || _scope.Defined(command.CalledName) is not null;
        if (isScript && !isRead) return UnreadText.Whole;
        if (command.PrintsItsScripts)
        {
            var text = new StringBuilder();
            for (int at = firstScript; at < _inner.Count; at++) text.Append(Printed(_inner[at]));
            return text.ToString();
        }

        if (_scope.Defined(command.CalledName) is { } body) return Printed(command.Call(body));
        string printed = command.Name == "pwd" && _scope.Directory is { } directory ? directory : command.Printed(input);
        return _usesChoices && printed.Length > 0 ? printed + UnreadText.Whole : printed;
    }

    /// <summary>What a script inside this one prints.</summary>
    private string Printed(string script)
    {
        if (_scope.Evaluations <= 0 || script.Length > LongestEvaluated)
        {
            _scope.LostTrack = true;
            return UnreadText.Whole;
        }

        _scope.Evaluations--;
        string? directory = _scope.Directory;
        bool isUncertain = _scope.IsUncertain;
        var simplifier = new ShellSimplifier(script, new StringBuilder(), _scope) { _isCaptured = true };
        simplifier.Run();
        (_scope.Directory, _scope.IsUncertain) = (directory, isUncertain);
        return simplifier.AllPrinted.TrimEnd('\n');
    }

    private void AddScript(string script)
    {
        _inner.Add(script);
        if (UnreadText.IsIn(script)) AddUnread(CommandRules.UnreadScript);
    }

    private void AddUnread(string marker) => _output.Append(" ; ").Append(marker).Append(" ; ");

    private void EnterGroup(bool isSubshell)
    {
        if (_groups.Count < MostGroups) _groups.Push(new Group(isSubshell, _piped ?? _groups.Peek().Input, _scope.Directory));
        else _scope.LostTrack = true;
    }

    // A subshell takes its directory along.
    private void LeaveGroup()
    {
        if (_groups.Count == 1) return;
        var group = _groups.Pop();
        _lastGroupIsHungry = group.HasHungryShell;
        _groups.Peek().HasHungryShell |= group.HasHungryShell;
        if (group.IsSubshell) _scope.Directory = group.Directory;
    }

    [GeneratedRegex(@"\b((ba|z|k|da|a)?sh|eval|source|xargs|parallel)\b")]
    private static partial Regex Hungry();

    /// <summary>Commands that share what they read: a subshell, a loop, a branch, braces.</summary>
    private sealed class Group(bool isSubshell, string? input, string? directory)
    {
        public bool IsSubshell => isSubshell;

        /// <summary>What they read; null when that is nothing that a script gives them.</summary>
        public string? Input => input;

        /// <summary>Where the script was before.</summary>
        public string? Directory => directory;

        /// <summary>Whether a shell among them runs what the group reads, which is not known yet.</summary>
        public bool HasHungryShell { get; set; }
    }

    // [key]=value
    private static string[] Element(string word) =>
        word.StartsWith('[') && word.IndexOf("]=", StringComparison.Ordinal) is > 0 and var sign ? [word[(sign + 2)..], word[1..sign]] : [word];

    private bool AssignsList() => _at > 0 && _script[_at - 1] == '=' && _inWord && IsAssignment();

    // x=(a b c)
    private void ReadList()
    {
        string name = _value.ToString().TrimEnd('=');
        bool adds = name.EndsWith('+');
        name = name.TrimEnd('+');
        int close = _quotes.FindParenthesis(_at + 1);
        string inside = close < 0 ? _script[(_at + 1)..] : _script[(_at + 1)..close];
        DropWord();
        _at = close < 0 ? _script.Length : close + 1;
        var list = new ShellSimplifier(inside.Replace('\n', ' '), new StringBuilder(), _scope) { _inCalculation = true };
        while (list._at < inside.Length) list.Step(list._script[list._at]);
        list.EndWord();
        _inner.AddRange(list._inner);
        string[] values = [.. list._words.SelectMany(word => Element(word.Value))];
        if (adds && _scope.Get(name) is { Length: > 0 } before) values = [.. before.Split(' '), .. values];
        if (values.Length > 0) _scope.SetChoices(name, values);
        else _scope.Set(name, "");
    }
}
