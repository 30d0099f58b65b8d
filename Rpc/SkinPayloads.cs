using Gateway.Config;
using Gateway.Protocol.Messages;

namespace Gateway.Rpc;

/// <summary>Skins as clients read them.</summary>
internal static class SkinPayloads
{
    /// <summary>The wire form of a skin (events.json skin.changed).</summary>
    public static SkinPayload Of(Skin skin) => new(
        skin.Name, skin.Colors, skin.Branding, skin.BannerLogo, skin.BannerHero, skin.ToolPrefix, skin.HelpHeader);
}
