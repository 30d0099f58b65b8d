using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Gateway.Tests.ToolsTests;

[NotInParallel("children")]
public class FileToolTests
{
    private static JsonObject Args(params (string Name, JsonNode? Value)[] members)
    {
        var json = new JsonObject();
        foreach (var (name, value) in members) json[name] = value;
        return json;
    }

    [Test]
    public async Task Lines_have_numbers_and_long_files_come_in_parts()
    {
        using var stage = new ToolStage();
        stage.Put("a.txt", "one\ntwo\nthree\n");
        var whole = await stage.CallAsync("read_file", Args(("path", "a.txt")));
        await Assert.That((string)whole["content"]!).IsEqualTo("     1|one\n     2|two\n     3|three");
        await Assert.That((int)whole["total_lines"]!).IsEqualTo(3);
        await Assert.That((bool)whole["truncated"]!).IsFalse();
        var part = await stage.CallAsync("read_file", Args(("path", "a.txt"), ("offset", 2), ("limit", 1)));
        await Assert.That((string)part["content"]!).IsEqualTo("     2|two");
        await Assert.That((string)part["hint"]!).IsEqualTo("Use offset=3 to continue reading (showing 2-2 of 3 lines)");
    }

    [Test]
    public async Task The_same_range_is_shown_once()
    {
        using var stage = new ToolStage();
        stage.Put("a.txt", "one\n");
        var arguments = Args(("path", "a.txt"));
        await stage.CallAsync("read_file", arguments);
        var second = await stage.CallAsync("read_file", arguments);
        await Assert.That((string)second["status"]!).IsEqualTo("unchanged");
        var third = await stage.CallAsync("read_file", arguments);
        await Assert.That((string)third["error"]!).StartsWith("BLOCKED");
        stage.Context.State.Reads.Forget();
        await Assert.That((string)(await stage.CallAsync("read_file", arguments))["content"]!).IsEqualTo("     1|one");
        File.SetLastWriteTimeUtc(stage.At("a.txt"), DateTime.UtcNow.AddSeconds(5));
        await Assert.That((string)(await stage.CallAsync("read_file", arguments))["content"]!).IsEqualTo("     1|one");
    }

    [Test]
    [Arguments("""{"path":"no.txt"}""", "File not found: no.txt")]
    [Arguments("""{"path":""}""", "path must name a file.")]
    [Arguments("""{}""", "path must name a file.")]
    [Arguments("""{"path":7}""", "path must name a file.")]
    [Arguments("""{"path":"a\u0000b"}""", "path must name a file.")]
    [Arguments("""{"path":"."}""", "'.' is a directory. Use search_files with target='files' to list it.")]
    [Arguments("""{"path":"x.png"}""", "Cannot read binary file 'x.png' (.png). Use vision_analyze for images, or terminal to inspect binary files.")]
    [Arguments("""{"path":"nul.dat"}""", "Cannot read binary file 'nul.dat' (.dat). Use vision_analyze for images, or terminal to inspect binary files.")]
    [Arguments("""{"path":"/dev/zero"}""", "Cannot read '/dev/zero': it is a device that may never end. Use the terminal tool if you need a part of it.")]
    [Arguments("""{"path":"to-zero"}""", "it is a device that may never end")]
    [Arguments("""{"path":"/proc/self/fd/0"}""", "it is a device that may never end")]
    [Arguments("""{"path":"pipe"}""", "is not a regular file.")]
    [Arguments("""{"path":"circle"}""", "its links go in circles")]
    public async Task What_is_no_text_is_refused_without_waiting(string arguments, string error)
    {
        using var stage = new ToolStage();
        File.WriteAllBytes(stage.At("nul.dat"), [1, 0, 2]);
        File.CreateSymbolicLink(stage.At("to-zero"), "/dev/zero");
        File.CreateSymbolicLink(stage.At("circle"), stage.At("circle"));
        Process.Start("mkfifo", stage.At("pipe")).WaitForExit();
        var json = await stage.CallAsync("read_file", arguments);
        await Assert.That((string)json["error"]!).Contains(error);
    }

    [Test]
    public async Task A_wrong_name_brings_similar_ones()
    {
        using var stage = new ToolStage();
        stage.Put("settings.json", "{}");
        var json = await stage.CallAsync("read_file", Args(("path", "setting.json")));
        await Assert.That(json["similar_files"]!.AsArray().Select(node => (string)node!)).IsEquivalentTo([stage.At("settings.json")]);
    }

    [Test]
    public async Task Endless_lines_and_files_are_cut()
    {
        using var stage = new ToolStage("file_read_max_chars: 500");
        stage.Put("long.txt", new string('x', 5000));
        stage.Context.State.CurrentDirectory = stage.Work;
        var cut = await stage.CallAsync("read_file", Args(("path", "long.txt")));
        await Assert.That((string)cut["error"]!).Contains("exceeds the safety limit (500 chars)");
        using var other = new ToolStage();
        other.Put("long.txt", new string('x', 5000));
        await Assert.That((string)(await other.CallAsync("read_file", Args(("path", "long.txt"))))["content"]!).IsEqualTo("     1|" + new string('x', 2000) + "... [truncated]");
    }

