namespace Gateway.Config;

/// <summary>Whether a skill can be used.</summary>
internal enum SkillState
{
    /// <summary>It can.</summary>
    Available,

    /// <summary>The user switched it off.</summary>
    Disabled,

    /// <summary>It is for other platforms.</summary>
    Unsupported,
}

/// <summary>An installed skill (CONFIG.md 10).</summary>
/// <param name="Name">Name from the front matter or the directory, at most 64 characters.</param>
/// <param name="Description">One line, at most 1024 characters.</param>
/// <param name="Category">First path element when the skill lies below a category directory; null otherwise.</param>
/// <param name="Directory">Its directory, absolute.</param>
/// <param name="SlashName">The command it can be called by, without the slash (WIRE.md 13.8).</param>
internal sealed record Skill(string Name, string Description, string? Category, string Directory, string SlashName)
{
    /// <summary>Its front matter; an empty map when it has none.</summary>
    public ConfigNode FrontMatter { get; init; } = ConfigNode.EmptyMap;

    /// <summary>Whether it can be used.</summary>
    public SkillState State { get; init; }

    /// <summary>Its directory below the root it was found in, such as <c>ops/deploy</c>; "" for a file of the old kind.</summary>
    public string Place { get; init; } = "";

    /// <summary>The file with its instructions, absolute.</summary>
    public string File { get; init; } = Path.Combine(Directory, "SKILL.md");

    /// <summary>Whether it is a single file, as skills once were, in a directory that is not its own.</summary>
    public bool IsSingleFile => Place.Length == 0;
}
