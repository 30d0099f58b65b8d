using System.Text;
using Gateway.Config;
using Gateway.Processes;
using Gateway.Tools;
using Gateway.Tools.Approvals;

namespace Gateway.Tests.ToolsTests;

/// <summary>The scanner is a script on disk; how it is called and what becomes of what it says is real.</summary>
public class CommandScannerTests
{
    private const string Findings =
        """{"schema_version":3,"action":"block","findings":[{"rule_id":"non_ascii_hostname","severity":"HIGH","title":"Cyrillic letter in a host name","description":"It looks like another host.","evidence":[]},{"rule_id":"curl_pipe_shell","severity":"MEDIUM","title":"Download piped to a shell","description":""}]}""";

    private const string Described =
        "Security scan — [HIGH] Cyrillic letter in a host name: It looks like another host.; [MEDIUM] Download piped to a shell";

    [Test]
    public async Task The_scanner_gets_the_command_as_one_argument_and_no_input()
    {
        using var place = new Place();
        place.Install("{ printf '%s|' \"$0\" \"$@\"; cat; pwd; echo \"$OPENAI_API_KEY\"; } > seen");
        await Assert.That((await place.CheckAsync("echo \"a  b\"\n-- x")).IsAllowed).IsTrue();
        await Assert.That(place.Seen).IsEqualTo($"check|--json|--non-interactive|--shell|posix|--|echo \"a  b\"\n-- x|{place.Work}\n\n");
    }

    [Test]
    [Arguments(0, false)]
    [Arguments(1, true)]
    [Arguments(2, true)]
    [Arguments(3, true)]
    public async Task The_status_decides_and_the_output_describes(int status, bool asks)
    {
        using var place = new Place();
        place.Install($"cat <<'END'\n{Findings}\nEND\nexit {status}");
        var approvals = new ScriptedApprovals { Answer = ApprovalChoice.Once };
        var decision = await place.CheckAsync("echo hi", approvals);
        await Assert.That(decision).IsEqualTo(new ApprovalDecision(null, asks ? $"Command required approval ({Described}) and was approved by the user." : null));
        await Assert.That(approvals.Asked?.Description).IsEqualTo(asks ? Described : null);
        if (!asks) return;
        await Assert.That(approvals.Asked!.PatternKeys).IsEquivalentTo(["tirith:non_ascii_hostname", "tirith:curl_pipe_shell"]);
        await Assert.That(approvals.Asked.PermanentKeys).IsEmpty();
    }

    [Test]
    public async Task Findings_of_scanner_and_patterns_are_one_question()
    {
        using var place = new Place();
        place.Install($"cat <<'END'\n{Findings}\nEND\nexit 1");
        var approvals = new ScriptedApprovals();
        var decision = await place.CheckAsync("false && rm -r x", approvals);
        await Assert.That(decision.Refusal).IsEqualTo("BLOCKED: Command denied by user. Do NOT retry this command.");
        await Assert.That(string.Join(',', approvals.Asked!.PatternKeys)).IsEqualTo("tirith:non_ascii_hostname,tirith:curl_pipe_shell,recursive delete");
        await Assert.That(approvals.Asked.PermanentKeys).IsEquivalentTo(["recursive delete"]);
        await Assert.That(approvals.Asked.Description).IsEqualTo(Described + "; recursive delete");
    }

    [Test]
    public async Task What_was_granted_is_not_asked_about_again_but_the_rest_is()
    {
        using var place = new Place();
        place.Install($"cat <<'END'\n{Findings}\nEND\nexit 1");
        var approvals = new ScriptedApprovals { Granted = { "tirith:non_ascii_hostname", "recursive delete" } };
        await place.CheckAsync("false && rm -r x", approvals);
        await Assert.That(approvals.Asked!.PatternKeys).IsEquivalentTo(["tirith:curl_pipe_shell"]);
        await Assert.That(approvals.Asked.Description).IsEqualTo("Security scan — [MEDIUM] Download piped to a shell");
        approvals = new ScriptedApprovals { Granted = { "tirith:non_ascii_hostname", "tirith:curl_pipe_shell" } };
        await Assert.That((await place.CheckAsync("echo hi", approvals)).IsAllowed).IsTrue();
        await Assert.That(approvals.Asked).IsNull();
    }

