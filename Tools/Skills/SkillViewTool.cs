using System.Text.Json;
using Gateway.Config;
using Gateway.Storage;
using Gateway.Tools.Files;

namespace Gateway.Tools.Skills;

/// <summary>Shows a skill or one of its files (AGENT.md section 13). What the skill needs and does not have, the user is asked for.</summary>
internal sealed class SkillViewTool(SkillIndex skills, ConfigNode config, GatewayEnvironment environment, SkillText text) : ITool
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
        {"type":"object","properties":{"name":{"type":"string","description":"Name of the skill, or category/name."},"file_path":{"type":"string","description":"One of its files, such as references/api.md."}},"required":["name"]}
        """u8.ToArray();

    /// <inheritdoc/>
    public Task<ToolResult> RunAsync(ToolCall call, ToolContext context, CancellationToken cancellationToken) => Task.Run(
        async () =>
        {
            string name = ToolJson.Text(call.Arguments, "name")?.Trim() ?? "";
            var found = new SkillLookup(skills, config, environment).Find(name);
            if (found.Skill is not { } skill) return NotFound(found);
            try
            {
                return ToolJson.Text(call.Arguments, "file_path") is { Length: > 0 } file ? ViewFile(skill, file) : await ViewAsync(skill, context, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or TextFileException)
            {
                return ToolJson.Failure($"Skill '{skill.Name}' cannot be read: {(exception is TextFileException ? exception.Message : PrivateFiles.Reason(exception))}");
            }
        },
        CancellationToken.None);

    private async Task<ToolResult> ViewAsync(Skill skill, ToolContext context, CancellationToken cancellationToken)
    {
        string content = await text.RenderAsync(TextFile.Read(skill.File)?.Text ?? "", skill, context, cancellationToken);
        var setup = await SkillSetup.PrepareAsync(skill, environment, context, cancellationToken);
        var files = Folders.Select(folder => (Folder: folder, Files: FilesOf(skill, folder))).Where(listed => listed.Files.Length > 0).ToArray();
        return new ToolResult(
            ToolJson.Object(json =>
            {
                json.WriteBoolean("success", true);
                json.WriteString("name", skill.Name);
                json.WriteString("description", skill.Description);
                ToolJson.Strings(json, "tags", SkillNeeds.Words(skill.FrontMatter, "tags"));
                ToolJson.Strings(json, "related_skills", SkillNeeds.Words(skill.FrontMatter, "related_skills"));
                json.WriteString("content", content);
                json.WriteString("path", skill.File);
                json.WriteString("skill_dir", skill.Directory);
                WriteFiles(json, files);
                setup.Write(json);
                if (skill.FrontMatter.Find("compatibility") is { IsNull: false } compatibility) Write(json, "compatibility", compatibility);
                if (skill.FrontMatter.Find("metadata") is { IsNull: false } metadata) Write(json, "metadata", metadata);
            }),
            Summary: setup.IsNeeded ? $"{skill.Name} (not set up)" : skill.Name);
    }

    private static void WriteFiles(Utf8JsonWriter json, (string Folder, string[] Files)[] files)
    {
        if (files.Length == 0)
        {
            json.WriteNull("linked_files");
            return;
        }

        json.WriteStartObject("linked_files");
        foreach (var (folder, names) in files) ToolJson.Strings(json, folder, names);
        json.WriteEndObject();
        json.WriteString("usage_hint", "Read one of linked_files with skill_view(name, file_path).");
    }

    private static void Write(Utf8JsonWriter json, string name, ConfigNode node)
    {
        json.WritePropertyName(name);
        Write(json, node);
    }

    private static void Write(Utf8JsonWriter json, ConfigNode node)
    {
        switch (node.Kind)
        {
            case ConfigKind.Map:
                json.WriteStartObject();
                foreach (var (name, value) in node.Entries) Write(json, name, value);
                json.WriteEndObject();
                break;
            case ConfigKind.List:
                json.WriteStartArray();
                foreach (var item in node.Items) Write(json, item);
                json.WriteEndArray();
                break;
            case ConfigKind.Boolean:
                json.WriteBooleanValue(node.AsBool(false));
                break;
            case ConfigKind.Integer:
                json.WriteNumberValue(node.Integer);
                break;
            case ConfigKind.Float when double.IsFinite(node.Double):
                json.WriteNumberValue(node.Double);
                break;
            default:
                json.WriteStringValue(node.AsString());
                break;
        }
    }

    private static ToolResult ViewFile(Skill skill, string file)
    {
        if (file.Split('/').Contains("..") || Path.IsPathRooted(file) || file.Contains('\0')) return ToolJson.Failure("Path traversal ('..') is not allowed.");
        string path = Path.Combine(skill.Directory, file);
        string? real = RealPath.Resolve(path), root = RealPath.Resolve(skill.Directory);
        if (real is null || root is null || !real.StartsWith(root + "/", StringComparison.Ordinal)) return ToolJson.Failure("Path traversal ('..') is not allowed.");

        // The folder of a single file belongs to others, too.
        if (skill.IsSingleFile || !File.Exists(real))
        {
            return ToolJson.Failure($"File '{file}' not found in skill '{skill.Name}'.", json =>
            {
                json.WriteStartObject("available_files");
                foreach (string folder in Folders) ToolJson.Strings(json, folder, FilesOf(skill, folder));
                json.WriteEndObject();
            });
        }

        string type = Path.GetExtension(file);
        TextFile? content = null;
        try
        {
            content = TextFile.Read(real);
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
            json.WriteString("content", content?.Text ?? $"[Binary file: {Path.GetFileName(file)}, {new FileInfo(real).Length} bytes, at {real}]");
            json.WriteString("file_type", type);
            if (content is null) json.WriteBoolean("is_binary", true);
        }));
    }

    private static string[] FilesOf(Skill skill, string folder)
    {
        string path = Path.Combine(skill.Directory, folder);
        if (skill.IsSingleFile || !Directory.Exists(path)) return [];
        return [.. Directory.EnumerateFiles(path, "*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 4 })
            .Take(MostFiles).Select(file => Path.GetRelativePath(skill.Directory, file)).Order(StringComparer.Ordinal)];
    }

    private static ToolResult NotFound(FoundSkill found) => ToolJson.Failure(found.Problem!, json =>
    {
        if (!found.Problem!.Contains("not found", StringComparison.Ordinal)) return;
        ToolJson.Strings(json, "available_skills", found.Names.Take(MostListed));
        json.WriteString("hint", "Use skills_list to see all available skills");
    });
}
