using System.Text.Json.Nodes;

namespace Gateway.Tests.ToolsTests;

/// <summary>What clients and models see of changes to skills.</summary>
public class SkillChangeTests
{
    private const string Good = "---\nname: deploy\ndescription: How we deploy\n---\nPush, then wait.\n";

    [Test]
    public async Task Every_change_shows_its_difference()
    {
        using var stage = new ToolStage();
        await Assert.That(await Diff(stage, "create", ("content", Good))).Contains("+Push, then wait.").And.Contains("skills/deploy/SKILL.md");
        await Assert.That(await Diff(stage, "patch", ("old_string", "wait"), ("new_string", "watch"))).Contains("-Push, then wait.").And.Contains("+Push, then watch.");
        await Assert.That(await Diff(stage, "edit", ("content", Good))).Contains("+Push, then wait.");
        await Assert.That(await Diff(stage, "edit", ("content", Good))).IsNull();
        await Assert.That(await Diff(stage, "write_file", ("file_path", "references/a.md"), ("file_content", "one\n"))).Contains("+one");
        await Assert.That(await Diff(stage, "write_file", ("file_path", "references/a.md"), ("file_content", "two\n"))).Contains("-one").And.Contains("+two");
        await Assert.That(await Diff(stage, "remove_file", ("file_path", "references/a.md"))).Contains("-two");
        await stage.ResultAsync("skill_manage", Call("write_file", ("file_path", "references/b.md"), ("file_content", "three\n")));
        await Assert.That(await Diff(stage, "delete")).Contains("-three").And.Contains("-Push, then wait.");
        await Assert.That(await Diff(stage, "delete")).IsNull();
    }

    [Test]
    public async Task Skills_with_other_names_can_be_changed_but_not_made()
    {
        using var stage = new ToolStage();
        string folder = Directory.CreateDirectory(Path.Combine(stage.Home, "skills", "Our Deploys")).FullName;
        File.WriteAllText(Path.Combine(folder, "SKILL.md"), Good.Replace("name: deploy", "name: Our Deploys", StringComparison.Ordinal));
        var patch = Call("patch", ("old_string", "wait"), ("new_string", "watch"));
        patch["name"] = "Our Deploys";
        await Assert.That((await stage.CallAsync("skill_manage", patch))["success"]!.GetValue<bool>()).IsTrue();
        foreach (string name in (string[])["Our Deploys", "Another One"])
        {
            var create = Call("create", ("content", Good));
            create["name"] = name;
            await Assert.That((await stage.CallAsync("skill_manage", create))["error"]!.GetValue<string>()).Contains("Invalid name");
        }

        foreach (string name in (string[])["..", ".", "a/b", "a\0b", "../skills/Our Deploys"])
        {
            var delete = Call("delete");
            delete["name"] = name;
            await Assert.That((await stage.CallAsync("skill_manage", delete))["success"]!.GetValue<bool>()).IsFalse();
        }

        await Assert.That(File.ReadAllText(Path.Combine(folder, "SKILL.md"))).Contains("then watch");
    }

    [Test]
    public async Task A_skill_that_is_switched_off_can_be_changed()
    {
        using var stage = new ToolStage("skills: {disabled: [deploy]}");
        string folder = Directory.CreateDirectory(Path.Combine(stage.Home, "skills", "a", "b", "folder")).FullName;
        File.WriteAllText(Path.Combine(folder, "SKILL.md"), Good);
        await Assert.That((await stage.CallAsync("skill_manage", Call("edit", ("content", Good + "More.\n"))))["success"]!.GetValue<bool>()).IsTrue();
        await Assert.That(File.ReadAllText(Path.Combine(folder, "SKILL.md"))).EndsWith("More.\n");
    }

    [Test]
    [Arguments("edit")]
    [Arguments("patch")]
    public async Task A_mask_never_replaces_the_real_value(string action)
    {
        using var stage = new ToolStage();
        string real = Good + "export DB_PASSWORD=hunter22\n";
        await stage.ResultAsync("skill_manage", Call("create", ("content", real)));
        var answer = await stage.CallAsync("skill_manage", Call(action, ("content", Good + "export DB_PASSWORD=***\n"), ("old_string", "hunter22"), ("new_string", "***")));
        await Assert.That(answer["error"]!.GetValue<string>()).StartsWith("Nothing was written");
        await Assert.That(File.ReadAllText(Path.Combine(stage.Home, "skills", "deploy", "SKILL.md"))).IsEqualTo(real);
    }

    [Test]
    public async Task File_tools_refuse_masks_too()
    {
        using var stage = new ToolStage();
        string real = "A=1\nDB_PASSWORD=hunter22\n";
        stage.Put("settings.txt", real);
        var write = new JsonObject { ["path"] = "settings.txt", ["content"] = "A=2\nDB_PASSWORD=***\n" };
        await Assert.That((await stage.CallAsync("write_file", write))["error"]!.GetValue<string>()).StartsWith("Nothing was written");
        var patch = new JsonObject { ["mode"] = "replace", ["path"] = "settings.txt", ["old_string"] = "A=1\nDB_PASSWORD=hunter22", ["new_string"] = "A=2\nDB_PASSWORD=***" };
        await Assert.That((await stage.CallAsync("patch", patch))["error"]!.GetValue<string>()).StartsWith("Nothing was written");
        var text = new JsonObject { ["mode"] = "patch", ["patch"] = "*** Begin Patch\n*** Update File: settings.txt\n A=1\n-DB_PASSWORD=hunter22\n+DB_PASSWORD=***\n*** End Patch" };
        await Assert.That((await stage.CallAsync("patch", text))["error"]!.GetValue<string>()).StartsWith("Nothing was written");
        await Assert.That(stage.Get("settings.txt")).IsEqualTo(real);
        write["content"] = "A=2\nDB_PASSWORD=hunter22\n";
        await Assert.That((await stage.CallAsync("write_file", write))["error"]).IsNull();
    }

    private static async Task<string?> Diff(ToolStage stage, string action, params (string Name, string Value)[] more) => (await stage.ResultAsync("skill_manage", Call(action, more))).InlineDiff;

    private static JsonObject Call(string action, params (string Name, string Value)[] more)
    {
        var call = new JsonObject { ["action"] = action, ["name"] = "deploy" };
        foreach (var (name, value) in more) call[name] = value;
        return call;
    }
}
