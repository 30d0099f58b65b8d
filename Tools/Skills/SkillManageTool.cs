using System.Text;
using System.Text.RegularExpressions;
using Gateway.Config;
using Gateway.Processes;
using Gateway.Storage;
using Gateway.Tools.Files;
using Gateway.Tools.Patch;

namespace Gateway.Tools.Skills;

/// <summary>Makes and keeps skills (AGENT.md section 13). Only those of the user's own folder can be changed.</summary>
internal sealed partial class SkillManageTool(SkillIndex skills, ConfigNode config, GatewayEnvironment environment, FileLocks locks) : ITool, IWriteJudge
{
    private const int LongestName = 64;
    private const int LongestSkill = 100_000;
    private const int LargestFile = 1024 * 1024;
    private const int MostFilesOfDiff = 20;

    private static string[] Folders => ["references", "templates", "scripts", "assets"];

    private string Root => Path.Combine(environment.HermesHome, "skills");

    /// <inheritdoc/>
    public string Name => "skill_manage";

    /// <inheritdoc/>
    public string Toolset => "skills";

    /// <inheritdoc/>
    public string Description =>
        """
        Makes, changes and deletes skills: instructions for a kind of work that comes again. Make one when a task took several tries, when the user taught you a way of working, or when they ask for it; mend one as soon as it proves wrong.
        create and edit take the whole SKILL.md (content): front matter between --- lines with name and description, then the instructions. patch replaces old_string by new_string in SKILL.md or file_path; write_file and remove_file keep further files under references/, templates/, scripts/ or assets/. Ask the user before you delete.
        """;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ParametersSchema { get; } =
        """
        {"type":"object","properties":{"action":{"type":"string","enum":["create","edit","patch","delete","write_file","remove_file"],"description":"What to do."},"name":{"type":"string","description":"Name of the skill: small letters, digits, dots, hyphens, underscores."},"content":{"type":"string","description":"The whole SKILL.md, for create and edit."},"category":{"type":"string","description":"Folder to put a new skill in."},"old_string":{"type":"string","description":"For patch: the text to replace."},"new_string":{"type":"string","description":"For patch: what stands there instead."},"replace_all":{"type":"boolean","description":"For patch: replace it wherever it stands. Default false."},"file_path":{"type":"string","description":"One of its files, such as references/api.md."},"file_content":{"type":"string","description":"For write_file: the whole content."}},"required":["action","name"]}
        """u8.ToArray();

