using System.Text.Json.Nodes;
using Gateway.Tools.Files;
using Gateway.Tools.Patch;

namespace Gateway.Tests.ToolsTests;

/// <summary>Patches that move and delete files, name one file twice, fail, or cost too much.</summary>
[NotInParallel("children")]
public class PatchFilesTests
{
    private static JsonObject Patch(string body) => new() { ["mode"] = "patch", ["patch"] = $"*** Begin Patch\n{body}\n*** End Patch" };

    [Test]
    [Arguments("*** Move File: a.md -> README/a.md", "README' is a file, not a directory")]
    [Arguments("*** Move File: a.md -> {long}", "Cannot move ")]
    [Arguments("*** Move File: a.md -> {long}\n-text\n+other", "its name is too long")]
    public async Task A_move_that_fails_loses_nothing(string body, string error)
    {
        using var stage = new ToolStage();
        stage.Put("a.md", "text\n");
        stage.Put("README", "read me\n");
        var json = await stage.CallAsync("patch", Patch(body.Replace("{long}", new string('n', 300), StringComparison.Ordinal)));
        await Assert.That((string)json["error"]!).Contains(error);
        await Assert.That(stage.Get("a.md")).IsEqualTo("text\n");
    }

    [Test]
    public async Task What_was_written_before_a_failure_is_told()
    {
        using var stage = new ToolStage();
        stage.Put("a.md", "text\n");
        var result = await stage.ResultAsync("patch", Patch($"*** Update File: a.md\n-text\n+other\n*** Add File: {new string('n', 300)}\n+x"));
        var json = JsonNode.Parse(result.Content)!;
        await Assert.That((bool)json["success"]!).IsFalse();
        await Assert.That((string)json["error"]!).StartsWith("Apply phase failed").And.EndsWith("Written before: a.md");
        await Assert.That((string)json["diff"]!).Contains("-text\n+other");
        await Assert.That(json["files_modified"]!.ToJsonString()).IsEqualTo("""["a.md"]""");
        await Assert.That(result.InlineDiff!).Contains("+other");
    }

    [Test]
    public async Task A_moved_file_stays_what_it_is()
    {
        using var stage = new ToolStage();
        byte[] image = [0, 1, 2, 0xFF, 0xFE];
        File.WriteAllBytes(stage.At("run"), [0xEF, 0xBB, 0xBF, .. "a\r\nb\r\n"u8]);
        File.WriteAllBytes(stage.At("image.png"), image);
        var mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        File.SetUnixFileMode(stage.At("run"), mode);
        var json = await stage.CallAsync("patch", Patch("*** Move File: run -> bin/run\n a\n-b\n+c\n*** Move File: image.png -> images/image.png"));
        await Assert.That((string?)json["error"]).IsNull();
        await Assert.That((bool)json["success"]!).IsTrue();
        await Assert.That(File.ReadAllBytes(stage.At("bin/run"))).IsEquivalentTo((byte[])[0xEF, 0xBB, 0xBF, .. "a\r\nc\r\n"u8]);
        await Assert.That(File.GetUnixFileMode(stage.At("bin/run"))).IsEqualTo(mode);
        await Assert.That(File.ReadAllBytes(stage.At("images/image.png"))).IsEquivalentTo(image);
        await Assert.That(File.Exists(stage.At("run")) || File.Exists(stage.At("image.png"))).IsFalse();
        await Assert.That((string)json["diff"]!).Contains("--- a/run\n+++ b/bin/run\n@@").And.Contains("-b\n+c").And.Contains("--- a/image.png\n+++ b/images/image.png\n");
        await Assert.That(json["files_created"]!.ToJsonString()).IsEqualTo("""["bin/run","images/image.png"]""");
        await Assert.That(json["files_deleted"]!.ToJsonString()).IsEqualTo("""["run","image.png"]""");
    }

    [Test]
    public async Task Binary_files_can_be_deleted()
    {
        using var stage = new ToolStage();
        File.WriteAllBytes(stage.At("a.bin"), [0, 1, 2]);
        var json = await stage.CallAsync("patch", Patch("*** Delete File: a.bin"));
        await Assert.That((bool)json["success"]!).IsTrue();
        await Assert.That((string)json["diff"]!).IsEqualTo("Binary files a/a.bin and /dev/null differ\n");
        await Assert.That(File.Exists(stage.At("a.bin"))).IsFalse();
    }

