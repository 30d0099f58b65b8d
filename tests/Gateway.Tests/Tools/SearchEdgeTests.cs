using System.Diagnostics;
using System.Text.Json.Nodes;
using Gateway.Tools.Search;

namespace Gateway.Tests.ToolsTests;

/// <summary>Searches that end early, and those without ripgrep.</summary>
[NotInParallel("children")]
public class SearchEdgeTests
{
    [Test]
    [Arguments("*.{ts,tsx}", "a.ts,b.tsx,src/deep/f.ts")]
    [Arguments("[a-c]*", "a.ts,b.tsx,c.js")]
    [Arguments("[!a-c]*.ts", "src/deep/f.ts")]
    [Arguments("src/**/*.py", "src/d.py,src/deep/e.py")]
    [Arguments("src/*.py", "src/d.py")]
    [Arguments("**/deep/**", "src/deep/e.py,src/deep/f.ts")]
    [Arguments("/c.js", "c.js")]
    [Arguments("?.js", "c.js")]
    [Arguments("!*.py", "a.ts,b.tsx,c.js,src/deep/f.ts")]
    [Arguments("nothing", "")]
    public async Task Globs_mean_what_they_mean_to_ripgrep(string glob, string files)
    {
        using var stage = new ToolStage(environment: new() { ["PATH"] = "/nowhere" });
        foreach (string name in new[] { "a.ts", "b.tsx", "c.js", "src/d.py", "src/deep/e.py", "src/deep/f.ts" }) stage.Put(name, "word\n");
        var json = await stage.CallAsync("search_files", new JsonObject { ["pattern"] = "word", ["file_glob"] = glob, ["output_mode"] = "files_only" });
        string found = string.Join(',', (json["files"]?.AsArray() ?? []).Select(file => Path.GetRelativePath(stage.Work, (string)file!)));
        await Assert.That(found).IsEqualTo(files);
        await Assert.That((string)json["_hint"]!).Contains("ripgrep (rg) is not installed");
    }

    [Test]
    [Arguments("a**b.txt", "axxb.txt", true)]
    [Arguments("a**b.txt", "a/b.txt", false)]
    [Arguments("a\\*b", "a*b", true)]
    [Arguments("a\\*b", "axb", false)]
    [Arguments("[]x]", "]", true)]
    [Arguments("[^a]", "a", false)]
    [Arguments("{a,{b,c}d}", "cd", true)]
    [Arguments("a.b", "axb", false)]
    [Arguments("a+(b)$^|", "a+(b)$^|", true)]
    [Arguments("x,y", "x,y", true)]
    public async Task Every_sign_of_a_glob(string glob, string name, bool matches) =>
        await Assert.That(GlobPattern.Parse(glob)!.Matches(name, name)).IsEqualTo(matches);

    [Test]
    [Arguments("[a", "target")]
    [Arguments("{a,b", "target")]
    [Arguments("[z-a]", "target")]
    [Arguments("[a", "file_glob")]
    [Arguments("{a", "file_glob")]
    public async Task Broken_globs_are_answered(string glob, string place)
    {
        using var stage = new ToolStage(environment: new() { ["PATH"] = "/nowhere" });
        var arguments = place == "target" ? new JsonObject { ["pattern"] = glob, ["target"] = "files" } : new JsonObject { ["pattern"] = "x", ["file_glob"] = glob };
        await Assert.That((string)(await stage.CallAsync("search_files", arguments))["error"]!).IsEqualTo($"Search failed: '{glob}' is not a valid glob.");
    }

    [Test]
    [Arguments("(unclosed", "is not a valid regular expression")]
    [Arguments("(?=x)", "are not supported")]
    public async Task Broken_expressions_are_answered(string pattern, string error)
    {
        using var stage = new ToolStage(environment: new() { ["PATH"] = "/nowhere" });
        await Assert.That((string)(await stage.CallAsync("search_files", new JsonObject { ["pattern"] = pattern }))["error"]!).Contains(error);
    }

    [Test]
    public async Task A_pipe_is_not_searched()
    {
        using var stage = new ToolStage();
        Process.Start("mkfifo", stage.At("pipe")).WaitForExit();
        await Assert.That((string)(await stage.CallAsync("search_files", """{"pattern":"x","path":"pipe"}"""))["error"]!).Contains("is not a regular file.");
        await Assert.That((int)(await stage.CallAsync("search_files", """{"pattern":"x"}"""))["total_count"]!).IsEqualTo(0);
    }

    [Test]
    public async Task Odd_numbers_are_brought_into_range()
    {
        using var stage = new ToolStage(environment: new() { ["PATH"] = "/nowhere" });
        stage.Put("a.txt", "one\ntwo\n");
        var json = await stage.CallAsync("search_files", """{"pattern":"one","limit":-1,"offset":-5,"context":-3}""");
        await Assert.That(json["matches"]!.AsArray().Count).IsEqualTo(1);
    }

    [Test]
    public async Task More_output_than_is_kept_is_not_called_all()
    {
        string bin = Directory.CreateTempSubdirectory("gateway-bin-").FullName;
        string told = Path.Combine(bin, "told");
        try
        {
            File.WriteAllText(Path.Combine(bin, "rg"), $"#!/bin/sh\necho \"$@\" > '{told}'\nyes /some/rather/long/name/of/a/file | head -n 200000\n");
            File.SetUnixFileMode(Path.Combine(bin, "rg"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            using var stage = new ToolStage(environment: new() { ["PATH"] = bin + ":/usr/bin:/bin" });
            var json = await stage.CallAsync("search_files", """{"pattern":"x","output_mode":"files_only","offset":100000}""");
            await Assert.That((bool)json["truncated"]!).IsTrue();
            await Assert.That((string)json["_warning"]!).Contains("the last results are missing");
            await Assert.That(File.ReadAllText(told)).Contains("--no-config");
        }
        finally
        {
            Directory.Delete(bin, recursive: true);
        }
    }
}