    /// <inheritdoc/>
    public async Task<ToolResult> RunAsync(ToolCall call, ToolContext context, CancellationToken cancellationToken)
    {
        string Text(string name) => ToolJson.Text(call.Arguments, name) ?? "";
        string name = Text("name").Trim(), action = Text("action"), file = Text("file_path").Trim();
        if ((action == "create" ? NameProblem(name, "name") : PlaceProblem(name)) is { } invalid) return ToolJson.Failure(invalid);
        using var held = await locks.TakeAsync([Path.Combine(Root, name)], cancellationToken);
        try
        {
            string? folder = Find(name);
            if (action == "create") return Done(Create(name, Text("content"), Text("category").Trim(), folder), context);
            if (action is not ("edit" or "patch" or "delete" or "write_file" or "remove_file"))
                return ToolJson.Failure($"Unknown action '{action}'. Use: create, edit, patch, delete, write_file, remove_file");
            if (folder is null) return ToolJson.Failure($"Skill '{name}' not found.");
            if (!IsOwn(folder)) return ToolJson.Failure($"Skill '{name}' lies outside {Root} and can only be read. Make one of your own with another name.");
            return Done(
                action switch
                {
                    "edit" => Edit(name, folder, Text("content")),
                    "patch" => Patch(name, folder, file, Text("old_string"), Text("new_string"), ToolJson.Flag(call.Arguments, "replace_all")),
                    "delete" => Delete(name, folder),
                    "write_file" => WriteFile(name, folder, file, ToolJson.Text(call.Arguments, "file_content")),
                    _ => RemoveFile(name, folder, file),
                },
                context);
        }
        catch (TextFileException exception)
        {
            return ToolJson.Failure(exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ToolJson.Failure($"Skill '{name}' cannot be changed: {PrivateFiles.Reason(exception)}");
        }
    }

    private ToolResult Create(string name, string content, string category, string? existing)
    {
        if (category.Length > 0 && NameProblem(category, "category") is { } invalid) return ToolJson.Failure(invalid);
        if (ContentProblem(content) is { } problem) return ToolJson.Failure(problem);
        if (existing is not null) return ToolJson.Failure($"A skill named '{name}' already exists at {existing}.");
        string folder = Path.Combine(Root, category, name), path = Path.Combine(folder, "SKILL.md");
        TextFile.Write(path, content, null, this);
        return Success($"Skill '{name}' created.", Diff(path, null, content), json =>
        {
            json.WriteString("path", Path.GetRelativePath(Root, folder));
            json.WriteString("skill_md", path);
            if (category.Length > 0) json.WriteString("category", category);
            json.WriteString("hint", $"Add files with skill_manage(action='write_file', name='{name}', file_path='references/notes.md', file_content='...').");
        });
    }

    private ToolResult Edit(string name, string folder, string content)
    {
        if (ContentProblem(content) is { } problem) return ToolJson.Failure(problem);
        string path = Path.Combine(folder, "SKILL.md");
        var before = TextFile.Read(path);
        if (SecretMask.CarriesMask(content, before?.Text)) return ToolJson.Failure(SecretMask.MaskRefusal("SKILL.md"));
        TextFile.Write(path, content, before, this);
        return Success($"Skill '{name}' updated.", Diff(path, before?.Text, content), json => json.WriteString("path", folder));
    }

    private ToolResult Patch(string name, string folder, string file, string old, string replacement, bool all)
    {
        if (file.Length > 0 && FileProblem(file) is { } invalid) return ToolJson.Failure(invalid);
        string shown = file.Length == 0 ? "SKILL.md" : file, path = Path.Combine(folder, shown);
        if (TextFile.Read(path) is not { } before) return ToolJson.Failure($"File '{shown}' not found in skill '{name}'.");
        var (text, count, problem) = Replacement.Apply(before.Text, old, replacement, all);
        if (text is null) return ToolJson.Failure(problem!);
        if (file.Length == 0 && ContentProblem(text) is { } broken) return ToolJson.Failure($"The change would break SKILL.md: {broken}");
        if (Encoding.UTF8.GetByteCount(text) > LargestFile) return ToolJson.Failure($"File '{shown}' would exceed {LargestFile:N0} bytes.");
        if (SecretMask.CarriesMask(text, before.Text)) return ToolJson.Failure(SecretMask.MaskRefusal(shown));
        TextFile.Write(path, text, before, this);
        return Success($"Patched {shown} in skill '{name}' ({count} replacement{(count == 1 ? "" : "s")}).", Diff(path, before.Text, text));
    }

    private ToolResult Delete(string name, string folder)
    {
        // A link is taken away, never what it leads to.
        bool link = new DirectoryInfo(folder).LinkTarget is not null;
        string diff = link ? "" : string.Concat(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Take(MostFilesOfDiff).Select(file => Diff(file, Shown(file), null)));
        using var held = Holding(folder);
        if (link) held.Remove(Path.GetFileName(folder));
        else held.RemoveTree(Path.GetFileName(folder));
        if (Path.GetDirectoryName(folder) is { } category && category != Root) RemoveEmpty(category);
        return Success($"Skill '{name}' deleted.", diff);
    }

    private ToolResult WriteFile(string name, string folder, string file, string? content)
    {
        if (FileProblem(file) is { } invalid) return ToolJson.Failure(invalid);
        if (content is null) return ToolJson.Failure("file_content is required for 'write_file'.");
        if (Encoding.UTF8.GetByteCount(content) > LargestFile) return ToolJson.Failure($"File '{file}' would exceed {LargestFile:N0} bytes.");
        string path = Path.Combine(folder, file);
        string? before = Shown(path);
        if (SecretMask.CarriesMask(content, before)) return ToolJson.Failure(SecretMask.MaskRefusal(file));
        TextFile.Write(path, content, null, this);
        return Success($"File '{file}' written to skill '{name}'.", Diff(path, before, content), json => json.WriteString("path", path));
    }

    private ToolResult RemoveFile(string name, string folder, string file)
    {
        if (FileProblem(file) is { } invalid) return ToolJson.Failure(invalid);
        string path = Path.Combine(folder, file);
        if (Refusal(path, FileTarget.Place(path), null) is { } refusal) return ToolJson.Failure(refusal);
        if (!File.Exists(path)) return ToolJson.Failure($"File '{file}' not found in skill '{name}'.");
        string diff = Diff(path, Shown(path), null);
        using (var held = Holding(path)) held.Remove(Path.GetFileName(path));
        RemoveEmpty(Path.GetDirectoryName(path)!);
        return Success($"File '{file}' removed from skill '{name}'.", diff);
    }

    private ToolResult Done(ToolResult result, ToolContext context)
    {
        if (result.Error is not null) return result;
        skills.Forget();

        // Other programs keep their list of skills in it and make it anew.
        File.Delete(Path.Combine(environment.HermesHome, ".skills_prompt_snapshot.json"));
        return result with { InlineDiff = InlineDiff.Of(result.InlineDiff ?? "", context.DiffColours) };
    }

    private string? Find(string name)
    {
        skills.Forget();
        if (skills.Read(config).FirstOrDefault(skill => skill.Name == name || Path.GetFileName(skill.Directory) == name) is { } known) return known.Directory;
        if (skills.All(config).FirstOrDefault(skill => skill.Name == name) is { } off) return off.Directory;

        // A broken one is there all the same.
        string path = Path.Combine(Root, name);
        if (File.Exists(Path.Combine(path, "SKILL.md"))) return path;
        return Directory.Exists(Root)
            ? Directory.EnumerateDirectories(Root).Select(category => Path.Combine(category, name)).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "SKILL.md")))
            : null;
    }

    private bool IsOwn(string folder) => RealPath.Resolve(folder) is { } real && Refusal(folder, real, null) is null && Path.GetFullPath(folder) != Path.GetFullPath(Root);

    /// <inheritdoc/>
    public string? Refusal(string given, string real, FileFacts? there) =>
        RealPath.Resolve(Root) is { } root && real.StartsWith(root + "/", StringComparison.Ordinal)
            ? there is { } facts ? new FileTarget(environment).Refusal(given, real, facts) : null
            : $"'{given}' lies outside {Root}.";

    /// <inheritdoc/>
    public bool IsPrivate(string real) => true;

    // Holds the folder that a path lies in, which was judged by the path that it has without links.
    private PinnedFolder Holding(string path)
    {
        string place = FileTarget.Place(path);
        return Refusal(path, place, null) is { } refusal ? throw new TextFileException(refusal) : PinnedFolder.Open(Path.GetDirectoryName(place)!);
    }

    private void RemoveEmpty(string folder)
    {
        using var held = Holding(folder);
        held.RemoveEmpty(Path.GetFileName(folder));
    }

    // The change as the client shows it; what is no text has none.
    private string Diff(string path, string? before, string? after) =>
        before is null && after is null ? "" : LineDiff.Unified(Path.GetRelativePath(environment.HermesHome, path), before, after);

    private static string? Shown(string path)
    {
        try
        {
            return TextFile.Read(path)?.Text;
        }
        catch (TextFileException)
        {
            return null;
        }
    }

    // Skills that others made may have any name that is one of a folder.
    private static string? PlaceProblem(string name) => name.Length == 0 || name.Length > LongestName || name is "." or ".." || name.AsSpan().ContainsAny('/', '\0')
        ? NameProblem(name, "name")
        : null;

    private static string? NameProblem(string name, string what)
    {
        if (name.Length == 0) return $"The {what} of the skill is required.";
        if (name.Length > LongestName) return $"The {what} exceeds {LongestName} characters.";
        return NamePattern().IsMatch(name) ? null : $"Invalid {what} '{name}'. Use small letters, digits, hyphens, dots and underscores, and begin with a letter or digit.";
    }

    private static string? ContentProblem(string content) => content.Length > LongestSkill
        ? $"SKILL.md has {content.Length:N0} characters, more than {LongestSkill:N0}. Put details into files under references/."
        : SkillFile.Problem(content);

    private static string? FileProblem(string file)
    {
        string[] parts = file.Split('/');
        if (file.Length == 0) return "file_path is required.";
        if (parts.Contains("..") || parts.Contains(".") || Path.IsPathRooted(file) || file.Contains('\0')) return "Path traversal ('..') is not allowed.";
        return parts.Length >= 2 && Folders.Contains(parts[0]) && parts.All(part => part.Length > 0)
            ? null
            : $"file_path must lie under one of: {string.Join(", ", Folders)}. '{file}' does not.";
    }

    private static ToolResult Success(string message, string diff, Action<System.Text.Json.Utf8JsonWriter>? more = null) => new(
        ToolJson.Object(json =>
        {
            json.WriteBoolean("success", true);
            json.WriteString("message", message);
            more?.Invoke(json);
        }),
        Summary: message)
    {
        // Coloured in Done.
        InlineDiff = diff,
    };

    [GeneratedRegex("^[a-z0-9][a-z0-9._-]*$", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
