using System.Text;

namespace ModelServer.Wire;

/// <summary>Cuts text for streaming.</summary>
internal static class Pieces
{
    /// <summary>Pieces of <paramref name="length"/> characters (code points: JSON cannot carry half of one); 0 leaves the text whole.</summary>
    public static IEnumerable<string> Of(string text, int length)
    {
        if (length == 0)
        {
            if (text.Length > 0) yield return text;
            yield break;
        }

        int start = 0, position = 0, count = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            position += rune.Utf16SequenceLength;
            if (++count < length) continue;
            yield return text[start..position];
            (start, count) = (position, 0);
        }
        if (start < text.Length) yield return text[start..];
    }
}
