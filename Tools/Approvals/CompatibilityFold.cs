using System.Text;

namespace Gateway.Tools.Approvals;

/// <summary>Turns the look-alikes of ASCII that Unicode calls compatibility characters into ASCII: full-width forms,
/// mathematical alphabets, circled letters, special spaces.</summary>
/// <remarks>Stands in for the NFKC of AGENT.md 8.1: with invariant globalization the runtime's own normalisation returns its
/// input. What has no ASCII counterpart stays as it is and matches no pattern either way.</remarks>
internal static class CompatibilityFold
{
    /// <summary>The folded text.</summary>
    public static string Fold(string text)
    {
        if (System.Text.Ascii.IsValid(text)) return text;

        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var folded = Fold(rune.Value);
            if (folded is { } ascii) result.Append(ascii);
            else result.Append(rune);
        }

        return result.ToString();
    }

    private static char? Fold(int code) => code switch
    {
        0xA0 or >= 0x2000 and <= 0x200A or 0x202F or 0x205F or 0x3000 => ' ',
        >= 0xFF01 and <= 0xFF5E => (char)(code - 0xFF01 + '!'),
        >= 0x24B6 and <= 0x24CF => (char)(code - 0x24B6 + 'A'),
        >= 0x24D0 and <= 0x24E9 => (char)(code - 0x24D0 + 'a'),
        // Thirteen alphabets of 26 capitals and 26 small letters, then five sets of digits.
        >= 0x1D400 and <= 0x1D6A3 => (code - 0x1D400) % 52 is var letter and < 26 ? (char)('A' + letter) : (char)('a' + ((code - 0x1D400) % 52) - 26),
        >= 0x1D7CE and <= 0x1D7FF => (char)('0' + ((code - 0x1D7CE) % 10)),
        0x2024 or 0xFE52 => '.',
        0xFE63 => '-',
        0xFE68 => '\\',
        0x1D43 or 0xAA => 'a',
        0x210E => 'h',
        0x2113 => 'l',
        0x212F => 'e',
        0x2134 => 'o',
        0x1D50 => 'm',
        0x2B3 => 'r',
        _ => null,
    };
}
