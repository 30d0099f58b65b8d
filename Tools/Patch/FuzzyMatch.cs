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
    private const int Slice = 64 * 1024;

    /// <summary>Where the piece is.</summary>
    /// <param name="text">The file.</param>
    /// <param name="piece">What is looked for, not empty.</param>
    /// <param name="effort">What it may cost; a strategy that would cost more finds nothing.</param>
    /// <param name="exact">Whether the piece is there word for word.</param>
    /// <exception cref="OperationCanceledException">The user interrupted.</exception>
    public static IReadOnlyList<Stretch> Find(string text, string piece, Effort effort, out bool exact)
    {
        var found = Exact(text, piece, effort);
        exact = found.Count > 0;
        if (exact) return found;
        var lines = new Lines(text, effort);
        string[] wanted = piece.Trim('\n').Split('\n');
        Func<IReadOnlyList<Stretch>>[] strategies =
        [
            () => lines.Windows(wanted, line => line.Trim()),
            () => lines.Windows(wanted, Collapsed),
            () => lines.Windows(wanted, line => line.TrimStart()),
            () => Unescaped(piece) is var plain && plain != piece && plain.Length > 0 ? Exact(text, plain, effort) : [],
            () => lines.EdgesTrimmed(wanted),
            () => lines.Windows(wanted, line => Typewriter(line).Trim()),
            () => lines.Anchored(wanted, OneCandidate, SeveralCandidates),
            () => lines.Alike(wanted, LineLikeness),
        ];
        foreach (var strategy in strategies)
            if (strategy() is { Count: > 0 } hits && !effort.IsSpent) return hits;
        return [];
    }

    // In slices, so that an interrupt need not wait for the end of a huge file.
    private static List<Stretch> Exact(string text, string piece, Effort effort)
    {
        var found = new List<Stretch>();
        for (int from = 0; from + piece.Length <= text.Length;)
        {
            effort.Spend(0);
            int length = (int)Math.Min(text.Length - from, (long)piece.Length + Slice);
            int at = text.AsSpan(from, length).IndexOf(piece, StringComparison.Ordinal);
            if (at >= 0) found.Add(new Stretch(from + at, piece.Length));
            from += at >= 0 ? at + piece.Length : length - piece.Length + 1;
        }

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

    /// <summary>A text in lines that know where they stand. What costs more than allowed is not there: half a result would make
    /// a place look like the only one.</summary>
    private sealed class Lines
    {
        private readonly List<Stretch> _places = [];
        private readonly List<string> _texts = [];
        private readonly Effort _effort;

        public Lines(string text, Effort effort)
        {
            _effort = effort;
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
            return Places(Where(looked.Length, at => here[at] == looked[0] && Spend(looked.Length) && here.AsSpan(at, looked.Length).SequenceEqual(looked)), looked.Length);
        }

        public List<Stretch> EdgesTrimmed(string[] wanted)
        {
            if (wanted.Length < 2) return [];
            return Places(Where(wanted.Length, at => HasEdges(at, wanted) && Spend(wanted.Length) && Enumerable.Range(1, wanted.Length - 2).All(i => _texts[at + i] == wanted[i])), wanted.Length);
        }

        public List<Stretch> Anchored(string[] wanted, double one, double several)
        {
            if (wanted.Length < 3) return [];
            var found = Where(wanted.Length, at => HasEdges(at, wanted));
            double least = found.Count == 1 ? one : several;
            string middle = string.Join('\n', wanted[1..^1]);
            return Places([.. found.Where(at => Likeness.IsAtLeast(string.Join('\n', _texts.GetRange(at + 1, wanted.Length - 2)), middle, least, _effort))], wanted.Length);
        }

        public List<Stretch> Alike(string[] wanted, double likeness)
        {
            if (wanted.Length < 2) return [];
            string[] looked = [.. wanted.Select(line => line.Trim())];
            string[] here = [.. _texts.Select(line => line.Trim())];
            bool IsAlike(int at, int i) => Likeness.IsAtLeast(here[at + i], looked[i], likeness, _effort);
            return Places(
                Where(looked.Length, at => IsAlike(at, 0) && IsAlike(at, looked.Length - 1) && Enumerable.Range(0, looked.Length).Count(i => IsAlike(at, i)) * 2 >= looked.Length),
                looked.Length);
        }

        private bool HasEdges(int at, string[] wanted) =>
            _texts[at].AsSpan().Trim().SequenceEqual(wanted[0].AsSpan().Trim()) && _texts[at + wanted.Length - 1].AsSpan().Trim().SequenceEqual(wanted[^1].AsSpan().Trim());

        private bool Spend(long steps) => _effort.Spend(steps);

        private List<Stretch> Places(List<int> found, int count) => _effort.IsSpent
            ? []
            : [.. found.Select(at => new Stretch(_places[at].Start, _places[at + count - 1].Start + _places[at + count - 1].Length - _places[at].Start))];

        private List<int> Where(int count, Func<int, bool> matches)
        {
            var found = new List<int>();
            for (int at = 0; at + count <= _texts.Count && Spend(1);)
            {
                bool hit = matches(at);
                if (hit) found.Add(at);
                at += hit ? count : 1;
            }

            return found;
        }
    }
}
