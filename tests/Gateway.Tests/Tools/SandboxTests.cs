using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Gateway.Processes;
using Gateway.Tools;
using Gateway.Tools.Sandbox;

namespace Gateway.Tests.ToolsTests;

/// <summary>Confined commands, with each mechanism that this machine has.</summary>
[NotInParallel("children")]
public class SandboxTests
{
    private const string Config = "terminal: {sandbox: workspace}";

    private static string Cache => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "tui-gateway-tests");

    [Test]
    [Arguments(true)]
    [Arguments(false)]
    public async Task The_workspace_and_temporary_files_can_be_written_and_nothing_else(bool bubblewrap)
    {
        using var stage = await SetAsync(bubblewrap);
        string home = Path.GetDirectoryName(stage.Work)!;
        await Assert.That((int)(await RunAsync(stage, "echo a > inside && mkdir d && mv inside d/ && echo b > \"$TMPDIR/t\""))["exit_code"]!).IsEqualTo(0);
        await Assert.That(stage.Get("d/inside")).IsEqualTo("a\n");
        await Assert.That((string?)(await RunAsync(stage, "cat \"$TMPDIR/t\""))["output"]).IsEqualTo("b");

        var refused = await RunAsync(stage, $"echo a > {home}/outside");
        await Assert.That((int)refused["exit_code"]!).IsNotEqualTo(0);
        await Assert.That((string?)refused["output"]).Contains("outside_sandbox=true");
        await Assert.That(File.Exists(Path.Combine(home, "outside"))).IsFalse();
        File.WriteAllText(Path.Combine(home, "kept"), "kept");
        foreach (string attempt in (string[])["rm -f KEPT", ": > KEPT", "mv KEPT .", "ln KEPT d/link && echo x > d/link", "truncate -s 0 KEPT"])
            _ = await RunAsync(stage, attempt.Replace("KEPT", $"{home}/kept", StringComparison.Ordinal));
        await Assert.That(await File.ReadAllTextAsync(Path.Combine(home, "kept"))).IsEqualTo("kept");
    }

    [Test]
    [Arguments(true)]
    [Arguments(false)]
    public async Task The_kernels_settings_cannot_be_written_even_by_root(bool bubblewrap)
    {
        using var stage = await SetAsync(bubblewrap, approvals: new ScriptedApprovals { AllowsEverything = true });

        // Opened for writing, but nothing is written.
        foreach (string file in (string[])["/proc/sys/kernel/core_pattern", "/proc/sys/vm/swappiness", "/sys/kernel/uevent_helper", "/sys/kernel/profiling"])
            await Assert.That((int)(await RunAsync(stage, $"test ! -e {file} || {{ : >> {file}; }}"))["exit_code"]! != 0 || !File.Exists(file)).IsTrue().Because(file);
    }

    [Test]
    [Arguments(true)]
    [Arguments(false)]
    public async Task Secrets_cannot_be_read(bool bubblewrap)
    {
        using var stage = await SetAsync(bubblewrap);
        string home = Path.GetDirectoryName(stage.Work)!;
        Directory.CreateDirectory(Path.Combine(home, ".ssh"));
        string[] secrets = [Path.Combine(home, ".ssh", "id"), Path.Combine(home, ".netrc"), Path.Combine(stage.Home, ".env"), Path.Combine(stage.Home, "auth.json")];
        foreach (string secret in secrets) await File.WriteAllTextAsync(secret, "walrus");
        foreach (string file in secrets.Append(Path.Combine(stage.Home, "config.yaml")).Append($"/proc/{System.Environment.ProcessId}/environ"))
        {
            var result = await RunAsync(stage, $"cat {file} | tr '\\0' ' '; ln {file} here && cat here");
            await Assert.That((string?)result["output"]).DoesNotContain("walrus").Because(file);
            await Assert.That((string?)result["output"]).DoesNotContain("HERMES_HOME=").Because(file);
            await Assert.That((string?)result["output"]).DoesNotContain("sandbox: workspace").Because(file);
            await Assert.That((int)result["exit_code"]!).IsNotEqualTo(0).Because(file);
        }
    }

    [Test]
    [Arguments(true, true)]
    [Arguments(true, false)]
    [Arguments(false, true)]
    [Arguments(false, false)]
    public async Task The_network_is_as_configured(bool bubblewrap, bool hasNetwork)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var stage = await SetAsync(bubblewrap, $"terminal: {{sandbox: workspace, sandbox_network: {(hasNetwork ? "on" : "off")}}}", new ScriptedApprovals { AllowsEverything = true });
        var result = await RunAsync(stage, $"exec 3<>/dev/tcp/127.0.0.1/{port} && echo connected");
        if (hasNetwork) await Assert.That((string?)result["output"]).IsEqualTo("connected");
        else await Assert.That((string?)result["output"]).Contains("There is no network");
        await Assert.That(listener.Pending()).IsEqualTo(hasNetwork);
    }

    [Test]
    [Arguments(true)]
    [Arguments(false)]
    public async Task Leaving_is_asked_about_and_runs_unconfined(bool bubblewrap)
    {
        var approvals = new ScriptedApprovals { AllowsEverything = true, Answer = ApprovalChoice.Deny };
        using var stage = await SetAsync(bubblewrap, approvals: approvals);
        string outside = Path.Combine(Path.GetDirectoryName(stage.Work)!, "outside");
        _ = await RunAsync(stage, "ls() { touch planted; }; export PLANTED=yes; export -f ls");
        var arguments = new JsonObject { ["command"] = $"touch {outside}; ls; echo \"<$PLANTED>\"", ["outside_sandbox"] = true };
        var denied = await stage.CallAsync("terminal", arguments);
        await Assert.That((string?)denied["status"]).IsEqualTo("blocked");
        await Assert.That(File.Exists(outside)).IsFalse();
        await Assert.That(approvals.Asked!.PatternKeys).IsEquivalentTo([SandboxExit.Key]);
        await Assert.That(approvals.Asked.PermanentKeys).IsEmpty();
        approvals.Answer = ApprovalChoice.Once;
        var ran = await stage.CallAsync("terminal", arguments.DeepClone());
        await Assert.That(File.Exists(outside)).IsTrue();

        // What confined commands leave to each other is nothing for an unconfined one.
        await Assert.That((string?)ran["output"]).Contains("<>");
        await Assert.That(File.Exists(stage.At("planted"))).IsFalse();
        await Assert.That((string?)(await RunAsync(stage, "echo $PLANTED"))["output"]).IsEqualTo("yes");
    }

    [Test]
    [Arguments(true)]
    [Arguments(false)]
    public async Task Scripts_background_commands_and_terminals_are_confined_too(bool bubblewrap)
    {
        using var stage = await SetAsync(bubblewrap);
        string outside = Path.Combine(Path.GetDirectoryName(stage.Work)!, "outside");
        if (File.Exists("/usr/bin/python3"))
        {
            var script = await stage.CallAsync("execute_code", new JsonObject { ["code"] = $"open('inside', 'w').write('a')\nopen('{outside}', 'w')" });
            await Assert.That((string?)script["status"]).IsEqualTo("error");
            await Assert.That(stage.Get("inside")).IsEqualTo("a");
        }

        if (ExecutablePath.Find("script", null) is not null)
        {
            var typed = await stage.CallAsync("terminal", new JsonObject { ["command"] = $"tty; touch {outside}", ["pty"] = true });
            await Assert.That((string?)typed["output"]).Contains("/dev/pts/");
        }

        var started = await stage.CallAsync("terminal", new JsonObject { ["command"] = $"touch begun; touch {outside}; touch ended; sleep 600", ["background"] = true });
        await Assert.That(await ProcessesTests.Facts.BecomesTrueAsync(() => File.Exists(stage.At("ended")))).IsTrue();
        await Assert.That(File.Exists(outside)).IsFalse();
        stage.Kit.Background.KillAll();
        int pid = (int)started["pid"]!;
        await Assert.That(await ProcessesTests.Facts.BecomesTrueAsync(() => !ProcessesTests.Facts.IsAlive(pid))).IsTrue();
    }

    private static async Task<ToolStage> SetAsync(bool bubblewrap, string config = Config, IApprovals? approvals = null)
    {
        // Not among temporary files, of which confined commands have their own; the checkout may be there.
        string parent = AppContext.BaseDirectory.StartsWith("/tmp/", StringComparison.Ordinal) ? Cache : AppContext.BaseDirectory;
        var stage = new ToolStage(config, approvals: approvals, root: Path.Combine(parent, "confined", Guid.NewGuid().ToString("N")));
        var sandbox = bubblewrap
            ? new CommandSandbox(stage.Kit.Environment, stage.Children, stage.Kit.Scratch) { LandlockVersion = () => 0 }
            : new CommandSandbox(stage.Kit.Environment, stage.Children, stage.Kit.Scratch) { FindBubblewrap = () => null };
        stage.Kit = stage.Kit with { Sandbox = sandbox };
        string? missing = null;
        try
        {
            _ = await sandbox.EnterAsync(SandboxSettings.Read(stage.Kit.Settings, stage.Kit.Environment), stage.Context, stage.Work);
        }
        catch (ChildStartException failure)
        {
            missing = failure.Reason;
        }

        if (missing is not null) stage.Dispose();
        Skip.When(missing?.Contains("nothing can confine commands", StringComparison.Ordinal) == true, missing ?? "");
        await Assert.That(missing).IsNull();
        return stage;
    }

    private static Task<JsonNode> RunAsync(ToolStage stage, string command) => stage.CallAsync("terminal", new JsonObject { ["command"] = command });
}
