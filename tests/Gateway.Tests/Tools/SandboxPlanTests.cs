using Gateway.Processes;
using Gateway.Tools;
using Gateway.Tools.Sandbox;

namespace Gateway.Tests.ToolsTests;

/// <summary>What a confined command may do, and the arguments of each mechanism for it; nothing is started.</summary>
public class SandboxPlanTests
{
    [Test]
    [Arguments("", false, true, false)]
    [Arguments("terminal: {sandbox: off}", false, true, false)]
    [Arguments("terminal: {sandbox: workspace}", true, true, false)]
    [Arguments("terminal: {sandbox: Workspace, sandbox_network: off}", true, false, false)]
    [Arguments("terminal: {sandbox: on, sandbox_network: 'on'}", true, true, false)]
    [Arguments("terminal: {sandbox: strict}", true, true, true)]
    [Arguments("terminal: {sandbox: [a]}", true, true, true)]
    [Arguments("terminal: {sandbox: workspace, sandbox_network: some}", true, true, true)]
    [Arguments("terminal: {sandbox: workspace, sandbox_writable: [build]}", true, true, true)]
    [Arguments("terminal: {sandbox: workspace, sandbox_writable: /x}", true, true, true)]
    public async Task Settings(string config, bool isOn, bool hasNetwork, bool isWrong)
    {
        using var stage = new ToolStage(config);
        var settings = SandboxSettings.Read(stage.Kit.Settings, stage.Kit.Environment);
        await Assert.That((settings.IsOn, settings.HasNetwork, settings.Problem is not null)).IsEqualTo((isOn, hasNetwork, isWrong));
    }

    [Test]
    public async Task The_workspace_and_configured_folders_are_writable_but_no_home()
    {
        using var stage = new ToolStage("terminal: {sandbox: workspace, sandbox_writable: [~/cache, ~/missing]}");
        string home = Path.GetDirectoryName(stage.Work)!;
        Directory.CreateDirectory(Path.Combine(home, "cache"));
        Directory.CreateDirectory(Path.Combine(stage.Home, "plugins"));
        await Assert.That(Plan(stage, stage.Work).Writable).IsEquivalentTo([stage.Work, Path.Combine(home, "cache")]);
        foreach (string folder in (string[])["/", home, Path.GetDirectoryName(home)!, stage.Home, Path.Combine(stage.Home, "plugins")])
            await Assert.That(Plan(stage, folder).Writable).IsEquivalentTo([Path.Combine(home, "cache")]).Because(folder);
    }

    [Test]
    public async Task Secrets_that_exist_are_hidden_by_both_mechanisms()
    {
        using var stage = new ToolStage("terminal: {sandbox: workspace}");
        string home = Path.GetDirectoryName(stage.Work)!;
        string keys = Directory.CreateDirectory(Path.Combine(home, ".ssh")).FullName, login = Path.Combine(home, ".netrc"), plain = Path.Combine(home, "notes");
        string skills = Directory.CreateDirectory(Path.Combine(stage.Home, "skills")).FullName;
        File.WriteAllText(login, "");
        File.WriteAllText(plain, "");
        var plan = Plan(stage, stage.Work);
        await Assert.That(plan.Secrets).IsEquivalentTo([keys, login]);
        string arguments = string.Join(' ', Bubblewrap.Arguments(plan));
        await Assert.That(arguments).Contains($"--bind {stage.Work} {stage.Work} ");
        await Assert.That(arguments).Contains($"--tmpfs {keys} --remount-ro {keys}");
        await Assert.That(arguments).Contains($"--ro-bind /dev/null {login}");
        await Assert.That(arguments).Contains($"--tmpfs {stage.Home} --ro-bind {skills} {skills}");
        await Assert.That(arguments).DoesNotContain("--unshare-net");

        var grants = LandlockRules.Grants(plan);
        foreach (string hidden in (string[])[keys, login, stage.Home, Path.Combine(stage.Home, "config.yaml")])
            await Assert.That(grants.Where(grant => SandboxPlan.IsWithin(hidden, grant.Path))).IsEmpty().Because(hidden);
        await Assert.That(grants).Contains(new PathGrant(plain, Writes: false));
        await Assert.That(grants).Contains(new PathGrant(skills, Writes: false));
        await Assert.That(grants).Contains(new PathGrant(stage.Work, Writes: true));
        await Assert.That(grants.Where(grant => grant.Writes && SandboxPlan.IsWithin(plain, grant.Path))).IsEmpty();
        await Assert.That((plan.Shows(keys), plan.Shows(stage.Home + "/logs"), plan.Shows(skills), plan.Shows("/usr"))).IsEqualTo((false, false, true, true));
    }