    [Test]
    [Arguments("", "tirith:unknown", "Security scan: tirith would block this command but does not say why")]
    [Arguments("not JSON {", "tirith:unknown", "Security scan: tirith would block this command but does not say why")]
    [Arguments("[]", "tirith:unknown", "Security scan: tirith would block this command but does not say why")]
    [Arguments("""{"findings":7,"summary":"beware"}""", "tirith:unknown", "Security scan: beware")]
    [Arguments("""{"findings":[]}""", "tirith:unknown", "Security scan: tirith would block this command but does not say why")]
    [Arguments("""{"findings":[7,{}],"summary":null}""", "tirith:unknown", "Security scan: tirith would block this command but does not say why")]
    [Arguments("""{"findings":[{"rule_id":"r","severity":"LOW"}],"summary":"s"}""", "tirith:r", "Security scan: s")]
    [Arguments("""{"findings":[{"rule_id":"r","title":"t"}]}""", "tirith:r", "Security scan — t")]
    [Arguments("""{"findings":[{"rule_id":"r","title":"t","description":"d"},{"rule_id":"r","title":"t","description":"d"}]}""", "tirith:r", "Security scan — t: d")]
    [Arguments("""{"findings":[{"rule_id":"a b\nc","title":"t"}]}""", "tirith:unknown", "Security scan — t")]
    [Arguments("""{"findings":[{"rule_id":"r","title":"\u001b[2J\u001b]0;x\u0007good\n\n\u0000news\u202e \ud800"}]}""", "tirith:r", "Security scan: tirith would block this command but does not say why")]
    [Arguments("""{"findings":[{"rule_id":"r","title":"\u001b[2J\u001b]0;x\u0007good\n\n\u0000news\u202e !"}]}""", "tirith:r", "Security scan — good news !")]
    public async Task Whatever_it_prints_becomes_plain_words(string output, string key, string description)
    {
        using var place = new Place();
        place.Install($"cat <<'END'\n{output}\nEND\nexit 1");
        var approvals = new ScriptedApprovals();
        await place.CheckAsync("echo hi", approvals);
        await Assert.That(approvals.Asked!.PatternKeys).IsEquivalentTo([key]);
        await Assert.That(approvals.Asked.Description).IsEqualTo(description);
    }

    [Test]
    public async Task A_flood_of_findings_stays_readable()
    {
        using var place = new Place();
        string findings = string.Join(',', Enumerable.Range(0, 200).Select(i => $$"""{"rule_id":"r{{i}}","title":"t{{i}}","description":"{{new string('x', 1000)}}"}"""));
        place.Install($"cat <<'END'\n{{\"findings\":[{findings}]}}\nEND\nexit 2");
        var approvals = new ScriptedApprovals();
        await place.CheckAsync("echo hi", approvals);
        await Assert.That(approvals.Asked!.PatternKeys.Count).IsEqualTo(200);
        await Assert.That(approvals.Asked.Description).EndsWith("; and 190 more");
        await Assert.That(approvals.Asked.Description.Length).IsLessThan(5000);
    }

