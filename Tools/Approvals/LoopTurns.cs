using System.Buffers;

namespace Gateway.Tools.Approvals;

/// <summary>Commands whose name is in a variable that has several values: another one in each turn of a loop, or one for each branch.</summary>
internal sealed partial class ShellSimplifier
{
    private const int LongestTurn = 2000;

    private static readonly SearchValues<char> Ending = SearchValues.Create(";&|\n()");

    private bool _inCalculation;
    private bool _usesChoices;

    /// <summary>Adds the commands that the turns of a loop run, when a variable is where a command begins.</summary>
    /// <param name="parameter">What follows the <c>$</c>.</param>
    /// <param name="end">Where the rest of the command begins.</param>
    private void AddTurns(ReadOnlySpan<char> parameter, int end)
    {
        string name = SimpleCommand.ParameterName(parameter);
        var choices = _scope.Choices(name);
        _usesChoices |= choices.Count > 0;

        // One whose values cannot be read is seen in the name of the whole command.
        if (choices.Count == 0 || _inCalculation || !SimpleCommand.IsPrefix(_words)) return;
        string lead = _inWord ? _value.ToString() : "";
        if (SimpleCommand.IsAssignment(lead)) return;
        int length = _script.AsSpan(end).IndexOfAny(Ending);
        string rest = length < 0 ? _script[end..] : _script.Substring(end, length);
        if (rest.Length > LongestTurn || _scope.Evaluations < choices.Count)
        {
            AddUnread(CommandRules.Unread);
            return;
        }

        _scope.Evaluations -= choices.Count;
        foreach (string choice in choices) _inner.Add(lead + choice + rest);
    }

    // A calculation holds no commands.
    private bool IsCalculation(int start) =>
        _script.AsSpan(start).StartsWith("((") && _script.IndexOf(')', start) is >= 0 and var end && _script.AsSpan(end).StartsWith("))");
}