    [Test]
    public async Task Names_can_be_exchanged()
    {
        using var stage = new ToolStage();
        stage.Put("a", "A\n");
        stage.Put("b", "B\n");
        var json = await stage.CallAsync("patch", Patch("*** Move File: a -> c\n*** Move File: b -> a\n*** Move File: c -> b"));
        await Assert.That((bool)json["success"]!).IsTrue();
        await Assert.That((stage.Get("a"), stage.Get("b"), File.Exists(stage.At("c")))).IsEqualTo(("B\n", "A\n", false));
    }

    [Test]
    public async Task A_place_that_is_made_free_can_be_taken()
    {
        using var stage = new ToolStage();
        File.WriteAllBytes(stage.At("new.bin"), [0, 7]);
        File.WriteAllBytes(stage.At("old.bin"), [0, 8]);
        var json = await stage.CallAsync("patch", Patch("*** Delete File: old.bin\n*** Move File: new.bin -> old.bin"));
        await Assert.That((bool)json["success"]!).IsTrue();
        await Assert.That(File.ReadAllBytes(stage.At("old.bin"))).IsEquivalentTo((byte[])[0, 7]);
        await Assert.That(File.Exists(stage.At("new.bin"))).IsFalse();
    }

    [Test]
    public async Task Two_names_of_one_file_are_one_file()
    {
        using var stage = new ToolStage();
        stage.Put("real/f.txt", "one\ntwo\n");
        File.CreateSymbolicLink(stage.At("link"), stage.At("real"));
        File.CreateSymbolicLink(stage.At("f"), stage.At("real/f.txt"));
        var json = await stage.CallAsync("patch", Patch("*** Update File: real/f.txt\n-one\n+1\n*** Update File: link/f.txt\n-two\n+2\n*** Update File: f\n 2\n+3"));
        await Assert.That((bool)json["success"]!).IsTrue();
        await Assert.That(stage.Get("real/f.txt")).IsEqualTo("1\n2\n3\n");
        await Assert.That(json["files_modified"]!.ToJsonString()).IsEqualTo("""["real/f.txt"]""");
    }

    [Test]
    public async Task A_link_is_taken_away_and_not_what_it_leads_to()
    {
        using var stage = new ToolStage();
        stage.Put("real.txt", "text\n");
        File.CreateSymbolicLink(stage.At("one"), "real.txt");
        File.CreateSymbolicLink(stage.At("two"), "real.txt");
        var json = await stage.CallAsync("patch", Patch("*** Delete File: one\n*** Move File: two -> sub/copy.txt"));
        await Assert.That((bool)json["success"]!).IsTrue();
        await Assert.That((stage.Get("real.txt"), stage.Get("sub/copy.txt"))).IsEqualTo(("text\n", "text\n"));
        await Assert.That(Path.Exists(stage.At("one")) || Path.Exists(stage.At("two"))).IsFalse();
        await Assert.That(new FileInfo(stage.At("sub/copy.txt")).LinkTarget).IsNull();
    }

    [Test]
    public async Task A_hint_in_the_first_line_counts_and_indentation_follows()
    {
        using var stage = new ToolStage();
        stage.Put("f.py", "class A:\n        x = 1\nclass B:\n        x = 1\n");
        await stage.CallAsync("patch", Patch("*** Update File: f.py\n@@ class A: @@\n-x = 1\n+x = 2"));
        await Assert.That(stage.Get("f.py")).IsEqualTo("class A:\n        x = 2\nclass B:\n        x = 1\n");
        stage.Put("f.py", "class A:\n        x = 1\nclass B:\n        x = 1\n");
        await stage.CallAsync("patch", Patch("*** Update File: f.py\n@@ class B: @@\n-x = 1\n+x = 2"));
        await Assert.That(stage.Get("f.py")).IsEqualTo("class A:\n        x = 1\nclass B:\n        x = 2\n");
    }

    [Test]
    public async Task Failing_again_brings_a_hint_until_it_is_read()
    {
        using var stage = new ToolStage();
        stage.Put("f.txt", "text\n");
        var wrong = new JsonObject { ["path"] = "f.txt", ["old_string"] = "nothing of the kind", ["new_string"] = "x" };
        await Assert.That((await stage.CallAsync("patch", wrong))["_hint"]).IsNull();
        await Assert.That((string)(await stage.CallAsync("patch", wrong))["_hint"]!).Contains("failed 2 times in a row");
        await Assert.That((string)(await stage.CallAsync("patch", Patch("*** Update File: f.txt\n-nothing of the kind\n+x")))["_hint"]!).Contains("failed 3 times in a row");
        await stage.CallAsync("read_file", new JsonObject { ["path"] = "f.txt" });
        await Assert.That((await stage.CallAsync("patch", wrong))["_hint"]).IsNull();
    }

