using System.Globalization;
using Gateway.Config;

namespace Gateway.Tools.Files;

/// <summary>Control sequences that set the colours of a diff for a client (WIRE.md 10.4).</summary>
/// <param name="File">For the names of files.</param>
/// <param name="Hunk">For the heads of hunks.</param>
/// <param name="Context">For lines that stay.</param>
/// <param name="Minus">For lines that go.</param>
/// <param name="Plus">For lines that come.</param>
internal sealed record DiffColours(string File, string Hunk, string Context, string Minus, string Plus)
{
    private const int TintPercent = 35;

    /// <summary>Those of the default skin.</summary>
    public static DiffColours Default { get; } = Of(BuiltInSkins.Default());

    /// <summary>Those of a skin; where it has no colour that can be read, the default one's.</summary>
    public static DiffColours Of(Skin skin) => new(
        Front(Colour(skin, "session_label", "#DAA520")),
        Front(Colour(skin, "session_border", "#8B8682")),
        Front(Colour(skin, "banner_dim", "#B8860B")),
        OnTint(Colour(skin, "ui_error", "#ef5350")),
        OnTint(Colour(skin, "ui_ok", "#4caf50")));

    private static int Colour(Skin skin, string key, string otherwise) => Read(skin.Colors.GetValueOrDefault(key)) ?? Read(otherwise)!.Value;

    private static int? Read(string? text) =>
        text is ['#', .. var digits] && digits.Length == 6 && int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int colour) ? colour : null;

    private static string Front(int colour) => string.Create(CultureInfo.InvariantCulture, $"\e[38;2;{colour >> 16};{(colour >> 8) & 0xFF};{colour & 0xFF}m");

    // White stands out from every dark shade.
    private static string OnTint(int colour) => string.Create(
        CultureInfo.InvariantCulture,
        $"\e[38;2;255;255;255;48;2;{(colour >> 16) * TintPercent / 100};{((colour >> 8) & 0xFF) * TintPercent / 100};{(colour & 0xFF) * TintPercent / 100}m");
}
