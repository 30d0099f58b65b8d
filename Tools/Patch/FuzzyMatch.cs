using System.Text;
using Gateway.Tools.Files;

namespace Gateway.Tools.Patch;

/// <summary>A stretch of a text.</summary>
internal readonly record struct Stretch(int Start, int Length);

/// <summary>Finds a piece of text that a model remembers not quite exactly (AGENT.md 10.5): strategies from strict to loose, the first
/// that finds anything decides.</summary>
internal static class FuzzyMatch
{
    private const double OneCandidate = 0.50;
    private const double SeveralCandidates = 0.70;
    private const double LineLikeness = 0.80;
    private const int MostWindows = 20_000;

    /// <summary>Where the piece is.</summary>
    /// <param name="text">The file.</param>
    /// <param name="piece">What is looked for, not empty.</param>
    /// <param name="exact">Whether the piece is there word for word.</param>
    public static IReadOnlyList<Stretch> Find(string text, string piece, out bool exact)
    {
        var found = Exact(text, piece);
        exact = found.Count > 0;
        if (exact) return found;
        var lines = new Lines(text);
        string[] wanted = piece.Trim('\n').Split('\n');
        Func<IReadOnlyList<Stretch>>[] strategies =
        [
            () => lines.Windows(wanted, line => line.Trim()),
            () => lines.Windows(wanted, Collapsed),
            () => lines.Windows(wanted, line => line.TrimStart()),
            () => Unescaped(piece) is var plain && plain != piece && plain.Length > 0 ? Exact(text, plain) : [],
            () => lines.EdgesTrimmed(wanted),
            () => lines.Windows(wanted, line => Typewriter(line).Trim()),
            () => lines.Anchored(wanted, OneCandidate, SeveralCandidates),
            () => lines.Alike(wanted, LineLikeness, MostWindows),
        ];
        foreach (var strategy in strategies)
            if (strategy() is { Count: > 0 } hits) return hits;
        return [];
    }

    private static List<Stretch> Exact(string text, string piece)
    {
        var found = new List<Stretch>();
        for (int at = text.IndexOf(piece, StringComparison.Ordinal); at >= 0; at = text.IndexOf(piece, at + piece.Length, StringComparison.Ordinal))
            found.Add(new Stretch(at, piece.Length));
        return found;
    }

    private static string Collapsed(string line) => string.Join(' ', line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string Unescaped(string piece) =>
        piece.Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\t", "\t", StringComparison.Ordinal).Replace("\\r", "\r", StringComparison.Ordinal);

    private static string Typewriter(string line)
    {
        var plain = new StringBuilder(line.Length);
        foreach (char character in line)
        {
            _ = character switch
            {
                '\u2018' or '\u2019' or '\u201A' or '\u2032' => plain.Append('\''),
                '\u201C' or '\u201D' or '\u201E' or '\u2033' => plain.Append('"'),
                '\u2010' or '\u2011' or '\u2012' or '\u2013' or '\u2212' => plain.Append('-'),
                '\u2014' => plain.Append("--"),
                '\u2026' => plain.Append("..."),
                '\u00A0' or '\u202F' => plain.Append(' '),
                _ => plain.Append(character),
            };
        }

        return plain.ToString();
    }

    /// <summary>A text in lines that know where they stand.</summary>
    private sealed class Lines
    {
        private readonly List<Stretch> _places = [];
        private readonly List<string> _texts = [];

        public Lines(string text)
        {
            for (int start = 0; start <= text.Length;)
            {
                int end = text.IndexOf('\n', start);
                if (end < 0) end = text.Length;
                _places.Add(new Stretch(start, end - start));
                _texts.Add(text[start..end]);
                start = end + 1;
            }
        }

        public List<Stretch> Windows(string[] wanted, Func<string, string> plain)
        {
            string[] looked = [.. wanted.Select(plain)];
            if (looked.All(line => line.Length == 0)) return [];
            string[] here = [.. _texts.Select(plain)];
            return Where(looked.Length, at => here.AsSpan(at, looked.Length).SequenceEqual(looked));
        }

        public List<Stretch> EdgesTrimmed(string[] wanted)
        {
            if (wanted.Length < 2) return [];
            return Where(wanted.Length, at => _texts[at].Trim() == wanted[0].Trim() && _texts[at + wanted.Length - 1].Trim() == wanted[^1].Trim()
                && Enumerable.Range(1, wanted.Length - 2).All(i => _texts[at + i] == wanted[i]));
        }

        public List<Stretch> Anchored(string[] wanted, double one, double several)
        {
            if (wanted.Length < 3) return [];
            var found = Where(wanted.Length, at => _texts[at].Trim() == wanted[0].Trim() && _texts[at + wanted.Length - 1].Trim() == wanted[^1].Trim());
            double least = found.Count == 1 ? one : several;
            string middle = string.Join('\n', wanted[1..^1]);
            return [.. found.Where(place => Likeness.Of(Middle(place, wanted.Length), middle) >= least)];
        }

        public List<Stretch> Alike(string[] wanted, double likeness, int most)
        {
            if (wanted.Length < 2 || (long)_texts.Count * wanted.Length > most) return [];
            return Where(wanted.Length, at => Enumerable.Range(0, wanted.Length).Count(i => Likeness.Of(_texts[at + i].Trim(), wanted[i].Trim()) >= likeness) * 2 >= wanted.Length
                && Likeness.Of(_texts[at].Trim(), wanted[0].Trim()) >= likeness && Likeness.Of(_texts[at + wanted.Length - 1].Trim(), wanted[^1].Trim()) >= likeness);
        }

        private string Middle(Stretch place, int count)
        {
            int at = _places.FindIndex(line => line.Start == place.Start);
            return string.Join('\n', _texts.GetRange(at + 1, count - 2));
        }

        private List<Stretch> Where(int count, Func<int, bool> matches)
        {
            var found = new List<Stretch>();
            for (int at = 0; at + count <= _texts.Count;)
            {
                if (!matches(at))
                {
                    at++;
                    continue;
                }

                var last = _places[at + count - 1];
                found.Add(new Stretch(_places[at].Start, last.Start + last.Length - _places[at].Start));
                at += count;
            }

            return found;
        }
    }
}
