using System.Text.Json.Nodes;
using Gateway.Tools.Files;

namespace Gateway.Tests.ToolsTests;

[NotInParallel("children")]
public class PatchToolTests
{
    private static JsonObject Replace(string old, string now, bool all = false) =>
        new() { ["mode"] = "replace", ["path"] = "f.txt", ["old_string"] = old, ["new_string"] = now, ["replace_all"] = all };

    private static JsonObject Patch(string body) => new() { ["mode"] = "patch", ["patch"] = $"*** Begin Patch\n{body}\n*** End Patch" };

    [Test]
    [Arguments("a b c\n", "b", "x", "a x c\n")]
    [Arguments("  one  \n\ttwo\nend\n", "one\ntwo", "1\n2", "  1\n  2\nend\n")]
    [Arguments("f(a,  b)\nx\n", "f(a, b)\nx", "g()", "g()\n")]
    [Arguments("if x:\n        deep()\n        more()\n", "deep()\nmore()", "flat()", "if x:\n        flat()\n")]
    [Arguments("a\nb\n", "a\\nb", "c", "c\n")]
    [Arguments("say \u201Chi\u201D \u2014 now\n", "say \"hi\" -- now", "bye", "bye\n")]
    [Arguments("begin\n  alpha beta gamma\n  delta\nend\n", "begin\n  alpha beta gamna\n  delto\nend", "gone", "gone\n")]
    [Arguments("start here now\nmiddle one stays\nfinish it all\n", "start here nov\nmiddle one stays\nfinish it alll", "x", "x\n")]
    public async Task Pieces_are_found_although_remembered_wrongly(string text, string old, string now, string expected)
    {
        using var stage = new ToolStage();
        stage.Put("f.txt", text);
        var json = await stage.CallAsync("patch", Replace(old, now));
        await Assert.That((bool)json["success"]!).IsTrue();
        await Assert.That(stage.Get("f.txt")).IsEqualTo(expected);
    }

    [Test]
    [Arguments("x x\n", "x", "y", "Found 2 matches for old_string. Provide more context to make it unique, or use replace_all=True.")]
    [Arguments("x\n", "", "y", "old_string cannot be empty")]
    [Arguments("x\n", "x", "x", "old_string and new_string are identical")]
    [Arguments("alpha\n", "omega zeta", "y", "Could not find a match for old_string in the file")]
    [Arguments("it's\nfine\n", "it\\'s\nfime", "it\\'s\ngood", "Could not find a match")]
    public async Task What_does_not_fit_changes_nothing(string text, string old, string now, string error)
    {
        using var stage = new ToolStage();
        stage.Put("f.txt", text);
        var json = await stage.CallAsync("patch", Replace(old, now));
        await Assert.That((bool)json["success"]!).IsFalse();
        await Assert.That((string)json["error"]!).StartsWith(error);
        await Assert.That(stage.Get("f.txt")).IsEqualTo(text);
    }

    [Test]
    public async Task All_places_change_when_asked_for()
    {
        using var stage = new ToolStage();
        stage.Put("f.txt", "x y x\n");
        var json = await stage.CallAsync("patch", Replace("x", "z", all: true));
        await Assert.That((int)json["replacements"]!).IsEqualTo(2);
        await Assert.That(stage.Get("f.txt")).IsEqualTo("z y z\n");
    }

    [Test]
    public async Task Near_misses_are_shown()
    {
        using var stage = new ToolStage();
        stage.Put("f.txt", "def compute_total(items):\n    return sum(items)\n");
        var json = await stage.CallAsync("patch", Replace("def compute_totals(item, tax):\n    return tax", "x"));
        await Assert.That((string)json["error"]!).Contains("Did you mean one of these sections?").And.Contains("def compute_total(items):");
    }

    [Test]
    public async Task Line_ends_mark_and_other_encodings_survive()
    {
        using var stage = new ToolStage();
        File.WriteAllBytes(stage.At("f.txt"), [0xEF, 0xBB, 0xBF, .. "a\r\nb\r\n"u8]);
        await stage.CallAsync("patch", Replace("a\nb", "c\nd"));
        await Assert.That(File.ReadAllBytes(stage.At("f.txt"))).IsEquivalentTo((byte[])[0xEF, 0xBB, 0xBF, .. "c\r\nd\r\n"u8]);
        File.WriteAllBytes(stage.At("f.txt"), [0x61, 0xE4, 0x62]);
        var json = await stage.CallAsync("patch", Replace("a", "x"));
        await Assert.That((string)json["error"]!).Contains("is not UTF-8 text");
        await Assert.That(File.ReadAllBytes(stage.At("f.txt"))).IsEquivalentTo((byte[])[0x61, 0xE4, 0x62]);
    }

