using System.Text;

namespace Gateway.Tools.Approvals;

/// <summary>Turns the look-alikes of ASCII that Unicode calls compatibility characters into ASCII: full-width forms,
/// mathematical alphabets, circled letters, special spaces; letters, dashes and slashes that only look like ASCII too. Invisible characters are left out.</summary>
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
            if (IsInvisible(rune.Value)) continue;
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
        >= 0x2010 and <= 0x2015 or 0x2212 or 0xFF0D => '-',
        0x2044 or 0x2215 or 0x29F8 => '/',
        0x223C or 0x2DC => '~',
        0x2217 => '*',
        _ => Letter(code),
    };

    // Letters of other alphabets that look the same. No shell takes them for the others, but whoever reads the command may.
    private static char? Letter(int code) => code switch
    {
        0x430 or 0x3B1 => 'a',
        0x441 or 0x3F2 => 'c',
        0x501 => 'd',
        0x435 => 'e',
        0x4BB => 'h',
        0x456 or 0x3B9 => 'i',
        0x458 => 'j',
        0x43A or 0x3BA => 'k',
        0x4CF => 'l',
        0x43C => 'm',
        0x578 => 'n',
        0x43E or 0x3BF => 'o',
        0x440 or 0x3C1 => 'p',
        0x51B => 'q',
        0x433 => 'r',
        0x455 => 's',
        0x442 or 0x3C4 => 't',
        0x3C5 => 'u',
        0x3BD => 'v',
        0x51D => 'w',
        0x445 or 0x3C7 => 'x',
        0x443 => 'y',
        _ => null,
    };

    private static bool IsInvisible(int code) => code is 0xAD or (>= 0x200B and <= 0x200F) or (>= 0x202A and <= 0x202E) or (>= 0x2060 and <= 0x2064) or 0xFEFF or (>= 0xE0000 and <= 0xE007F);
}
