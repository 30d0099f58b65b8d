using Gateway.Config;
using Gateway.Tools.Files;

namespace Gateway.Tests.ToolsTests;

/// <summary>Diffs that the client shows have the colours of the skin (WIRE.md 10.4).</summary>
public class DiffColourTests
{
    [Test]
    [Arguments("ares", "", "\e[38;2;199;169;107m", "\e[38;2;110;88;75m", "\e[38;2;107;23;23m", "48;2;83;29;28m", "48;2;26;61;28m")]
    [Arguments("default", "", "\e[38;2;218;165;32m", "\e[38;2;139;134;130m", "\e[38;2;184;134;11m", "48;2;83;29;28m", "48;2;26;61;28m")]
    [Arguments("own", "session_label: '#010203', ui_error: '#FFFFFF', ui_ok: '#000000'", "\e[38;2;1;2;3m", "\e[38;2;139;134;130m", "\e[38;2;184;134;11m", "48;2;89;89;89m", "48;2;0;0;0m")]
    [Arguments("own", "session_label: red, session_border: '#12345', banner_dim: 7, ui_error: '#GGGGGG', ui_ok: ''", "\e[38;2;218;165;32m", "\e[38;2;139;134;130m", "\e[38;2;184;134;11m", "48;2;83;29;28m", "48;2;26;61;28m")]
    public async Task They_come_from_the_skin_or_the_default_one(string name, string colours, string file, string hunk, string context, string minus, string plus)
    {
        using var stage = new ToolStage();
        Directory.CreateDirectory(Path.Combine(stage.Home, "skins"));
        if (colours.Length > 0) File.WriteAllText(Path.Combine(stage.Home, "skins", name + ".yaml"), $"name: {name}\ncolors: {{{colours}}}\n");
        var found = DiffColours.Of(SkinCatalog.Resolve(name, stage.Home));
        await Assert.That(found).IsEqualTo(new DiffColours(file, hunk, context, $"\e[38;2;255;255;255;{minus}", $"\e[38;2;255;255;255;{plus}"));
    }

    [Test]
    public async Task All_tools_that_change_files_use_them()
    {
        using var stage = new ToolStage();
        stage.Context = stage.Context with { DiffColours = new DiffColours("<f>", "<h>", "<c>", "<->", "<+>") };
        var written = await stage.ResultAsync("write_file", """{"path":"a.txt","content":"one\n"}""");
        await Assert.That(written.InlineDiff!).Contains("<f>").And.Contains("<h>@@").And.Contains("<+>+one");
        var patched = await stage.ResultAsync("patch", """{"mode":"replace","path":"a.txt","old_string":"one","new_string":"two"}""");
        await Assert.That(patched.InlineDiff!).Contains("<->-one").And.Contains("<+>+two");
        var skill = await stage.ResultAsync("skill_manage", """{"action":"create","name":"mine","content":"---\nname: mine\ndescription: what it is for\n---\nDo it.\n"}""");
        await Assert.That(skill.Error).IsNull();
        await Assert.That(skill.InlineDiff!).Contains("<+>+Do it.");
        var refused = await stage.ResultAsync("skill_manage", """{"action":"create","name":"mine","content":"---\nname: mine\ndescription: x\n---\nDo it.\n"}""");
        await Assert.That(refused.InlineDiff).IsNull();
    }
}
