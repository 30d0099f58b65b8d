using System.Text;

namespace Gateway.Tools.Terminal;

/// <summary>Finds the calls of sudo in a command (AGENT.md 10.1).</summary>
/// <remarks>A deliberate difference: the original has sudo read its password from the standard input of the command, where it also reaches
/// whatever else reads that input, and only the first sudo gets it. Here sudo asks a helper, see <see cref="SudoChannel"/>.</remarks>
internal static class SudoCommand
{
    /// <summary>Options of sudo with a value behind them, sudo(8).</summary>
    private static readonly System.Buffers.SearchValues<char> TakesValue = System.Buffers.SearchValues.Create("CDghpRrTtUu");

    /// <summary>The command with something else for <c>sudo</c> wherever that stands as an unquoted word at the place of a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="replacement">What stands for it, such as <c>sudo -A</c>.</param>
    /// <param name="found">Whether there was one.</param>
    public static string Rewrite(string command, string replacement, out bool found)
    {
        found = false;
        var result = new StringBuilder(command.Length + 16);
        bool atCommand = true;
        for (int i = 0; i < command.Length;)
        {
            char character = command[i];
            if (character is '\'' or '"')
            {
                int end = Closing(command, i);
                result.Append(command, i, end - i);
                i = end;
                atCommand = false;
            }
            else if (character == '\\' && i + 1 < command.Length)
            {
                result.Append(command, i, 2);
                i += 2;
                atCommand = false;
            }
            else if (character == '#' && (i == 0 || char.IsWhiteSpace(command[i - 1])))
            {
                int end = command.IndexOf('\n', i);
                if (end < 0) end = command.Length;
                result.Append(command, i, end - i);
                i = end;
            }
            else if (character is ';' or '&' or '|' or '\n' or '(' or '{' or '`' or '!')
            {
                result.Append(character);
                i++;
                atCommand = true;
            }
            else if (char.IsWhiteSpace(character))
            {
                result.Append(character);
                i++;
            }
            else
            {
                int end = i;
                while (end < command.Length && !char.IsWhiteSpace(command[end]) && command[end] is not (';' or '&' or '|' or '(' or ')' or '\'' or '"' or '\\' or '`')) end++;
                end = Math.Max(end, i + 1);
                string word = command[i..end];
                bool whole = end == command.Length || char.IsWhiteSpace(command[end]);
                if (atCommand && whole && word == "sudo" && !ReadsItself(command.AsSpan(end)))
                {
                    found = true;
                    result.Append(replacement);
                }
                else
                {
                    result.Append(word);
                }

                // Assignments and words of the shell stand before a command.
                atCommand = atCommand && (word is "if" or "then" or "else" or "do" or "while" or "until" or "time" || (word.Contains('=') && !word.StartsWith('=')));
                i = end;
            }
        }

        return result.ToString();
    }

    // With -S the model gives a password itself, and sudo takes no -A beside it.
    private static bool ReadsItself(ReadOnlySpan<char> rest)
    {
        bool skipped = false;
        foreach (var range in rest.Split(' '))
        {
            var word = rest[range];
            if (word.IsEmpty) continue;
            if (skipped)
            {
                skipped = false;
                continue;
            }

            if (word.Length < 2 || word[0] != '-' || word is "--") return false;
            if (word is "--stdin") return true;
            if (word[1] == '-') continue;
            int value = word.IndexOfAny(TakesValue);
            if ((value < 0 ? word : word[..value]).Contains('S')) return true;
            skipped = value == word.Length - 1;
        }

        return false;
    }

    private static int Closing(string command, int start)
    {
        char quote = command[start];
        for (int i = start + 1; i < command.Length; i++)
        {
            if (command[i] == '\\' && quote == '"') i++;
            else if (command[i] == quote) return i + 1;
        }

        return command.Length;
    }
}
