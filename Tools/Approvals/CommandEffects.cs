using System.Globalization;

namespace Gateway.Tools.Approvals;

/// <summary>What a command changes for the ones after it.</summary>
internal sealed partial class SimpleCommand
{
    private const int MostParameters = 32;

    /// <summary>Lets the scope know what the command changes in it: variables, functions and the directory.</summary>
    /// <param name="scope">What is known.</param>
    /// <param name="input">What the command reads; null when that is not known.</param>
    public void Tell(ShellScope scope, string? input)
    {
        foreach (var word in _assignments) Assign(scope, word.Value);
        foreach (var (alias, body) in GitAliases()) scope.Define("git " + alias, body.StartsWith('!') ? body[1..] + " $@" : $"git {body} $@");
        string[] values = [.. _words.Skip(1).Select(word => word.Value)];
        switch (Name)
        {
            case "cd" or "pushd" or "chdir":
                // Several come from a variable with several values.
                string[] places = [.. values.Where(value => value.Length > 0 && value[0] is not ('-' or '<'))];
                scope.Enter(values.Contains("-") ? null : places.FirstOrDefault(place => SystemPaths.Guarded(place) is not null) ?? places.FirstOrDefault() ?? "");
                break;
            case "popd":
                scope.Enter(null);
                break;
            case "declare" or "local" or "typeset" when values.Any(value => value.Length > 1 && value[0] == '-' && value.Contains('n')):
                foreach (string value in values.Where(IsAssignment)) scope.Refer(value[..value.IndexOf('=')], value[(value.IndexOf('=') + 1)..]);
                break;
            case "export" or "declare" or "local" or "readonly" or "typeset":
                foreach (string value in values.Where(IsAssignment)) Assign(scope, value);
                break;
            case "for" or "select" when values.Length > 2:
                scope.SetChoices(values[0], [.. values[2..].SelectMany(Apart)]);
                break;
            case "for" or "select" when values is [var turn]:
                if (scope.Get("@") is { } parameters) scope.SetChoices(turn, [.. Apart(parameters)]);
                else scope.Fill(turn);
                break;
            case "read" or "mapfile" or "readarray":
                ReadInto(scope, values, input);
                break;
            case "getopts" when values.Length > 1:
                scope.Fill(values[1]);
                scope.Fill("OPTARG");
                break;
            case "unset" when !values.Contains("-f"):
                foreach (string value in values.Where(IsName)) scope.Set(value, "");
                break;
            case "alias":
                foreach (string value in values.Where(value => value.IndexOf('=') > 0)) scope.Define(value[..value.IndexOf('=')], value[(value.IndexOf('=') + 1)..] + " $@");
                break;
            case "hash" when Array.IndexOf(values, "-p") is >= 0 and var option && option + 2 < values.Length:
                scope.Define(values[option + 2], Quoted(values[option + 1]) + " $@");
                break;
            case "printf" when values is ["-v", var name, .. var rest]:
                scope.Set(name.Split('[')[0], PipedText.Of("printf", rest, null));
                break;
            case "set" when Given(values) is { } given:
                SetParameters(scope, given);
                break;
            case "shift" when scope.Get("@") is { Length: > 0 } before:
                int count = values is [var number] && int.TryParse(number, out int asked) ? asked : 1;
                SetParameters(scope, [.. before.Split(' ').Skip(count)]);
                break;
            case "cp" or "ln" or "mv" or "install":
                NameAnew(scope);
                break;
        }
    }

    // What follows the options of set; null: nothing.
    private static string[]? Given(string[] values)
    {
        for (int at = 0; at < values.Length; at++)
        {
            if (values[at] == "--") return values[(at + 1)..];
            if (values[at] is not ['-' or '+', _, ..]) return values[at..];
            if (values[at].EndsWith('o')) at++;
        }

        return null;
    }

    private static void SetParameters(ShellScope scope, string[] given)
    {
        scope.Set("@", string.Join(' ', given));
        for (int i = 0; i < MostParameters; i++)
        {
            string name = (i + 1).ToString(CultureInfo.InvariantCulture);
            if (i < given.Length || scope.Get(name) is not null) scope.Set(name, i < given.Length ? given[i] : "");
        }
    }

    // A copy of rm removes as well.
    private void NameAnew(ShellScope scope)
    {
        string[] files = [.. Operands().Select(word => word.Value)];
        if (files.Length == 2 && SystemPaths.IsKnownCommand(Path.GetFileName(files[0]))) scope.Define(Path.GetFileName(files[1]), files[0] + " $@");
    }

    private void ReadInto(ShellScope scope, string[] values, string? input)
    {
        string[] names = [.. values.TakeWhile(value => !value.StartsWith('<')).Where(IsName).DefaultIfEmpty(Name == "read" ? "REPLY" : "MAPFILE")];
        if (string.IsNullOrWhiteSpace(input) || UnreadText.IsIn(input))
        {
            foreach (string name in names) scope.Fill(name);
        }
        else if (Name != "read" || values.Any(value => value.Length > 1 && value[0] == '-' && value[^1] == 'a'))
        {
            scope.SetChoices(names[^1], [.. Apart(input)]);
        }
        else
        {
            ReadLines(scope, names, input);
        }
    }

    // A loop reads one line in each of its turns.
    private static void ReadLines(ShellScope scope, string[] names, string input)
    {
        string[][] lines = [.. input.Split('\n').Where(line => !string.IsNullOrWhiteSpace(line)).Select(line => line.Split((char[]?)null, names.Length, StringSplitOptions.RemoveEmptyEntries))];
        for (int at = 0; at < names.Length; at++)
            if (lines.Where(parts => at < parts.Length).Select(parts => parts[at].Trim()).ToArray() is { Length: > 0 } values) scope.SetChoices(names[at], values);
    }

    // The words that a value falls apart into; one that is empty stays, for nobody knows what it is.
    private static string[] Apart(string value) => string.IsNullOrWhiteSpace(value) ? [""] : value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static void Assign(ShellScope scope, string word)
    {
        int sign = word.IndexOf('=');
        string name = word[..sign].TrimEnd('+');
        if (name.IndexOf('[') is > 0 and var bracket)
        {
            // What the shell remembers as an alias or as the place of a command.
            string key = name[(bracket + 1)..].TrimEnd(']');
            name = name[..bracket];
            if (name is "BASH_ALIASES" or "BASH_CMDS") scope.Define(key, word[(sign + 1)..] + " $@");

            // One element more beside the others.
            if (scope.Choices(name) is { Count: > 0 } choices || (scope.Get(name) is { Length: > 0 } only && (choices = [only]).Count > 0))
            {
                scope.SetChoices(name, [word[(sign + 1)..], .. choices]);
                return;
            }
        }

        scope.Set(name, (word[sign - 1] == '+' ? scope.Get(name) : "") + word[(sign + 1)..]);
    }
}