    [Test]
    [Arguments("exit 7", "it ended with status 7")]
    [Arguments("kill -KILL $$", "it was ended by signal 9")]
    [Arguments("exec sleep 60", "it did not answer within 0.2 s")]
    [Arguments("trap '' TERM; while :; do sleep 60; done", "it did not answer within 0.2 s")]
    public async Task A_scanner_that_fails_stops_commands_only_where_the_user_wants_that(string script, string reason)
    {
        using var open = new Place("security: {tirith_timeout: 0.2}");
        open.Install(script);
        var approvals = new ScriptedApprovals();
        await Assert.That((await open.CheckAsync("echo hi", approvals)).IsAllowed).IsTrue();
        await Assert.That(approvals.Asked).IsNull();

        using var closed = new Place("security: {tirith_timeout: 0.2, tirith_fail_open: false}");
        closed.Install(script);
        await closed.CheckAsync("echo hi", approvals);
        await Assert.That(approvals.Asked!.PatternKeys).IsEquivalentTo(["tirith:unavailable"]);
        await Assert.That(approvals.Asked.Description).IsEqualTo($"Security scan: the command could not be checked by tirith: {reason}");
    }

    [Test]
    [Arguments("", false)]
    [Arguments("security: {tirith_fail_open: false}", true)]
    [Arguments("security: {tirith_path: /nowhere/tirith}", false)]
    [Arguments("security: {tirith_path: /nowhere/tirith, tirith_fail_open: false}", true)]
    [Arguments("security: {tirith_fail_open: false, tirith_enabled: false}", false)]
    public async Task A_scanner_that_is_not_there_counts_as_one_that_fails(string config, bool asks)
    {
        using var place = new Place(config);
        var approvals = new ScriptedApprovals();
        await place.CheckAsync("echo hi", approvals);
        await Assert.That(approvals.Asked is not null).IsEqualTo(asks);
    }

