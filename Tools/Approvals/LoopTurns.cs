using System.Buffers;

namespace Gateway.Tools.Approvals;

/// <summary>Commands whose name stands in a variable that has another value in each turn of a loop.</summary>
internal sealed partial class ShellSimplifier
{
    private const int LongestTurn = 2000;

    private static readonly SearchValues<char> Ending = SearchValues.Create(";&|\n()");

    private bool _inList;

    /// <summary>Adds the commands that the turns of a loop run, when a variable stands where a command begins.</summary>
    /// <param name="parameter">What stands behind the <c>$</c>.</param>
    /// <param name="end">Where the rest of the command begins.</param>
    private void AddTurns(ReadOnlySpan<char> parameter, int end)
    {
        string name = SimpleCommand.ParameterName(parameter);
        var choices = _scope.Choices(name);
        bool filled = _scope.IsFilled(name);

        // One without any value is seen in the name of the whole command.
        if ((choices.Count == 0 && !filled) || _scope.Get(name) is null || _inList || !SimpleCommand.IsPrefix(_words)) return;
        string lead = _inWord ? _value.ToString() : "";
        if (SimpleCommand.IsAssignment(lead)) return;
        int length = _script.AsSpan(end).IndexOfAny(Ending);
        string rest = length < 0 ? _script[end..] : _script.Substring(end, length);
        if (filled || rest.Length > LongestTurn || _scope.Evaluations < choices.Count)
        {
            AddUnread();
            return;
        }

        _scope.Evaluations -= choices.Count;
        foreach (string choice in choices) _inner.Add(lead + choice + rest);
    }

    // A list of values or a calculation holds no commands.
    private bool BeginsList(int start) =>
        (start > 0 && _script[start - 1] == '=') || (_script.AsSpan(start).StartsWith("((") && _script.IndexOf(')', start) is >= 0 and var end && _script.AsSpan(end).StartsWith("))"));

    private void AddUnread() => _output.Append(" ; ").Append(CommandRules.Unread).Append(" ; ");
}
