using System.Text.Json;
using Gateway.Config;
using Gateway.Display;

namespace Gateway.Rpc;

/// <summary>Skins as clients read them (events.json skin.changed). Written by hand, since the first frame of the process
/// carries one and JSON metadata would double its time.</summary>
internal static class SkinPayload
{
    /// <summary>Writes a skin.</summary>
    public static void Write(Utf8JsonWriter json, Skin skin)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, VisibleText.Of(skin.Name));
        WriteMap(json, "colors"u8, skin.Colors);
        WriteMap(json, "branding"u8, skin.Branding);
        json.WriteString("banner_logo"u8, VisibleText.Of(skin.BannerLogo));
        json.WriteString("banner_hero"u8, VisibleText.Of(skin.BannerHero));
        json.WriteString("tool_prefix"u8, VisibleText.Of(skin.ToolPrefix));
        json.WriteString("help_header"u8, VisibleText.Of(skin.HelpHeader));
        json.WriteEndObject();
    }

    private static void WriteMap(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyDictionary<string, string> entries)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in entries) json.WriteString(VisibleText.Of(key), VisibleText.Of(value));
        json.WriteEndObject();
    }
}
