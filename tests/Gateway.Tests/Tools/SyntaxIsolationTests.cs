using System.Text.Json.Nodes;
using Gateway.Processes;
using Gateway.Tools.Patch;

namespace Gateway.Tests.ToolsTests;

/// <summary>Changing a file never runs code of the repository that it lies in.</summary>
[NotInParallel("children")]
public class SyntaxIsolationTests
{
    [Test]
    [Arguments("linecache", "x = 1\ny = x is 1\n")]
    [Arguments("stringprep", "# -*- coding: idna -*-\nx = 1\n")]
    [Arguments("quopri", "# -*- coding: quopri -*-\nx = 1\n")]
    [Arguments("sitecustomize", "x = 1\n")]
    public async Task Modules_beside_a_python_file_do_not_run(string module, string text)
    {
        using var stage = new ToolStage(environment: new() { ["PYTHONPATH"] = "." });
        stage.Put($"repository/{module}.py", $"open({$"'{stage.At("RAN")}'"}, 'w').write('x')\n");
        stage.Put("repository/a.py", text);
        var json = await stage.CallAsync("patch", new JsonObject { ["path"] = "repository/a.py", ["old_string"] = "x = 1", ["new_string"] = "x = 2" });
        await Assert.That((string?)json["error"]).IsNull();
        await Assert.That(File.Exists(stage.At("RAN"))).IsFalse();
    }

    [Test]
    public async Task Checkers_see_neither_the_repository_nor_its_settings()
    {
        using var stage = new ToolStage();
        stage.Put("repository/.git/HEAD", "");
        string own = Tool(stage.At("repository/node_modules/.bin"), "python3", $"touch '{stage.At("RAN")}'"), bin = stage.At("bin");
        foreach (string program in new[] { "python3", "node", "gofmt", "rustfmt", "tsc", "bash" }) Tool(bin, program, $"{{ pwd; env; cat; }} > '{stage.At("SEEN")}'");
        string[] steering = ["PYTHONPATH", "PYTHONSTARTUP", "NODE_OPTIONS", "NODE_PATH", "GOFLAGS", "RUBYOPT", "PERL5LIB", "BASH_ENV", "ENV", "RUSTUP_TOOLCHAIN", "LD_PRELOAD", "BASH_FUNC_cat%%"];
        var environment = steering.ToDictionary(name => name, _ => "from-outside");
        environment["PATH"] = $"node_modules/.bin:{Path.GetDirectoryName(own)}:{bin}:/usr/bin:/bin";
        environment["CARGO_HOME"] = stage.At("repository/cargo");
        environment["HOME"] = Path.GetDirectoryName(stage.Work)!;
        var check = new SyntaxCheck(stage.Children, environment);
        foreach (string name in new[] { "a.py", "a.js", "a.mjs", "a.go", "a.rs", "a.ts", "a.sh" })
        {
            File.Delete(stage.At("SEEN"));
            string file = stage.Put($"repository/sub/{name}", "the text\n");
            await Assert.That((await check.RunAsync(file, default))!.Status).IsEqualTo("ok");
            string[] seen = File.ReadAllLines(stage.At("SEEN"));
            await Assert.That(seen[0]).IsEqualTo("/");
            await Assert.That(seen.Where(line => line.Contains("from-outside") || line.Contains(stage.At("repository")))).IsEmpty();
            if (!name.EndsWith(".ts", StringComparison.Ordinal)) await Assert.That(seen[^1]).IsEqualTo("the text");
        }

        await Assert.That(File.Exists(stage.At("RAN"))).IsFalse();
    }

    [Test]
    [Arguments("a.py", "x = 1\n", "x = (\n")]
    [Arguments("a.js", "const fs = require('fs'); with (fs) { x(); }\n", "let x = ;\n")]
    [Arguments("b.js", "import fs from 'fs';\nexport const x = await fs.y();\n", "import fs from 'fs';\nlet x = ;\n")]
    [Arguments("a.mjs", "import fs from 'fs';\n", "import fs from ;\n")]
    [Arguments("a.cjs", "const fs = require('fs'); with (fs) { x(); }\n", "import fs from 'fs';\n")]
    [Arguments("a.rs", "fn main() { let error = 1; }\n", "fn main( {\n")]
    [Arguments("a.sh", "if true; then echo; fi\n", "echo\nif then\n")]
    public async Task Mistakes_are_found_all_the_same(string name, string right, string wrong)
    {
        using var stage = new ToolStage();
        string path = Environment.GetEnvironmentVariable("PATH")!;
        var checker = SyntaxChecker.Of("/" + name)!;
        Skip.When(ExecutablePath.Find(checker.Program, path) is null, $"{checker.Program} is not installed");
        var check = new SyntaxCheck(stage.Children, new Dictionary<string, string> { ["PATH"] = path, ["HOME"] = Environment.GetEnvironmentVariable("HOME") ?? "/" });
        await Assert.That(await check.RunAsync(stage.Put(name, right), default)).IsEqualTo(new SyntaxVerdict("ok", null));
        var verdict = await check.RunAsync(stage.Put(name, wrong), default);
        await Assert.That(verdict!.Status).IsEqualTo("error");
        await Assert.That(verdict.Output!.Length).IsGreaterThan(0);
        if (name == "b.js") await Assert.That(verdict.Output).Contains("Unexpected token ';'");
    }

    private static string Tool(string folder, string name, string body)
    {
        string path = Path.Combine(Directory.CreateDirectory(folder).FullName, name);
        File.WriteAllText(path, "#!/bin/sh\n" + body + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
