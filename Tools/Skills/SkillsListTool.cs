using Gateway.Config;

namespace Gateway.Tools.Skills;

/// <summary>Names the installed skills (AGENT.md section 13).</summary>
internal sealed class SkillsListTool(SkillIndex skills, ConfigNode config) : ITool
{
    /// <inheritdoc/>
    public string Name => "skills_list";

    /// <inheritdoc/>
    public string Toolset => "skills";

    /// <inheritdoc/>
    public string Description => "Lists the installed skills: instructions for recurring kinds of work, each with its name, what it is for, and its category. Read one with skill_view.";

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ParametersSchema { get; } =
        """
        {"type":"object","properties":{"category":{"type":"string","description":"Only those of this category."}}}
        """u8.ToArray();

    /// <inheritdoc/>
    public Task<ToolResult> RunAsync(ToolCall call, ToolContext context, CancellationToken cancellationToken) => Task.Run(() =>
    {
        string? category = ToolJson.Text(call.Arguments, "category")?.Trim();
        var all = skills.Read(config);
        Skill[] listed = [.. all.Where(skill => string.IsNullOrEmpty(category) || string.Equals(skill.Category, category, StringComparison.OrdinalIgnoreCase)).OrderBy(skill => skill.Category).ThenBy(skill => skill.Name)];
        string json = ToolJson.Object(writer =>
        {
            writer.WriteBoolean("success", true);
            writer.WriteStartArray("skills");
            foreach (var skill in listed)
            {
                writer.WriteStartObject();
                writer.WriteString("name", skill.Name);
                writer.WriteString("description", skill.Description);
                writer.WriteString("category", skill.Category);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            ToolJson.Strings(writer, "categories", all.Select(skill => skill.Category).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
            writer.WriteNumber("count", listed.Length);
            if (listed.Length == 0) writer.WriteString("message", all.Count == 0 ? "No skills are installed." : "No skill matches.");
            else writer.WriteString("hint", "Use skill_view(name) to read one of them.");
        });
        return new ToolResult(json, null, listed.Length == 1 ? "1 skill" : $"{listed.Length} skills");
    }, CancellationToken.None);
}
