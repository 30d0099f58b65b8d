namespace Gateway.Config;

/// <summary>The skin for gateway.ready. The start path must not pay for a YAML parser when the file does not name a skin.</summary>
internal static class ActiveSkin
{
    /// <summary>The skin of display.skin, or the default one. Never throws.</summary>
    public static Skin Resolve(string hermesHome)
    {
        byte[]? bytes;
        try
        {
            bytes = HomeFile.Read(Path.Combine(hermesHome, "config.yaml"), ConfigFile.MaximumBytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return BuiltInSkins.Default();
        }

        return bytes is null || bytes.AsSpan().IndexOf("skin"u8) < 0 ? BuiltInSkins.Default() : Named(bytes, hermesHome);
    }

    private static Skin Named(byte[] bytes, string hermesHome)
    {
        var root = ConfigFile.Decode(bytes) is { } text ? ConfigFile.ParseRoot(text, out _) : null;
        return SkinCatalog.Resolve(root?.Find("display", "skin").AsText() ?? "default", hermesHome);
    }
}
