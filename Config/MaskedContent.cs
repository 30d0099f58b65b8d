using System.Text.RegularExpressions;

namespace Gateway.Config;

/// <summary>Finds out whether a text that is going to be written has our masks in place of what they hide.</summary>
internal static partial class MaskedContent
{
    private const int MostMasks = 500;

    /// <summary>Whether the new text has a mask where the old one has the value.</summary>
    public static bool Replaces(string before, string after)
    {
        if (before == after || !(after.Contains("***", StringComparison.Ordinal) || PartlyShown().IsMatch(after))) return false;
        return HasPartOfValue(before, after) || HasMaskedLine(before, after, inSource: true) || HasMaskedLine(before, after, inSource: false) || HasMaskedName(before, after);
    }

    // abcdef...wxyz, and the old text has something that begins and ends like that.
    private static bool HasPartOfValue(string before, string after)
    {
        var masks = PartlyShown().Matches(after).Select(match => match.Value).Distinct(StringComparer.Ordinal).Take(MostMasks);
        foreach (string mask in masks)
        {
            if (before.Contains(mask, StringComparison.Ordinal)) continue;
            string head = mask[..6], tail = mask[^4..];
            for (int at = before.IndexOf(head, StringComparison.Ordinal); at >= 0; at = before.IndexOf(head, at + 1, StringComparison.Ordinal))
            {
                int end = at;
                while (end < before.Length && end - at < 2000 && !char.IsWhiteSpace(before[end]) && before[end] is not ('"' or '\'' or '`')) end++;
                int last = before.LastIndexOf(tail, end - 1, end - at, StringComparison.Ordinal);
                if (last - at >= 14 && SecretLiteral.IsKeyLike(before[at..(last + 4)])) return true;
            }
        }

        return false;
    }

    private static bool HasMaskedLine(string before, string after, bool inSource)
    {
        string masked = SecretMask.Redact(before, inSource);
        if (masked == before) return false;
        var real = before.Split('\n').Select(line => line.Trim()).ToHashSet(StringComparer.Ordinal);
        var hidden = masked.Split('\n').Select(line => line.Trim()).Where(line => !real.Contains(line)).ToHashSet(StringComparer.Ordinal);
        return after.Split('\n').Any(line => hidden.Contains(line.Trim()));
    }

    // The rest of the line was changed, but the name still has *** where it had a value.
    private static bool HasMaskedName(string before, string after)
    {
        var masked = Names(after, hidden: true);
        if (masked.Count == 0) return false;
        masked.ExceptWith(Names(before, hidden: true));
        return masked.Overlaps(Names(before, hidden: false));
    }

    private static HashSet<string> Names(string text, bool hidden) =>
        [.. SecretAssignments.Find(text, inSource: false).Where(one => hidden ? text.AsSpan(one.Start, one.Length).SequenceEqual("***") : one.IsSecret).Select(one => one.Name)];

    [GeneratedRegex(@"[^\s""'`]{6}\.\.\.[^\s""'`.]{4}")]
    private static partial Regex PartlyShown();
}
