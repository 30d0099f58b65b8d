using System.Text.Json.Nodes;
using Gateway.Processes;
using Gateway.Tools.Search;

namespace Gateway.Tests.ToolsTests;

/// <summary>What searches leave out, with ripgrep (where it is installed) and without.</summary>
public class IgnoredFileTests
{
    private static string UsualPath => Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin";

    // What has to be there for the patterns to be about something. Every file holds the word.
    private static readonly string[] Tree =
    [
        "a.log", "keep.log", "b.txt", "build/out.txt", "src/build/out.txt", "src/a.cs", "src/deep/a.log", "src/deep/b.txt", "src/tmp.txt", "docs/x.md", "docs/sub/y.md", "# odd", "!odd", "sp ", "node_modules/m.js",
        ".hidden", ".github/w.yml", "x1.o", "x22.o", "foo/bar/z", "q/foo/bar/z",
    ];

    [Test]
    [Arguments("*.log", "a.log,keep.log,src/deep/a.log")]
    [Arguments("*.log\n!keep.log", "a.log,src/deep/a.log")]
    [Arguments("*.log\r\n!keep.log\r\n", "a.log,src/deep/a.log")]
    [Arguments("!keep.log\n*.log", "a.log,keep.log,src/deep/a.log")]
    [Arguments("/a.log", "a.log")]
    [Arguments("a.log", "a.log,src/deep/a.log")]
    [Arguments("build", "build/out.txt,src/build/out.txt")]
    [Arguments("build/", "build/out.txt,src/build/out.txt")]
    [Arguments("/build/", "build/out.txt")]
    [Arguments("b.txt/", "")]
    [Arguments("src/build", "src/build/out.txt")]
    [Arguments("build/\n!build/out.txt", "build/out.txt,src/build/out.txt")]
    [Arguments("build/*\n!build/out.txt", "")]
    [Arguments("src/*", "src/a.cs,src/build/out.txt,src/deep/a.log,src/deep/b.txt,src/tmp.txt")]
    [Arguments("src/*.txt", "src/tmp.txt")]
    [Arguments("src/**/*.txt", "src/build/out.txt,src/deep/b.txt,src/tmp.txt")]
    [Arguments("**/deep", "src/deep/a.log,src/deep/b.txt")]
    [Arguments("docs/**", "docs/sub/y.md,docs/x.md")]
    [Arguments("**/foo/bar", "foo/bar/z,q/foo/bar/z")]
    [Arguments("foo/bar", "foo/bar/z")]
    [Arguments("# a comment\n\n   \n\\# odd", "# odd")]
    [Arguments("\\!odd", "!odd")]
    [Arguments("sp", "")]
    [Arguments("sp\\ ", "sp ")]
    [Arguments("b.txt   ", "b.txt,src/deep/b.txt")]
    [Arguments("x?.o", "x1.o")]
    [Arguments("x[0-9]*.o", "x1.o,x22.o")]
    [Arguments("x[!2]*.o", "x1.o")]
    [Arguments("[unclosed\na.log", "a.log,src/deep/a.log")]
    [Arguments("*\n!*/\n!*.md", "!odd,# odd,a.log,b.txt,build/out.txt,foo/bar/z,keep.log,node_modules/m.js,q/foo/bar/z,sp ,src/a.cs,src/build/out.txt,src/deep/a.log,src/deep/b.txt,src/tmp.txt,x1.o,x22.o")]
    [Arguments("/", "")]
    [Arguments("", "")]
    public async Task Patterns_of_git_leave_out_what_they_leave_out_for_ripgrep(string patterns, string left)
    {
        foreach (string path in Searchers())
        {
            using var stage = Repository(path);
            stage.Put(".gitignore", patterns);
            string[] all = [.. Tree.Where(name => !name.StartsWith('.')).Order(StringComparer.Ordinal)];
            string[] found = await FilesAsync(stage);
            await Assert.That(string.Join(',', all.Except(found))).IsEqualTo(left);
        }
    }

