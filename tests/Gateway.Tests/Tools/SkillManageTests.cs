using System.Text.Json.Nodes;

namespace Gateway.Tests.ToolsTests;

public class SkillManageTests
{
    private const string Good = "---\nname: deploy\ndescription: How we deploy\n---\nPush, then wait.\n";

    [Test]
    public async Task A_skill_is_made_changed_and_deleted()
    {
        using var stage = new ToolStage();
        string folder = Path.Combine(stage.Home, "skills", "ops", "deploy");
        File.WriteAllText(Path.Combine(stage.Home, ".skills_prompt_snapshot.json"), "{}");
        await Expect(stage, Call("create", ("content", Good), ("category", "ops")), "Skill 'deploy' created.");
        await Assert.That(File.Exists(Path.Combine(stage.Home, ".skills_prompt_snapshot.json"))).IsFalse();
        await Assert.That(stage.Kit.Skills.Read(stage.Kit.Settings).Single().Category).IsEqualTo("ops");
        await Expect(stage, Call("patch", ("old_string", "then wait"), ("new_string", "then watch")), "Patched SKILL.md in skill 'deploy' (1 replacement).");
        await Expect(stage, Call("write_file", ("file_path", "references/api.md"), ("file_content", "x")), "File 'references/api.md' written to skill 'deploy'.");
        await Expect(stage, Call("patch", ("file_path", "references/api.md"), ("old_string", "x"), ("new_string", "y")), "Patched references/api.md in skill 'deploy' (1 replacement).");
        await Assert.That(File.ReadAllText(Path.Combine(folder, "references", "api.md"))).IsEqualTo("y");
        await Expect(stage, Call("remove_file", ("file_path", "references/api.md")), "File 'references/api.md' removed from skill 'deploy'.");
        await Assert.That(Directory.Exists(Path.Combine(folder, "references"))).IsFalse();
        await Assert.That(File.ReadAllText(Path.Combine(folder, "SKILL.md"))).Contains("then watch");
        await Expect(stage, Call("edit", ("content", Good)), "Skill 'deploy' updated.");
        await Expect(stage, Call("delete"), "Skill 'deploy' deleted.");
        await Assert.That(Directory.Exists(Path.Combine(stage.Home, "skills", "ops"))).IsFalse();
    }

    [Test]
    [Arguments("create", "name", "../up", "Invalid name '../up'.")]
    [Arguments("create", "name", "", "The name of the skill is required.")]
    [Arguments("create", "content", "no front matter", "must start with front matter")]
    [Arguments("create", "content", "---\nname: x\n", "is not closed")]
    [Arguments("create", "content", "---\nname: x\n---\nbody", "'description'")]
    [Arguments("create", "content", "---\nname: x\ndescription: y\n---\n \n", "instructions after")]
    [Arguments("create", "category", "a/b", "Invalid category 'a/b'.")]
    [Arguments("create", "", "", "A skill named 'deploy' already exists at ")]
    [Arguments("edit", "name", "other", "Skill 'other' not found.")]
    [Arguments("fly", "", "", "Unknown action 'fly'.")]
    [Arguments("patch", "old_string", "nowhere in it", "old_string")]
    [Arguments("patch", "old_string", "---\nname", "would break SKILL.md")]
    [Arguments("write_file", "file_path", "../../x", "Path traversal")]
    [Arguments("write_file", "file_path", "SKILL.md", "must lie under one of")]
    [Arguments("write_file", "file_path", "references/../../x", "Path traversal")]
    [Arguments("remove_file", "file_path", "references/none.md", "not found in skill")]
    public async Task What_is_wrong_is_said(string action, string member, string value, string problem)
    {
        using var stage = new ToolStage();
        await Expect(stage, Call("create", ("content", Good)), "Skill 'deploy' created.");
        var call = Call(action, ("content", Good), ("old_string", "Push"), ("new_string", "Pull"), ("file_path", action == "patch" ? "" : "references/a.md"), ("file_content", "x"));
        if (member.Length > 0) call[member] = value;
        var answer = await stage.CallAsync("skill_manage", call);
        await Assert.That(answer["success"]!.GetValue<bool>()).IsFalse();
        await Assert.That(answer["error"]!.GetValue<string>()).Contains(problem);
        await Assert.That(File.ReadAllText(Path.Combine(stage.Home, "skills", "deploy", "SKILL.md"))).IsEqualTo(Good);
    }

    [Test]
    public async Task Links_lead_nowhere_and_foreign_skills_are_only_read()
    {
        using var stage = new ToolStage();
        await Expect(stage, Call("create", ("content", Good)), "Skill 'deploy' created.");
        string folder = Path.Combine(stage.Home, "skills", "deploy");
        Directory.CreateSymbolicLink(Path.Combine(folder, "assets"), stage.Work);
        var answer = await stage.CallAsync("skill_manage", Call("write_file", ("file_path", "assets/x"), ("file_content", "x")));
        await Assert.That(answer["success"]!.GetValue<bool>()).IsFalse();
        await Assert.That(File.Exists(stage.At("x"))).IsFalse();
        stage.Put("foreign/SKILL.md", Good.Replace("deploy", "foreign", StringComparison.Ordinal));
        Directory.CreateSymbolicLink(Path.Combine(stage.Home, "skills", "foreign"), stage.At("foreign"));
        var call = Call("delete");
        call["name"] = "foreign";
        answer = await stage.CallAsync("skill_manage", call);
        await Assert.That(answer["error"]!.GetValue<string>()).Contains("can only be read");
        await Assert.That(File.Exists(stage.At("foreign/SKILL.md"))).IsTrue();
    }

    private static JsonObject Call(string action, params (string Name, string Value)[] more)
    {
        var call = new JsonObject { ["action"] = action, ["name"] = "deploy" };
        foreach (var (name, value) in more) call[name] = value;
        return call;
    }

    private static async Task Expect(ToolStage stage, JsonObject call, string message) =>
        await Assert.That((await stage.CallAsync("skill_manage", call))["message"]?.GetValue<string>()).IsEqualTo(message);
}