    [Test]
    public async Task Writing_keeps_permissions_links_and_line_ends()
    {
        using var stage = new ToolStage();
        stage.Put("real/run.sh", "echo a\r\necho b\r\n");
        File.SetUnixFileMode(stage.At("real/run.sh"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupWrite);
        File.CreateSymbolicLink(stage.At("link.sh"), stage.At("real/run.sh"));
        var result = await stage.ResultAsync("write_file", Args(("path", "link.sh"), ("content", "echo c\n")));
        await Assert.That(JsonNode.Parse(result.Content)!.ToJsonString()).IsEqualTo("""{"bytes_written":8,"dirs_created":false}""");
        await Assert.That(stage.Get("real/run.sh")).IsEqualTo("echo c\r\n");
        await Assert.That(File.GetUnixFileMode(stage.At("real/run.sh"))).IsEqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupWrite);
        await Assert.That(new FileInfo(stage.At("link.sh")).LinkTarget).IsEqualTo(stage.At("real/run.sh"));
        await Assert.That(result.InlineDiff!).Contains("+echo c").And.Contains("-echo a");
        await Assert.That(Directory.GetFiles(stage.At("real")).Length).IsEqualTo(1);
    }

    [Test]
    public async Task New_folders_are_made_and_foreign_changes_named()
    {
        using var stage = new ToolStage();
        var made = await stage.CallAsync("write_file", Args(("path", "a/b/c.txt"), ("content", "x")));
        await Assert.That((bool)made["dirs_created"]!).IsTrue();
        await stage.CallAsync("read_file", Args(("path", "a/b/c.txt")));
        File.WriteAllText(stage.At("a/b/c.txt"), "somebody else");
        File.SetLastWriteTimeUtc(stage.At("a/b/c.txt"), DateTime.UtcNow.AddSeconds(5));
        var warned = await stage.CallAsync("write_file", Args(("path", "a/b/c.txt"), ("content", "y")));
        await Assert.That((string)warned["_warning"]!).Contains("was modified since you last read it");
        await Assert.That(stage.Get("a/b/c.txt")).IsEqualTo("y");
    }

    [Test]
    [Arguments("/etc/hosts.new", "Refusing to write to sensitive system path: /etc/hosts.new")]
    [Arguments("/etc/passwd", "protected system/credential file")]
    [Arguments("/etc/../etc/shadow", "protected system/credential file")]
    [Arguments("~/.ssh/authorized_keys", "protected system/credential file")]
    [Arguments("~/.ssh/deep/er", "protected system/credential file")]
    [Arguments("~/.aws/credentials", "protected system/credential file")]
    [Arguments("~/.config/gh/hosts.yml", "protected system/credential file")]
    [Arguments("~/.bashrc", "protected system/credential file")]
    [Arguments("~/home/.env", "protected system/credential file")]
    [Arguments("to-etc/x", "Refusing to write to sensitive system path")]
    [Arguments("to-ssh/x", "protected system/credential file")]
    [Arguments("to-env", "protected system/credential file")]
    [Arguments("/dev/null", "it is not a file on a disk")]
    [Arguments("/proc/self/comm", "it is not a file on a disk")]
    [Arguments("folder", "is a directory")]
    public async Task Sensitive_places_are_not_written_by_any_way(string path, string error)
    {
        using var stage = new ToolStage();
        Directory.CreateDirectory(stage.At("folder"));
        string root = Path.GetDirectoryName(stage.Work)!;
        File.CreateSymbolicLink(stage.At("to-etc"), "/etc");
        File.CreateSymbolicLink(stage.At("to-ssh"), Path.Combine(root, ".ssh"));
        File.CreateSymbolicLink(stage.At("to-env"), Path.Combine(stage.Home, ".env"));
        foreach (var (tool, arguments) in new[]
        {
            ("write_file", Args(("path", path), ("content", "x"))),
            ("patch", Args(("mode", "patch"), ("patch", $"*** Begin Patch\n*** Add File: {path}\n+x\n*** End Patch"))),
        })
        {
            var json = await stage.CallAsync(tool, arguments);
            await Assert.That((string)json["error"]!).Contains(error);
        }

        await Assert.That(Directory.Exists(Path.Combine(root, ".ssh"))).IsFalse();
        await Assert.That(File.Exists(Path.Combine(stage.Home, ".env"))).IsFalse();
    }

    [Test]
    public async Task A_safe_root_confines_writes()
    {
        string outside = Path.Combine(Path.GetTempPath(), "gateway-outside-" + Guid.NewGuid().ToString("N"));
        using var stage = new ToolStage(environment: new() { ["HERMES_WRITE_SAFE_ROOT"] = "." });
        await Assert.That((string)(await stage.CallAsync("write_file", Args(("path", outside), ("content", "x"))))["error"]!).Contains("Write denied");
        await Assert.That((int)(await stage.CallAsync("write_file", Args(("path", "in.txt"), ("content", "x"))))["bytes_written"]!).IsEqualTo(1);
        await Assert.That(File.Exists(outside)).IsFalse();
    }

