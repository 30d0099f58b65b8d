using System.Text;
using System.Text.RegularExpressions;

namespace Gateway.Tools.Search;

/// <summary>A glob as ripgrep reads it: <c>*</c>, <c>?</c>, <c>**</c>, <c>[a-c]</c>, <c>{ts,tsx}</c>, and <c>!</c> in front for the opposite.
/// Without a slash it is about the name of a file, with one about its path below the folder that is searched.</summary>
internal sealed class GlobPattern
{
    private readonly Regex _pattern;
    private readonly bool _ofPath;
    private GlobPattern(Regex pattern, bool ofPath, bool negated)
    {
        _pattern = pattern;
        _ofPath = ofPath;
        IsNegated = negated;
    }

    /// <summary>Whether it names what is not meant.</summary>
    public bool IsNegated { get; }

    /// <summary>Reads a glob; null when it is none, such as one with an open bracket.</summary>
    public static GlobPattern? Parse(string glob)
    {
        bool negated = glob.StartsWith('!');
        if (negated) glob = glob[1..];
        bool ofPath = glob.Contains('/', StringComparison.Ordinal);
        if (Translate(glob.TrimStart('/')) is not { } expression) return null;
        try
        {
            return new GlobPattern(new Regex($@"\A(?:{expression})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline), ofPath, negated);
        }
        catch (Exception exception) when (exception is RegexParseException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Whether a file is meant.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="path">Its path below the folder that is searched.</param>
    public bool Matches(string name, string path) => _pattern.IsMatch(_ofPath ? path : name) != IsNegated;

    private static string? Translate(string glob)
    {
        var text = new StringBuilder();
        int open = 0;
        for (int i = 0; i < glob.Length; i++)
        {
            switch (glob[i])
            {
                case '*' when IsFolders(glob, i):
                    i++;
                    if (i + 1 < glob.Length) i++;
                    text.Append(i + 1 < glob.Length || glob[i] == '/' ? "(?:.*/)?" : ".*");
                    break;
                case '*':
                    text.Append("[^/]*");
                    break;
                case '?':
                    text.Append("[^/]");
                    break;
                case '[':
                    int end = glob.IndexOf(']', Math.Min(glob.Length, i + (i + 1 < glob.Length && glob[i + 1] is '!' or '^' ? 3 : 2)));
                    if (end < 0) return null;
                    text.Append(Class(glob[(i + 1)..end]));
                    i = end;
                    break;
                case '{':
                    open++;
                    text.Append("(?:");
                    break;
                case '}' when open > 0:
                    open--;
                    text.Append(')');
                    break;
                case ',' when open > 0:
                    text.Append('|');
                    break;
                case '\\' when i + 1 < glob.Length:
                    text.Append(Regex.Escape(glob[++i].ToString()));
                    break;
                default:
                    text.Append(Escaped(glob[i]));
                    break;
            }
        }

        return open == 0 ? text.ToString() : null;
    }

    // Two asterisks stand for folders only between slashes or at an end.
    private static bool IsFolders(string glob, int at) =>
        at + 1 < glob.Length && glob[at + 1] == '*' && (at == 0 || glob[at - 1] == '/') && (at + 2 == glob.Length || glob[at + 2] == '/');

    private static string Class(string inside)
    {
        bool negated = inside[0] is '!' or '^';
        string members = (negated ? inside[1..] : inside)
            .Replace("\\", @"\\", StringComparison.Ordinal).Replace("[", @"\[", StringComparison.Ordinal)
            .Replace("]", @"\]", StringComparison.Ordinal).Replace("^", @"\^", StringComparison.Ordinal);
        return negated ? $"[^/{members}]" : $"[{members}]";
    }

    private static string Escaped(char character) => character is ']' or '}' ? "\\" + character : Regex.Escape(character.ToString());
}