    [Test]
    public async Task A_patch_changes_several_files_at_once()
    {
        using var stage = new ToolStage();
        stage.Put("a.txt", "one\n\ntwo\nthree\n");
        stage.Put("gone.txt", "x\n");
        stage.Put("old.txt", "keep\nchange\n");
        var json = await stage.CallAsync("patch", Patch("*** Update File: a.txt\n@@\n one\n\n-two\n+2\n@@ three @@\n+four\n*** Add File: new/n.txt\n+hello\n*** Delete File: gone.txt\n*** Move File: old.txt -> moved.txt\n keep\n-change\n+changed"));
        await Assert.That((bool)json["success"]!).IsTrue();
        await Assert.That(stage.Get("a.txt")).IsEqualTo("one\n\n2\nthree\nfour\n");
        await Assert.That(stage.Get("new/n.txt")).IsEqualTo("hello\n");
        await Assert.That(stage.Get("moved.txt")).IsEqualTo("keep\nchanged\n");
        await Assert.That(File.Exists(stage.At("gone.txt")) || File.Exists(stage.At("old.txt"))).IsFalse();
        await Assert.That(json["files_modified"]!.ToJsonString()).IsEqualTo("""["a.txt"]""");
        await Assert.That(json["files_created"]!.ToJsonString()).IsEqualTo("""["new/n.txt","moved.txt"]""");
        await Assert.That(json["files_deleted"]!.ToJsonString()).IsEqualTo("""["gone.txt","old.txt"]""");
    }

    [Test]
    [Arguments("*** Update File: a.txt\n-nothing like this here\n+x\n*** Add File: b.txt\n+x", "a.txt: change 1: Could not find a match")]
    [Arguments("*** Update File: no.txt\n-a\n+b", "no.txt: file not found")]
    [Arguments("*** Add File: a.txt\n+x", "a.txt: file already exists")]
    [Arguments("*** Add File: b.txt\n+x\n*** Move File: a.txt -> /etc/b", "sensitive system path")]
    [Arguments("*** Delete File: no.txt\n*** Add File: b.txt\n+x", "no.txt: file not found")]
    public async Task A_patch_that_does_not_fit_writes_nothing(string body, string problem)
    {
        using var stage = new ToolStage();
        stage.Put("a.txt", "alpha\n");
        var json = await stage.CallAsync("patch", Patch(body));
        await Assert.That((string)json["error"]!).StartsWith("Patch validation failed (no files were modified):\n  • ").And.Contains(problem);
        await Assert.That(stage.Get("a.txt")).IsEqualTo("alpha\n");
        await Assert.That(File.Exists(stage.At("b.txt"))).IsFalse();
    }

    [Test]
    [Arguments("""{"mode":"patch"}""", "patch is required")]
    [Arguments("""{"mode":"patch","patch":"hello"}""", "belongs to no file")]
    [Arguments("""{"mode":"patch","patch":"*** Begin Patch\n*** End Patch"}""", "names no file")]
    [Arguments("""{"mode":"patch","patch":"*** Update File: a\n context only"}""", "changes nothing")]
    [Arguments("""{"mode":"replace"}""", "path is required")]
    [Arguments("""{"mode":"replace","path":"x"}""", "old_string and new_string are required")]
    [Arguments("""{"mode":"replace","path":"x","old_string":"a","new_string":"b"}""", "File not found: x")]
    [Arguments("""{"mode":"moon"}""", "Unknown mode: moon")]
    [Arguments("""{}""", "Unknown mode")]
    public async Task Bad_calls_are_answered(string arguments, string error)
    {
        using var stage = new ToolStage();
        await Assert.That((string)(await stage.CallAsync("patch", arguments))["error"]!).Contains(error);
    }

    [Test]
    public async Task Syntax_errors_are_reported()
    {
        using var stage = new ToolStage();
        stage.Put("run.sh", "if true; then\n  echo a\nfi\n");
        var json = await stage.CallAsync("patch", """{"mode":"replace","path":"run.sh","old_string":"fi\n","new_string":""}""");
        await Assert.That((string)json["lint"]!["status"]!).IsEqualTo("error");
        var several = await stage.CallAsync("patch", Patch("*** Add File: new.sh\n+if"));
        await Assert.That((string)several["lint"]!["new.sh"]!["status"]!).IsEqualTo("error");
    }

    [Test]
    [Arguments("a\nb\nc\n", "a\nx\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n")]
    [Arguments(null, "a\n", "--- /dev/null\n+++ b/f\n@@ -0,0 +1,1 @@\n+a\n")]
    [Arguments("a\n", null, "--- a/f\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n")]
    [Arguments("a", "a\n", "@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n")]
    [Arguments("a\n", "a\n", "")]
    public async Task Differences_read_as_git_writes_them(string? before, string? after, string expected) =>
        await Assert.That(LineDiff.Unified("f", before, after)).EndsWith(expected);
}