    [Test]
    public async Task What_costs_too_much_to_compare_is_not_found()
    {
        string text = string.Concat(Enumerable.Range(0, 200).Select(i => $"  a line number {i}\n"));
        const string piece = "a lime number 7\na line mumber 8";
        await Assert.That(FuzzyMatch.Find(text, piece, new Effort(100_000_000, CancellationToken.None), out bool exact).Count).IsGreaterThan(0);
        await Assert.That(exact).IsFalse();
        await Assert.That(FuzzyMatch.Find(text, piece, new Effort(5_000, CancellationToken.None), out _)).IsEmpty();
        await Assert.That(FuzzyMatch.Find(text, "  a line number 8", new Effort(0, CancellationToken.None), out exact).Count).IsEqualTo(11);
        await Assert.That(exact).IsTrue();
    }

    [Test]
    public async Task Pieces_are_found_over_the_seams_of_slices()
    {
        string text = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{i:D5};"));
        for (int i = 10_900; i < 10_950; i++)
        {
            var found = FuzzyMatch.Find(text, $"{i:D5};{i + 1:D5};", new Effort(1, CancellationToken.None), out _);
            await Assert.That(found).IsEquivalentTo([new Stretch(i * 6, 12)]);
        }
    }

    [Test]
    public async Task A_large_uniform_file_is_answered()
    {
        using var stage = new ToolStage();
        stage.Put("data.json", string.Concat(Enumerable.Range(0, 20_000).Select(i => $"  {{\n    \"id\": {i},\n    \"name\": \"x\"\n  }},\n")));
        string wanted = "  {\n" + string.Concat(Enumerable.Range(0, 300).Select(i => $"    \"ib\": {i},\n    \"nane\": \"y\"\n")) + "  },";
        var json = await stage.CallAsync("patch", new JsonObject { ["path"] = "data.json", ["old_string"] = wanted, ["new_string"] = "x" });
        await Assert.That((string)json["error"]!).StartsWith("Could not find a match for old_string in the file");
    }

    [Test]
    public async Task A_file_too_large_to_edit_is_moved_all_the_same()
    {
        using var stage = new ToolStage();
        using (var file = File.Create(stage.At("large"))) file.SetLength(TextFile.MaxBytes + 1);
        var edit = await stage.CallAsync("patch", new JsonObject { ["path"] = "large", ["old_string"] = "a", ["new_string"] = "b" });
        await Assert.That((string)edit["error"]!).Contains("too many to edit as text");
        await Assert.That((string)(await stage.CallAsync("patch", Patch("*** Update File: large\n-a\n+b")))["error"]!).Contains("too many to edit as text");
        await Assert.That((bool)(await stage.CallAsync("patch", Patch("*** Move File: large -> larger")))["success"]!).IsTrue();
        await Assert.That(new FileInfo(stage.At("larger")).Length).IsEqualTo(TextFile.MaxBytes + 1);
    }

    [Test]
    public async Task Removed_lines_with_hyphens_are_no_files()
    {
        string before = string.Concat(Enumerable.Range(0, 9).Select(i => $"-- comment {i}\n")), after = "++ one\n";
        string shown = InlineDiff.Of(LineDiff.Unified("q.sql", before, after))!;
        string[] plain = [.. System.Text.RegularExpressions.Regex.Replace(shown, "\e\\[[0-9;]*m", "").Split('\n')];
        await Assert.That(plain[..3]).IsEquivalentTo((string[])["  ┊ review diff", "a/q.sql → b/q.sql", "@@ -1,9 +1,1 @@"]);
        await Assert.That(plain[3..12]).IsEquivalentTo(Enumerable.Range(0, 9).Select(i => $"--- comment {i}").ToArray());
        await Assert.That(plain[^1]).IsEqualTo("+++ one");
        await Assert.That(shown).DoesNotContain("omitted");
    }

    [Test]
    public async Task What_is_too_long_to_show_is_counted()
    {
        string file = string.Concat(Enumerable.Range(0, 200).Select(i => $"{i}\n"));
        await Assert.That(InlineDiff.Of(LineDiff.Unified("a", null, file))!).Contains("\n").And.Contains("… omitted 122 diff line(s)\e");
        string many = string.Concat(Enumerable.Range(0, 8).Select(i => LineDiff.Unified($"f{i}", null, "x\n")));
        await Assert.That(InlineDiff.Of(many)!).Contains("… omitted 6 diff line(s) across 2 additional file(s)/section(s)");
        await Assert.That(InlineDiff.Of("")).IsNull();
    }
}
