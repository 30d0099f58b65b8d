namespace Gateway.Config;

/// <summary>Finds skins: HERMES_HOME/skins/&lt;name&gt;.yaml first, then the built-in ones (CONFIG.md 9, WIRE.md 24).</summary>
internal static class SkinCatalog
{
    private const int LongestName = 100;

    /// <summary>The skin of a name; what is unknown, broken or not a plain file name gives the default skin. Never throws.</summary>
    public static Skin Resolve(string name, string hermesHome)
    {
        name = name.Trim();
        if (!IsPlainName(name))
        {
            return BuiltInSkins.Default();
        }

        return (ReadFile(Path.Combine(hermesHome, "skins", name + ".yaml")) is { } file ? Overlay(file) : null)
            ?? BuiltInSkins.Find(name)
            ?? BuiltInSkins.Default();
    }

    /// <summary>Names and descriptions for lists: the built-in skins, then the user's by name. Broken files are left out.</summary>
    public static IReadOnlyList<(string Name, string Description)> List(string hermesHome)
    {
        var found = BuiltInSkins.Names.Select(name => (name, BuiltInSkins.Describe(name))).ToList();
        try
        {
            var directory = Path.Combine(hermesHome, "skins");
            if (Directory.Exists(directory))
            {
                foreach (var file in Directory.EnumerateFiles(directory, "*.yaml").Order(StringComparer.Ordinal))
                {
                    var name = Path.GetFileNameWithoutExtension(file);
                    if (IsPlainName(name) && found.TrueForAll(known => known.name != name) && ReadFile(file) is { } skin)
                    {
                        found.Add((name, skin.Find("description").AsString() ?? ""));
                    }
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The built-in skins are still worth listing.
        }

        return found;
    }

    private static bool IsPlainName(string name) =>
        name.Length is > 0 and <= LongestName && !name.Contains("..", StringComparison.Ordinal) && name.AsSpan().IndexOfAny('/', '\\', '\0') < 0;

    // A skin file must be a map with a name; anything else counts as broken.
    private static ConfigNode? ReadFile(string path)
    {
        try
        {
            return HomeFile.Read(path, ConfigFile.MaximumBytes) is { } bytes && ConfigFile.Decode(bytes) is { } text
                && ConfigFile.ParseRoot(text, out _) is { } root && root.Find("name").AsString() is not null
                ? root
                : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static Skin Overlay(ConfigNode file)
    {
        var start = BuiltInSkins.Default();
        var spinner = file.Find("spinner");
        return new Skin(
            file.Find("name").AsString() ?? "",
            file.Find("description").AsString() ?? "",
            Merge(start.Colors, file.Find("colors")),
            Merge(start.Branding, file.Find("branding")))
        {
            SpinnerWaitingFaces = Texts(spinner.Find("waiting_faces")) ?? start.SpinnerWaitingFaces,
            ThinkingFaces = Texts(spinner.Find("thinking_faces")) ?? start.ThinkingFaces,
            ThinkingVerbs = Texts(spinner.Find("thinking_verbs")) ?? start.ThinkingVerbs,
            Wings = [.. spinner.Find("wings").Items.Where(pair => pair.Items.Count == 2)
                .Select(pair => (pair.Items[0].AsString() ?? "", pair.Items[1].AsString() ?? ""))],
            ToolPrefix = file.Find("tool_prefix").AsString() ?? start.ToolPrefix,
            BannerLogo = file.Find("banner_logo").AsString() ?? "",
            BannerHero = file.Find("banner_hero").AsString() ?? "",
        };
    }

    private static OrderedDictionary<string, string> Merge(IReadOnlyDictionary<string, string> start, ConfigNode over)
    {
        var merged = new OrderedDictionary<string, string>(start);
        foreach (var (key, value) in over.Entries)
        {
            if (value.AsString() is { } text)
            {
                merged[key] = text;
            }
        }

        return merged;
    }

    private static List<string>? Texts(ConfigNode list)
    {
        var texts = list.Items.Select(item => item.AsString()).OfType<string>().ToList();
        return texts.Count > 0 ? texts : null;
    }
}