    [Test]
    [Arguments("""{"content":"x"}""", "path must name a file.")]
    [Arguments("""{"path":"a"}""", "content must be a text")]
    [Arguments("""{"path":"a","content":5}""", "content must be a text")]
    [Arguments("""{"path":"a","content":"File unchanged since last read. The content from the earlier read_file result in this conversation is still current — refer to that instead of re-reading."}""", "Nothing was written")]
    public async Task Bad_writes_are_answered(string arguments, string error)
    {
        using var stage = new ToolStage();
        await Assert.That((string)(await stage.CallAsync("write_file", arguments))["error"]!).Contains(error);
        await Assert.That(Directory.EnumerateFileSystemEntries(stage.Work)).IsEmpty();
    }

    [Test]
    [Arguments(true)]
    [Arguments(false)]
    public async Task Text_and_names_are_found_with_and_without_ripgrep(bool ripgrep)
    {
        if (ripgrep && Gateway.Processes.ExecutablePath.Find("rg", "/usr/local/bin:/usr/bin:/bin") is null) Skip.Test("ripgrep is not installed");
        string bin = Directory.CreateTempSubdirectory().FullName;
        using var stage = new ToolStage(environment: ripgrep ? null : new() { ["PATH"] = bin });
        stage.Put("a.py", "import os\ndef x():\n    pass\n");
        stage.Put("sub/b.py", "def y():\n    return x()\n");
        stage.Put("sub/c.txt", "def no\n");
        stage.Put(".hidden/d.py", "def hidden():\n");
        var lines = await stage.CallAsync("search_files", Args(("pattern", "def \\w+"), ("file_glob", "*.py")));
        await Assert.That(lines["matches"]!.ToJsonString()).IsEqualTo(new JsonArray(
            Args(("path", stage.At("a.py")), ("line", 2), ("content", "def x():")), Args(("path", stage.At("sub/b.py")), ("line", 1), ("content", "def y():"))).ToJsonString());
        var files = await stage.CallAsync("search_files", Args(("pattern", "*.py"), ("target", "files")));
        await Assert.That(files["files"]!.AsArray().Select(node => (string)node!).Order()).IsEquivalentTo([stage.At("a.py"), stage.At("sub/b.py")]);
        var counts = await stage.CallAsync("search_files", Args(("pattern", "def"), ("output_mode", "count")));
        await Assert.That(counts["counts"]!.AsObject().Count).IsEqualTo(3);
        var only = await stage.CallAsync("search_files", Args(("pattern", "def"), ("output_mode", "files_only"), ("limit", 2)));
        await Assert.That(only["files"]!.AsArray().Count).IsEqualTo(2);
        await Assert.That((bool)only["truncated"]!).IsTrue();
        await Assert.That((string)only["hint"]!).Contains("offset=2");
        var around = await stage.CallAsync("search_files", Args(("pattern", "return"), ("context", 1)));
        await Assert.That(around["matches"]!.AsArray().Count).IsEqualTo(2);
        await Assert.That((int)(await stage.CallAsync("search_files", Args(("pattern", "nowhere"))))["total_count"]!).IsEqualTo(0);
        await Assert.That((string)(await stage.CallAsync("search_files", Args(("pattern", "(unclosed"))))["error"]!).StartsWith("Search failed:");
        Directory.Delete(bin);
    }

    [Test]
    [Arguments("""{}""", "pattern must be a text")]
    [Arguments("""{"pattern":""}""", "pattern must be a text")]
    [Arguments("""{"pattern":"x","target":"moon"}""", "Unknown target: moon")]
    [Arguments("""{"pattern":"x","output_mode":"moon"}""", "Unknown output_mode: moon")]
    [Arguments("""{"pattern":"x","path":"nowhere"}""", "Path not found: nowhere")]
    [Arguments("""{"pattern":"x","path":"/dev"}""", "it is a device")]
    public async Task Bad_searches_are_answered(string arguments, string error)
    {
        using var stage = new ToolStage();
        await Assert.That((string)(await stage.CallAsync("search_files", arguments))["error"]!).Contains(error);
    }

    [Test]
    public async Task The_same_search_again_and_again_is_stopped()
    {
        using var stage = new ToolStage();
        var arguments = Args(("pattern", "x"));
        await stage.CallAsync("search_files", arguments);
        await stage.CallAsync("search_files", arguments);
        await Assert.That((string?)(await stage.CallAsync("search_files", arguments))["_warning"]).IsNotNull();
        await Assert.That((string)(await stage.CallAsync("search_files", arguments))["error"]!).StartsWith("BLOCKED");
        stage.Context.State.Reads.OtherToolRan();
        await Assert.That((int)(await stage.CallAsync("search_files", arguments))["total_count"]!).IsEqualTo(0);
    }
}