    [Test]
    public async Task A_file_that_is_no_program_fails_too_and_is_looked_for_again()
    {
        using var place = new Place("security: {tirith_fail_open: false}");
        File.WriteAllText(place.At("tirith"), "\u0001\u0002");
        File.SetUnixFileMode(place.At("tirith"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var approvals = new ScriptedApprovals();
        await place.CheckAsync("echo hi", approvals);
        await Assert.That(approvals.Asked!.Description).StartsWith($"Security scan: the command could not be checked by tirith: {place.At("tirith")} cannot be started: ");
        File.Delete(place.At("tirith"));
        place.Install("exit 0");
        approvals = new ScriptedApprovals();
        await Assert.That((await place.CheckAsync("echo hi", approvals)).IsAllowed).IsTrue();
        await Assert.That(approvals.Asked).IsNull();
    }

    [Test]
    public async Task The_search_path_is_looked_through_once()
    {
        using var place = new Place();
        var approvals = new ScriptedApprovals();
        await place.CheckAsync("echo hi", approvals);
        place.Install("exit 1");
        await place.CheckAsync("echo hi", approvals);
        await Assert.That(approvals.Asked).IsNull();
    }

    [Test]
    [Arguments("home/bin/tirith", "", "", true)]
    [Arguments("other/scan", "security: {tirith_path: $root/other/scan}", "", true)]
    [Arguments("other/scan", "security: {tirith_path: ~/other/scan}", "", true)]
    [Arguments("path/scan", "security: {tirith_path: scan}", "", true)]
    [Arguments("other/scan", "security: {tirith_path: /nowhere}", "TIRITH_BIN=$root/other/scan", true)]
    [Arguments("work/scan", "security: {tirith_path: ./scan}", "", false)]
    [Arguments("home/bin/scan", "security: {tirith_path: scan}", "", false)]
    [Arguments("path/tirith", "security: {tirith_enabled: false}", "", false)]
    [Arguments("path/tirith", "security: {tirith_enabled: false}", "TIRITH_ENABLED=1", true)]
    [Arguments("path/tirith", "", "TIRITH_ENABLED=0", false)]
    [Arguments("path/tirith", "", "TIRITH_ENABLED=perhaps", true)]
    [Arguments("nothing", "", "TIRITH_FAIL_OPEN=false", true)]
    [Arguments("nothing", "security: {tirith_fail_open: false}", "TIRITH_FAIL_OPEN=true", false)]
    public async Task Configuration_says_whether_and_where_and_variables_win(string program, string config, string variable, bool asks)
    {
        using var place = new Place(config, variable);
        place.Install("exit 1", program);
        var approvals = new ScriptedApprovals();
        await place.CheckAsync("echo hi", approvals);
        await Assert.That(approvals.Asked is not null).IsEqualTo(asks);
    }

    [Test]
    [Arguments("", "", 5)]
    [Arguments("security: {tirith_timeout: 9}", "", 9)]
    [Arguments("security: {tirith_timeout: 9}", "TIRITH_TIMEOUT=2", 2)]
    [Arguments("security: {tirith_timeout: 0}", "TIRITH_TIMEOUT=soon", 5)]
    [Arguments("security: {tirith_timeout: 1.0e300}", "", 3600)]
    public async Task Its_time_can_be_set(string config, string variable, double seconds)
    {
        using var place = new Place(config, variable);
        await Assert.That(place.Settings.Timeout).IsEqualTo(TimeSpan.FromSeconds(seconds));
    }

    [Test]
    public async Task It_is_not_asked_about_what_is_decided_already()
    {
        using var place = new Place();
        place.Install("echo > seen; exit 1");
        await Assert.That((await place.CheckAsync("false && rm -rf /")).Refusal).StartsWith("BLOCKED (hardline)");
        await Assert.That((await place.CheckAsync("echo hi", new ScriptedApprovals { AllowsEverything = true })).IsAllowed).IsTrue();
        await Assert.That(place.Seen).IsNull();
    }

    [Test]
    public async Task A_model_that_judges_first_hears_what_was_found()
    {
        using var place = new Place();
        place.Install($"cat <<'END'\n{Findings}\nEND\nexit 1");
        var approvals = new ScriptedApprovals { AsksModelFirst = true };
        var judge = new Judge("APPROVE");
        await Assert.That((await place.CheckAsync("echo hi", approvals, judge)).IsAllowed).IsTrue();
        await Assert.That(judge.Asked!.Text).Contains(Described);
        await Assert.That(approvals.Granted).IsEquivalentTo(["tirith:non_ascii_hostname", "tirith:curl_pipe_shell"]);
    }

    [Test]
    [Arguments("", false)]
    [Arguments(", tirith_fail_open: false", true)]
    public async Task A_scanner_that_stays_silent_is_left_alone_for_a_while(string more, bool asks)
    {
        using var place = new Place($"security: {{tirith_timeout: 0.2{more}}}");
        place.Install("echo x >> seen; exec sleep 60");
        for (int i = 0; i < 5; i++)
        {
            var approvals = new ScriptedApprovals();
            await place.CheckAsync("echo hi", approvals);
            await Assert.That(approvals.Asked is not null).IsEqualTo(asks);
            if (asks)
            {
                await Assert.That(approvals.Asked!.Description).EndsWith(i < TirithPause.MostSilences ? "it did not answer within 0.2 s" : "it did not answer 3 times in a row and is left alone for 5 minutes");
                await Assert.That(approvals.Asked.PatternKeys).IsEquivalentTo(["tirith:unavailable"]);
            }
        }

        await Assert.That(place.Seen).IsEqualTo("x\nx\nx\n");

        // After the pause one silence is enough for the next.
        place.Time.Advance(TirithPause.Length);
        for (int i = 0; i < 2; i++) await place.CheckAsync("echo hi");
        await Assert.That(place.Seen).IsEqualTo("x\nx\nx\nx\n");

        // An answer counts from the beginning again.
        place.Time.Advance(TirithPause.Length);
        File.WriteAllText(Path.Combine(place.Work, "check"), "echo y >> seen; exit 0\n");
        await place.CheckAsync("echo hi");
        File.WriteAllText(Path.Combine(place.Work, "check"), "echo x >> seen; exec sleep 60\n");
        for (int i = 0; i < 3; i++) await place.CheckAsync("echo hi");
        await Assert.That(place.Seen).IsEqualTo("x\nx\nx\nx\ny\nx\nx\nx\n");

        // Who gives it more time wants it asked.
        File.WriteAllText(place.Config, $"security: {{tirith_timeout: 0.3{more}}}");
        await place.CheckAsync("echo hi");
        await Assert.That(place.Seen).EndsWith("y\nx\nx\nx\nx\n");
    }

    [Test]
    public async Task Other_failures_and_interruptions_pause_nothing()
    {
        using var place = new Place("security: {tirith_timeout: 60}");
        place.Install("echo x >> seen; exit 7");
        for (int i = 0; i < 5; i++) await place.CheckAsync("echo hi");
        await Assert.That(place.Seen!.Length).IsEqualTo(10);
    }

    [Test]
    public async Task An_interruption_ends_the_scan()
    {
        using var place = new Place();
        place.Install("echo > seen; exec sleep 60");
        using var interrupt = new CancellationTokenSource();
        var check = place.CheckAsync("echo hi", cancellation: interrupt.Token);
        await Shared.Waiting.UntilAsync(() => place.Seen, seen => seen is not null, "the scanner to run");
        await interrupt.CancelAsync();
        await Assert.That(async () => await check).Throws<OperationCanceledException>();
    }

    /// <summary>A machine with a search path, a Hermes home and a working directory of its own.</summary>
    private sealed class Place : IDisposable
    {
        private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("gateway-scan-");
        private readonly ChildProcesses _children = new();
        private readonly GatewayEnvironment _environment;
        private readonly ConfigFile _config;
        private readonly ApprovalGate _gate;

        public Place(string config = "", string variable = "")
        {
            foreach (string folder in (string[])["path", "home/bin", "work", "other"]) _root.CreateSubdirectory(folder);
            string home = Path.Combine(_root.FullName, "home");
            File.WriteAllText(Path.Combine(home, "config.yaml"), config.Replace("$root", _root.FullName, StringComparison.Ordinal));
            var variables = new Dictionary<string, string> { ["PATH"] = Path.Combine(_root.FullName, "path") + ":/usr/bin:/bin", ["HERMES_HOME"] = home, ["OPENAI_API_KEY"] = "secret" };
            if (variable.Length > 0) variables[variable.Split('=')[0]] = variable.Split('=')[1].Replace("$root", _root.FullName, StringComparison.Ordinal);
            _environment = new GatewayEnvironment(variables, Work, _root.FullName);
            _config = new ConfigFile(Path.Combine(home, "config.yaml"));
            _gate = new ApprovalGate(new DangerousCommands(), new TirithScanner(_environment, _config, _children, Time));
        }

        /// <summary>The clock for pauses; what the scanner takes is real time.</summary>
        public ManualTime Time { get; } = new();

        public string Work => Path.Combine(_root.FullName, "work");

        public string Config => Path.Combine(_root.FullName, "home", "config.yaml");

        public TirithSettings Settings => TirithSettings.Read(_environment, _config.Read().Root);

        public string At(string name) => Path.Combine(_root.FullName, "path", name);

        /// <summary>What the scanner left behind; null: it did not run.</summary>
        public string? Seen => File.Exists(Path.Combine(Work, "seen")) ? File.ReadAllText(Path.Combine(Work, "seen")) : null;

        /// <summary>Makes a script the scanner. The shell itself stands in its place and runs the file that its first argument names, since
        /// a file that was written just now cannot be started while another test starts a child.</summary>
        public void Install(string script, string program = "path/tirith")
        {
            File.WriteAllText(Path.Combine(Work, "check"), script + "\n", new UTF8Encoding(false));
            File.CreateSymbolicLink(Path.Combine(_root.FullName, program), "/bin/sh");
        }

        public Task<ApprovalDecision> CheckAsync(string command, IApprovals? approvals = null, IAuxiliaryModel? model = null, CancellationToken cancellation = default) =>
            _gate.CheckAsync(new JudgedCommand(command), approvals ?? new ScriptedApprovals(), model, cancellation);

        public void Dispose()
        {
            _children.KillAll();
            _root.Delete(recursive: true);
        }
    }
}
