using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Processes;
using Gateway.Tests.ProcessesTests;
using Gateway.Tools;
using Gateway.Tools.Approvals;
using Gateway.Tools.Terminal;

namespace Gateway.Tests.ToolsTests;

[NotInParallel("children")]
public class TerminalToolTests
{
    private static readonly Dictionary<string, string> Environment = new()
    {
        ["PATH"] = "/usr/local/bin:/usr/bin:/bin",
        ["HOME"] = "/usr",
        ["PLAIN"] = "yes",
        ["OPENAI_API_KEY"] = "sk-secret",
        ["_HERMES_FORCE_GH_TOKEN"] = "forced",
    };

    private static readonly ApprovalGate Gate = new(new DangerousCommands());

    private static TerminalTool Tool(TerminalSettings? settings = null) => new(settings ?? new TerminalSettings(), Environment, Room());

    private static TerminalRoom Room()
    {
        var children = new ChildProcesses();
        return new(children, Gate, new BackgroundProcesses(children, TimeProvider.System), new ScratchFolder(), TimeProvider.System);
    }

    private static async Task<(JsonNode Json, ToolResult Result)> RunAsync(
        string arguments, ScriptedApprovals? approvals = null, TerminalSettings? settings = null, CancellationToken cancellation = default)
    {
        using var document = JsonDocument.Parse(arguments);
        var context = new ToolContext("key", "/tmp", approvals ?? new ScriptedApprovals());
        var result = await Tool(settings).RunAsync(new ToolCall("call", "terminal", document.RootElement), context, cancellation);
        return (JsonNode.Parse(result.Content)!, result);
    }

    private static string Command(string command) => new JsonObject { ["command"] = command }.ToJsonString();

    [Test]
    [Arguments("echo hi", "hi", 0, null, null)]
    [Arguments("echo out; echo err >&2; exit 3", "out\nerr", 3, null, "exit 3")]
    [Arguments("printf '\\033[31mred\\033[0m \\033]0;title\\007x'", "red x", 0, null, null)]
    [Arguments("pwd", "/tmp", 0, null, null)]
    [Arguments("cat", "", 0, null, null)]
    [Arguments("[[ a == a ]] && echo $0", "bash", 0, null, null)]
    [Arguments("printf '\\377'", "\uFFFD", 0, null, null)]
    [Arguments("kill -KILL $$", "", -9, null, "exit -9")]
    [Arguments("no_such_command_x 2>/dev/null", "", 127, null, "exit 127")]
    [Arguments("echo a | grep b", "", 1, "No matches found (not an error)", null)]
    [Arguments("grep 'a|b' /dev/null", "", 1, "No matches found (not an error)", null)]
    [Arguments("test 1 = 2", "", 1, "Condition evaluated to false (expected, not an error)", null)]
    [Arguments("echo $PLAIN:$OPENAI_API_KEY:$GH_TOKEN:$_HERMES_FORCE_GH_TOKEN", "yes::forced:", 0, null, null)]
    public async Task Foreground_commands(string command, string output, int exitCode, string? meaning, string? error)
    {
        var (json, result) = await RunAsync(Command(command));
        var expected = new JsonObject { ["output"] = output, ["exit_code"] = exitCode, ["error"] = null };
        if (meaning is not null) expected["exit_code_meaning"] = meaning;
        var actual = json.AsObject();
        if (command.Contains("$0")) actual["output"] = Path.GetFileName((string)actual["output"]!);
        await Assert.That(actual.ToJsonString()).IsEqualTo(expected.ToJsonString());
        await Assert.That(result.Error).IsEqualTo(error);
    }

    [Test]
    public async Task Working_directory_is_absolute_relative_or_home()
    {
        await Assert.That((string?)(await RunAsync("""{"command":"pwd","workdir":"/usr/bin"}""")).Json["output"]).IsEqualTo("/usr/bin");
        await Assert.That((string?)(await RunAsync("""{"command":"pwd","workdir":"../usr"}""")).Json["output"]).IsEqualTo("/usr");
        await Assert.That((string?)(await RunAsync("""{"command":"pwd","workdir":"~/bin"}""")).Json["output"]).IsEqualTo("/usr/bin");
    }