    [Test]
    public async Task Landlock_says_that_it_cannot_hide_what_lies_in_a_writable_folder()
    {
        using var stage = new ToolStage("terminal: {sandbox: workspace, sandbox_writable: ['~']}");
        Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(stage.Work)!, ".ssh"));
        var plan = Plan(stage, stage.Work);
        var failure = await Assert.That(() => LandlockRules.Grants(plan)).Throws<ChildStartException>();
        await Assert.That(failure!.Message).Contains("Landlock cannot hide");
    }

    [Test]
    public async Task Where_nothing_can_confine_the_command_is_refused_and_told_why()
    {
        using var stage = new ToolStage("terminal: {sandbox: workspace}");
        stage.Kit = stage.Kit with { Sandbox = new CommandSandbox(stage.Kit.Environment, stage.Children, stage.Kit.Scratch) { FindBubblewrap = () => null, LandlockVersion = () => 2 } };
        var result = await stage.CallAsync("terminal", """{"command":"touch ran"}""");
        await Assert.That((string?)result["error"]).Contains("bubblewrap is not installed, and Landlock has version 2 here, and 3 is needed");
        await Assert.That((string?)result["error"]).Contains("terminal.sandbox: off");
        await Assert.That(File.Exists(stage.At("ran"))).IsFalse();
        stage.Kit = stage.Kit with { Sandbox = new CommandSandbox(stage.Kit.Environment, stage.Children, stage.Kit.Scratch) { FindBubblewrap = () => "/bin/false", LandlockVersion = () => 0 } };
        await Assert.That((string?)(await stage.CallAsync("terminal", """{"command":"touch ran"}"""))["error"]).Contains("bubblewrap does not work here (exit 1), and Landlock is not in this kernel");
        await Assert.That(File.Exists(stage.At("ran"))).IsFalse();
    }

    [Test]
    public async Task A_wrong_setting_runs_nothing()
    {
        using var stage = new ToolStage("terminal: {sandbox: strict}");
        await Assert.That((string?)(await stage.CallAsync("terminal", """{"command":"touch ran"}"""))["error"]).Contains("terminal.sandbox in config.yaml is 'strict'");
        await Assert.That(File.Exists(stage.At("ran"))).IsFalse();
    }

    [Test]
    public async Task The_tool_speaks_of_the_sandbox_only_where_there_is_one()
    {
        using var off = new ToolStage();
        using var on = new ToolStage("terminal: {sandbox: workspace, sandbox_network: off}");
        var plain = ToolCatalog.BuiltIn(off.Kit).Single(tool => tool.Name == "terminal");
        var confined = ToolCatalog.BuiltIn(on.Kit).Single(tool => tool.Name == "terminal");
        await Assert.That(plain.Description).DoesNotContain("sandbox");
        await Assert.That(confined.Description).Contains("have no network");
        using var schema = System.Text.Json.JsonDocument.Parse(confined.ParametersSchema);
        await Assert.That(schema.RootElement.GetProperty("properties").TryGetProperty("outside_sandbox", out _)).IsTrue();
        using var usual = System.Text.Json.JsonDocument.Parse(plain.ParametersSchema);
        await Assert.That(usual.RootElement.GetProperty("properties").TryGetProperty("outside_sandbox", out _)).IsFalse();
    }

    private static SandboxPlan Plan(ToolStage stage, string workspace) =>
        SandboxPlan.Make(SandboxSettings.Read(stage.Kit.Settings, stage.Kit.Environment), new HiddenPlaces(stage.Kit.Environment), workspace, "/var/empty-of-tests", []);
}
