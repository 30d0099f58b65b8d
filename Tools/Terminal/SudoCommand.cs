using System.Text;

namespace Gateway.Tools.Terminal;

/// <summary>Makes sudo read its password from standard input (AGENT.md 10.1).</summary>
internal static class SudoCommand
{
    /// <summary>The command with <c>sudo</c> as <c>sudo -S -p ''</c> wherever it stands as an unquoted word at the place of a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="found">Whether there was one.</param>
    public static string Rewrite(string command, out bool found)
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
                if (atCommand && whole && word == "sudo")
                {
                    found = true;
                    result.Append("sudo -S -p ''");
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
