using Gateway.Config;
using Gateway.Storage;
using Gateway.Tools.Files;

namespace Gateway.Tools.Skills;

/// <summary>Shows a skill or one of its files (AGENT.md section 13).</summary>
internal sealed class SkillViewTool(SkillIndex skills, ConfigNode config) : ITool
{
    private const int MostListed = 20;
    private const int MostFiles = 200;

    private static string[] Folders => ["references", "templates", "assets", "scripts"];

    /// <inheritdoc/>
    public string Name => "skill_view";

    /// <inheritdoc/>
    public string Toolset => "skills";

    /// <inheritdoc/>
    public string Description => "Shows the instructions of a skill, or with file_path one of the files that belong to it. Read a skill before you do the work it is for, and follow it.";

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ParametersSchema { get; } =
        """
        {"type":"object","properties":{"name":{"type":"string","description":"Name of the skill."},"file_path":{"type":"string","description":"One of its files, such as references/api.md."}},"required":["name"]}
        """u8.ToArray();

    /// <inheritdoc/>
    public Task<ToolResult> RunAsync(ToolCall call, ToolContext context, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            string name = ToolJson.Text(call.Arguments, "name")?.Trim() ?? "";
            var all = skills.Read(config);
            var skill = all.FirstOrDefault(one => one.Name == name)
                ?? all.FirstOrDefault(one => string.Equals(one.Name, name, StringComparison.OrdinalIgnoreCase) || Path.GetFileName(one.Directory) == name || one.SlashName == name);
            if (skill is null) return NotFound(name, all);
            try
            {
                return ToolJson.Text(call.Arguments, "file_path") is { Length: > 0 } file ? ViewFile(skill, file) : View(skill);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or TextFileException)
            {
                return ToolJson.Failure($"Skill '{skill.Name}' cannot be read: {(exception is TextFileException ? exception.Message : PrivateFiles.Reason(exception))}");
            }
        },
        CancellationToken.None);

    private static ToolResult View(Skill skill)
    {
        string path = Path.Combine(skill.Directory, "SKILL.md");
        string content = TextFile.Read(path)?.Text.Replace("${HERMES_SKILL_DIR}", skill.Directory, StringComparison.Ordinal) ?? "";
        var files = Folders.Select(folder => (Folder: folder, Files: FilesOf(skill, folder))).Where(listed => listed.Files.Length > 0).ToArray();
        return new ToolResult(
            ToolJson.Object(json =>
            {
                json.WriteBoolean("success", true);
                json.WriteString("name", skill.Name);
                json.WriteString("description", skill.Description);
                json.WriteString("content", content);
                json.WriteString("path", path);
                json.WriteString("skill_dir", skill.Directory);
                if (files.Length == 0)
                {
                    json.WriteNull("linked_files");
                }
                else
                {
                    json.WriteStartObject("linked_files");
                    foreach (var (folder, names) in files) ToolJson.Strings(json, folder, names);
                    json.WriteEndObject();
                    json.WriteString("usage_hint", "Read one of linked_files with skill_view(name, file_path).");
                }

                json.WriteString("readiness_status", "available");
                json.WriteBoolean("setup_needed", false);
            }),
            Summary: skill.Name);
    }

    private static ToolResult ViewFile(Skill skill, string file)
    {
        if (file.Split('/').Contains("..") || Path.IsPathRooted(file)) return ToolJson.Failure("Path traversal ('..') is not allowed.");
        string path = Path.Combine(skill.Directory, file);
        string? real = RealPath.Resolve(path), root = RealPath.Resolve(skill.Directory);
        if (real is null || root is null || !real.StartsWith(root + "/", StringComparison.Ordinal)) return ToolJson.Failure("Path traversal ('..') is not allowed.");
        if (!File.Exists(real))
        {
            return ToolJson.Failure($"File '{file}' not found in skill '{skill.Name}'.", json =>
            {
                json.WriteStartObject("available_files");
                foreach (string folder in Folders) ToolJson.Strings(json, folder, FilesOf(skill, folder));
                json.WriteEndObject();
            });
        }

        string type = Path.GetExtension(file);
        TextFile? text = null;
        try
        {
            text = TextFile.Read(real);
        }
        catch (TextFileException)
        {
            // A binary file is named, not shown.
        }

        return new ToolResult(ToolJson.Object(json =>
        {
            json.WriteBoolean("success", true);
            json.WriteString("name", skill.Name);
            json.WriteString("file", file);
            json.WriteString("content", text?.Text ?? $"[Binary file: {Path.GetFileName(file)}, {new FileInfo(real).Length} bytes, at {real}]");
            json.WriteString("file_type", type);
            if (text is null) json.WriteBoolean("is_binary", true);
        }));
    }

    private static string[] FilesOf(Skill skill, string folder)
    {
        string path = Path.Combine(skill.Directory, folder);
        if (!Directory.Exists(path)) return [];
        return [.. Directory.EnumerateFiles(path, "*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 4 })
            .Take(MostFiles).Select(file => Path.GetRelativePath(skill.Directory, file)).Order(StringComparer.Ordinal)];
    }

    private static ToolResult NotFound(string name, IReadOnlyList<Skill> all) => ToolJson.Failure($"Skill '{name}' not found.", json =>
    {
        ToolJson.Strings(json, "available_skills", all.Select(skill => skill.Name).Take(MostListed));
        json.WriteString("hint", "Use skills_list to see all available skills");
    });
}