    [Test]
    [Arguments("""{}""", "error", "command must be")]
    [Arguments("""{"command":"  "}""", "error", "command must be")]
    [Arguments("""{"command":5}""", "error", "command must be")]
    [Arguments("""{"command":"\ud800"}""", "error", "command must be")]
    [Arguments("""{"command":"a\u0000b"}""", "error", "NUL")]
    [Arguments("""{"command":"ls","timeout":0}""", "error", "timeout must be")]
    [Arguments("""{"command":"ls","timeout":"soon"}""", "error", "timeout must be")]
    [Arguments("""{"command":"ls","workdir":"/no/such"}""", "error", "Working directory does not exist: /no/such")]
    [Arguments("""{"command":"ls","workdir":"/tmp; ls"}""", "blocked", "Blocked: workdir contains disallowed character ';'. Use a simple filesystem path without shell metacharacters.")]
    [Arguments("""{"command":"ls","workdir":"/tmp/$(x)"}""", "blocked", "Blocked: workdir contains disallowed character '$'. Use a simple filesystem path without shell metacharacters.")]
    [Arguments("""{"command":"npm run dev"}""", "error", "would keep running")]
    [Arguments("""{"command":"sleep 5 &"}""", "error", "would keep running")]
    [Arguments("""{"command":"sleep 5 & # later"}""", "error", "would keep running")]
    [Arguments("""{"command":"nohup sleep 5"}""", "error", "would keep running")]
    [Arguments("""{"command":"python3 -m http.server"}""", "error", "would keep running")]
    [Arguments("""{"command":"false && rm -rf /"}""", "blocked", "BLOCKED (hardline): recursive delete of root filesystem.")]
    [Arguments("""{"command":"false && rm -r x"}""", "blocked", "BLOCKED: Command denied by user. Do NOT retry this command.")]
    public async Task Refusals(string arguments, string status, string message)
    {
        var (json, result) = await RunAsync(arguments);
        await Assert.That((string?)json["status"]).IsEqualTo(status);
        await Assert.That((string?)json["output"]).IsEqualTo("");
        await Assert.That((int)json["exit_code"]!).IsEqualTo(-1);
        await Assert.That((string?)json["error"]).Contains(message);
        await Assert.That(result.Error).IsEqualTo((string?)json["error"]);
    }

    [Test]
    [Arguments("npm run build")]
    [Arguments("vitest run")]
    [Arguments("vite --version")]
    [Arguments("uvicorn --help")]
    [Arguments("nodemon -h")]
    [Arguments("a && b")]
    [Arguments("make 2>&1")]
    public async Task Ordinary_commands_are_not_taken_for_long_lived_ones(string command) =>
        await Assert.That(new LongLivedCommands().Matches(command)).IsFalse();

    [Test]
    public async Task Too_long_a_timeout_is_refused_and_text_is_a_number()
    {
        var (json, _) = await RunAsync("""{"command":"ls","timeout":601}""");
        await Assert.That(json.ToJsonString()).IsEqualTo(new JsonObject
        {
            ["error"] = "Foreground timeout 601s exceeds the maximum of 600s. Use background=true with notify_on_complete=true for long-running commands.",
        }.ToJsonString());
        await Assert.That((int)(await RunAsync("""{"command":"true","timeout":"600"}""")).Json["exit_code"]!).IsEqualTo(0);
    }

    [Test]
    public async Task Approved_commands_run_and_say_so()
    {
        var (json, result) = await RunAsync(Command("false && rm -r x"), new ScriptedApprovals { Answer = ApprovalChoice.Once });
        await Assert.That((string?)json["approval"]).IsEqualTo("Command required approval (recursive delete) and was approved by the user.");
        await Assert.That((int)json["exit_code"]!).IsEqualTo(1);
        await Assert.That(result.Error).IsEqualTo("exit 1");
    }

    [Test]
    public async Task Long_output_is_cut_in_the_middle()
    {
        var (json, _) = await RunAsync(Command("head -c 1000 /dev/zero | tr '\\0' a; head -c 1000 /dev/zero | tr '\\0' b"), settings: new TerminalSettings { MaxOutputChars = 100 });
        await Assert.That((string?)json["output"]).IsEqualTo(
            $"{new string('a', 40)}\n\n... [OUTPUT TRUNCATED - 1900 chars omitted out of 2000 total] ...\n\n{new string('b', 60)}");
    }

    [Test]
    public async Task Timeout_gives_124_and_a_marker()
    {
        var (json, result) = await RunAsync("""{"command":"echo begin; sleep 85","timeout":1}""");
        await Assert.That((int)json["exit_code"]!).IsEqualTo(124);
        await Assert.That((string?)json["output"]).IsEqualTo("begin\n\n[Command timed out after 1s]");
        await Assert.That(result.Error).IsEqualTo("timed out after 1s");
        var (silent, _) = await RunAsync(Command("sleep 85"), settings: new TerminalSettings { TimeoutSeconds = 1 });
        await Assert.That((string?)silent["output"]).IsEqualTo("[Command timed out after 1s]");
    }

    [Test]
    public async Task Interrupt_gives_130_and_leaves_nothing_running()
    {
        using var cancellation = new CancellationTokenSource();
        var run = RunAsync(Command("(sleep 8642 ; true) | cat"), cancellation: cancellation.Token);
        await Assert.That(await Facts.BecomesTrueAsync(() => IsRunning("sleep 8642"))).IsTrue();
        var watch = Stopwatch.StartNew();
        await cancellation.CancelAsync();
        var (json, result) = await run;
        await Assert.That(watch.ElapsedMilliseconds).IsLessThan(1_000);
        await Assert.That((int)json["exit_code"]!).IsEqualTo(130);
        await Assert.That((string?)json["output"]).IsEqualTo("[Command interrupted]");
        await Assert.That(result.Error).IsEqualTo("interrupted");
        await Assert.That(await Facts.BecomesTrueAsync(() => !IsRunning("sleep 8642"))).IsTrue();
    }

