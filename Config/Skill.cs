namespace Gateway.Config;

/// <summary>An installed skill (CONFIG.md 10).</summary>
/// <param name="Name">Name from the front matter or the directory, at most 64 characters.</param>
/// <param name="Description">One line, at most 1024 characters.</param>
/// <param name="Category">First path element when the skill lies below a category directory; null otherwise.</param>
/// <param name="Directory">Its directory, absolute.</param>
/// <param name="SlashName">The command it can be called by, without the slash (WIRE.md 13.8).</param>
internal sealed record Skill(string Name, string Description, string? Category, string Directory, string SlashName);
