namespace Gateway.Config;

/// <summary>The skin for gateway.ready. The start path must not pay for a YAML parser when the file does not name a skin.</summary>
internal static class ActiveSkin
{
    /// <summary>The skin of display.skin, or the default one. Never throws.</summary>
    public static Skin Resolve(string hermesHome)
    {
        // Asked first: throwing and catching the absence of a file would cost as much as all the rest.
        string path = Path.Combine(hermesHome, "config.yaml");
        if (!File.Exists(path)) return BuiltInSkins.Default();
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return BuiltInSkins.Default();
        }

        return bytes.AsSpan().IndexOf("skin"u8) < 0 ? BuiltInSkins.Default() : Named(bytes, hermesHome);
    }

    private static Skin Named(byte[] bytes, string hermesHome)
    {
        var root = ConfigFile.Decode(bytes) is { } text ? ConfigFile.ParseRoot(text, out _) : null;
        return SkinCatalog.Resolve(root?.Find("display", "skin").AsText() ?? "default", hermesHome);
    }
}