    [Test]
    public async Task Interrupt_while_the_user_is_asked_is_a_result_too()
    {
        using var cancellation = new CancellationTokenSource();
        using var document = JsonDocument.Parse(Command("false && rm -r x"));
        var context = new ToolContext("key", "/tmp", new EndlessApprovals());
        var run = Tool().RunAsync(new ToolCall("call", "terminal", document.RootElement), context, cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.That((await run).Content).Contains("\"exit_code\":130");
    }

    [Test]
    public async Task Schema_is_json_and_offers_only_what_works()
    {
        using var schema = JsonDocument.Parse(Tool().ParametersSchema);
        await Assert.That(string.Join(",", schema.RootElement.GetProperty("properties").EnumerateObject().Select(property => property.Name)))
            .IsEqualTo("command,background,timeout,workdir,pty,notify_on_complete,watch_patterns");
        await Assert.That(schema.RootElement.GetProperty("required")[0].GetString()).IsEqualTo("command");
    }

    [Test]
    [Arguments("diff a b", 1, false)]
    [Arguments("cd x && colordiff a b", 1, false)]
    [Arguments("find / -name x", 1, false)]
    [Arguments("[ -f x ]", 1, false)]
    [Arguments("LC_ALL=C /usr/bin/egrep x y", 1, false)]
    [Arguments("git diff --exit-code", 1, false)]
    [Arguments("curl -f http://x.invalid", 6, true)]
    [Arguments("curl -f http://x.invalid;", 28, true)]
    [Arguments("grep x y", 2, null)]
    [Arguments("grep x y; make", 1, null)]
    [Arguments("make", 1, null)]
    [Arguments("git push", 128, null)]
    [Arguments("grep x y", 0, null)]
    public async Task Exit_codes_have_meanings(string command, int exitCode, bool? isError) =>
        await Assert.That(ExitCodeMeaning.Of(command, exitCode)?.IsError).IsEqualTo(isError);

    [Test]
    [Arguments("OPENAI_API_KEY", true)]
    [Arguments("OPENAI_ORGANIZATION", true)]
    [Arguments("ANTHROPIC_TOKEN", true)]
    [Arguments("GH_TOKEN", true)]
    [Arguments("SOMETHING_NEW_API_KEY", true)]
    [Arguments("TELEGRAM_BOT_TOKEN", true)]
    [Arguments("KIMI_BASE_URL", true)]
    [Arguments("SUDO_PASSWORD", true)]
    [Arguments("PATH", false)]
    [Arguments("HERMES_HOME", false)]
    [Arguments("AWS_SECRET_ACCESS_KEY", false)]
    [Arguments("SSH_AUTH_SOCK", false)]
    [Arguments("EMAIL", false)]
    public async Task Credentials_are_known_by_name(string name, bool isCredential)
    {
        await Assert.That(CommandEnvironment.IsCredential(name)).IsEqualTo(isCredential);
        var environment = new Dictionary<string, string> { [name] = "v" };
        await Assert.That(CommandEnvironment.ForCommands(environment, [], new HashSet<string>()).ContainsKey(name)).IsEqualTo(!isCredential);
        await Assert.That(CommandEnvironment.ForCommands(environment, [name], new HashSet<string> { name }).ContainsKey(name)).IsTrue();
    }

    [Test]
    [Arguments("plain", "plain")]
    [Arguments("\u001b[1;31mx\u001b[0m", "x")]
    [Arguments("a\u001b[2Kb\u001b[?25lc", "abc")]
    [Arguments("\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\", "link")]
    [Arguments("\u001b(Bx\u001b=y\u001bMz", "xyz")]
    [Arguments("\u009b31mx\u009dtitle\u009cy", "xy")]
    [Arguments("\u001bPdata\u001b\\x", "x")]
    [Arguments("x\u001b", "x")]
    [Arguments("x\u001b[", "x")]
    [Arguments("\u001b]unterminated", "unterminated")]
    [Arguments("é☃🙂", "é☃🙂")]
    public async Task Control_sequences_are_removed(string text, string plain) =>
        await Assert.That(AnsiText.Strip(text)).IsEqualTo(plain);

    private static bool IsRunning(string commandLine)
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            try
            {
                if (int.TryParse(Path.GetFileName(directory), out _) && File.ReadAllText(directory + "/cmdline").Replace('\0', ' ').Trim() == commandLine) return true;
            }
            catch (IOException)
            {
                // Ended meanwhile.
            }
        }

        return false;
    }

    private sealed class EndlessApprovals : IApprovals
    {
        public bool AllowsEverything => false;

        public bool IsGranted(string patternKey) => false;

        public async Task<ApprovalChoice> AskAsync(ApprovalRequest request, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return ApprovalChoice.Deny;
        }
    }
}