    [Test]
    public async Task Files_in_folders_add_to_those_above_and_overrule_them()
    {
        foreach (string path in Searchers())
        {
            using var stage = Repository(path);
            stage.Put(".gitignore", "*.log\n/b.txt\n");
            stage.Put("src/.gitignore", "!*.log\n/tmp.txt\n");
            stage.Put("docs/.ignore", "sub\n");
            stage.Put("foo/.rgignore", "z\n");
            stage.Put(".git/info/exclude", "x1.o\n");
            stage.Put("../.config/git/ignore", "x22.o\n");
            string[] found = await FilesAsync(stage);
            await Assert.That(string.Join(',', Tree.Where(name => !name.StartsWith('.')).Except(found).Order(StringComparer.Ordinal)))
                .IsEqualTo("a.log,b.txt,docs/sub/y.md,foo/bar/z,keep.log,src/tmp.txt,x1.o,x22.o");

            // The same from a folder of the repository, and in one that lies in it.
            await Assert.That(string.Join(',', await FilesAsync(stage, "src"))).IsEqualTo("src/a.cs,src/build/out.txt,src/deep/a.log,src/deep/b.txt");
            Directory.CreateDirectory(stage.At("src/deep/.git"));
            stage.Put("src/.gitignore", "b.txt\n");
            await Assert.That(string.Join(',', await FilesAsync(stage, "src/deep"))).IsEqualTo("src/deep/a.log,src/deep/b.txt");
        }
    }

    [Test]
    public async Task Without_a_repository_only_the_files_of_searchers_count()
    {
        foreach (string path in Searchers())
        {
            using var stage = Repository(path);
            Directory.Delete(stage.At(".git"));
            stage.Put(".gitignore", "*.log\n");
            stage.Put(".ignore", "*.txt\n");
            string[] found = await FilesAsync(stage);
            await Assert.That(string.Join(' ', found)).Contains("a.log").And.DoesNotContain(".txt");
        }
    }

    [Test]
    public async Task What_is_hidden_is_found_where_a_pattern_takes_it_in()
    {
        foreach (string path in Searchers())
        {
            using var stage = Repository(path);
            await Assert.That(string.Join(',', await FilesAsync(stage))).DoesNotContain(".github");
            stage.Put(".gitignore", "!.github\n");
            await Assert.That(string.Join(',', await FilesAsync(stage))).Contains(".github/w.yml").And.DoesNotContain(".hidden");
        }
    }

    [Test]
    public async Task Files_that_are_named_are_found_although_they_are_ignored_but_not_in_ignored_folders()
    {
        foreach (string path in Searchers())
        {
            using var stage = Repository(path);
            stage.Put(".gitignore", "*.log\nbuild/\n");
            var named = await stage.CallAsync("search_files", """{"pattern":"*.log","target":"files"}""");
            await Assert.That(string.Join(',', Names(stage, named))).IsEqualTo("a.log,keep.log,src/deep/a.log");
            var texts = await stage.CallAsync("search_files", """{"pattern":"*.txt","target":"files"}""");
            await Assert.That(string.Join(',', Names(stage, texts))).IsEqualTo("b.txt,src/deep/b.txt,src/tmp.txt");
        }
    }

    [Test]
    [Arguments("")]
    [Arguments("# nothing\n\n!\n/\n")]
    public async Task A_file_without_patterns_is_none(string text) => await Assert.That(IgnoreFile.Parse(text)).IsNull();

    private static IEnumerable<string> Searchers() => ExecutablePath.Find("rg", UsualPath) is null ? ["/nowhere"] : ["/nowhere", UsualPath];

    private static ToolStage Repository(string path)
    {
        var stage = new ToolStage(environment: new() { ["PATH"] = path });
        Directory.CreateDirectory(stage.At(".git"));
        foreach (string name in Tree) stage.Put(name, "word\n");
        return stage;
    }

    private static async Task<string[]> FilesAsync(ToolStage stage, string folder = ".")
    {
        var arguments = new JsonObject { ["pattern"] = "word", ["output_mode"] = "files_only", ["path"] = folder };
        return Names(stage, await stage.CallAsync("search_files", arguments));
    }

    private static string[] Names(ToolStage stage, JsonNode result) =>
        [.. (result["files"]?.AsArray() ?? []).Select(file => Path.GetRelativePath(stage.Work, (string)file!)).Order(StringComparer.Ordinal)];
}
