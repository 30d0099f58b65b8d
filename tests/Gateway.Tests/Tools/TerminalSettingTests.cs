using System.Text.Json.Nodes;
using Gateway.Config;
using Gateway.Tests.ConfigTests;
using Gateway.Tools.Terminal;

namespace Gateway.Tests.ToolsTests;

/// <summary>The section terminal of config.yaml and the variables beside it.</summary>
[NotInParallel("children")]
public class TerminalSettingTests
{
    private static string UserHome(ToolStage stage) => Path.GetDirectoryName(stage.Work)!;

    private static async Task<string> OutputAsync(ToolStage stage, string command) =>
        (string)(await stage.CallAsync("terminal", new JsonObject { ["command"] = command }))["output"]!;

    [Test]
    [Arguments("terminal: {backend: docker}", null, "docker")]
    [Arguments("terminal: {env_type: ssh}", null, "ssh")]
    [Arguments("", "modal", "modal")]
    [Arguments("terminal: {backend: lokal}", null, "lokal")]
    [Arguments("terminal: {backend: local}", "docker", null)]
    [Arguments("terminal: {timeout: 5}", "Local", null)]
    [Arguments("", "", null)]
    public async Task Whoever_wants_another_place_for_commands_gets_none_here(string config, string? variable, string? named)
    {
        using var stage = new ToolStage(config, variable is null ? null : new() { ["TERMINAL_ENV"] = variable });
        stage.Put("a.txt", "text");
        var terminal = await stage.CallAsync("terminal", """{"command":"echo here"}""");
        var read = await stage.CallAsync("read_file", """{"path":"a.txt"}""");
        var todo = await stage.CallAsync("todo", "{}");
        if (named is null)
        {
            await Assert.That((string)terminal["output"]!).IsEqualTo("here");
            await Assert.That(read["error"]).IsNull();
        }
        else
        {
            await Assert.That((string)terminal["status"]!).IsEqualTo("disabled");
            await Assert.That((string)terminal["error"]!).StartsWith($"terminal.backend is '{named}', but this gateway can run commands");
            foreach (string tool in (string[])["process", "read_file", "write_file", "patch", "search_files"])
                await Assert.That((string)(await stage.CallAsync(tool, "{}"))["error"]!).IsEqualTo((string)terminal["error"]!);
        }

        await Assert.That(todo["error"]).IsNull();
    }

    [Test]
    public async Task The_first_shell_sources_the_users_files()
    {
        using var stage = new ToolStage();
        File.WriteAllText(Path.Combine(UserHome(stage), ".bash_profile"), "export A=profile\n");
        File.WriteAllText(Path.Combine(UserHome(stage), ".bashrc"), "export B=bashrc OPENAI_API_KEY=never\ngreet() { echo hello; }\nset -- other\n");
        await Assert.That(await OutputAsync(stage, "echo $A $B [$OPENAI_API_KEY]; greet")).IsEqualTo("profile bashrc []\nhello");

        using var without = new ToolStage("terminal: {auto_source_bashrc: false}");
        File.WriteAllText(Path.Combine(UserHome(without), ".bashrc"), "export B=bashrc\n");
        await Assert.That(await OutputAsync(without, "echo [$B]")).IsEqualTo("[]");

        using var own = new ToolStage("terminal: {shell_init_files: ['~/my init', /no/such]}");
        File.WriteAllText(Path.Combine(UserHome(own), "my init"), "export C=mine\n");
        File.WriteAllText(Path.Combine(UserHome(own), ".bashrc"), "export B=bashrc\n");
        await Assert.That(await OutputAsync(own, "echo $C [$B]")).IsEqualTo("mine []");
    }

    [Test]
    [Arguments("exit 3")]
    [Arguments("exec cat")]
    [Arguments("kill -KILL $$")]
    [Arguments("PATH=/no/such")]
    [Arguments("syntax ( error")]
    public async Task A_file_that_ends_the_shell_costs_only_what_it_would_have_set(string line)
    {
        using var stage = new ToolStage();
        File.WriteAllText(Path.Combine(UserHome(stage), ".bash_profile"), "export A=profile\n");
        File.WriteAllText(Path.Combine(UserHome(stage), ".bashrc"), line + "\n");
        await Assert.That(await OutputAsync(stage, "echo $A")).IsEqualTo("profile");
    }

    [Test]
    public async Task Sessions_start_where_the_configuration_says()
    {
        using var stage = new ToolStage();
        var environment = new GatewayEnvironment(new Dictionary<string, string> { ["TERMINAL_CWD"] = stage.Home, ["HOME"] = UserHome(stage), ["NAME"] = "work" }, "/", UserHome(stage));
        string Folder(string config) => TerminalFolder.Of(ConfigTestHome.Parse(config), environment);
        await Assert.That(Folder("")).IsEqualTo(stage.Home);
        await Assert.That(Folder("terminal: {cwd: .}")).IsEqualTo(stage.Home);
        await Assert.That(Folder("terminal: {cwd: auto}")).IsEqualTo(stage.Home);
        await Assert.That(Folder("terminal: {cwd: /no/such}")).IsEqualTo(stage.Home);
        await Assert.That(Folder("terminal: {cwd: 5}")).IsEqualTo(stage.Home);
        await Assert.That(Folder($"terminal: {{cwd: {stage.Work}/}}")).IsEqualTo(stage.Work);
        await Assert.That(Folder("terminal: {cwd: ~/work}")).IsEqualTo(stage.Work);
        await Assert.That(Folder("terminal: {cwd: '~/${NAME}'}")).IsEqualTo(stage.Work);
    }

    [Test]
    [Arguments("", null, true)]
    [Arguments("security: {redact_secrets: false}", null, false)]
    [Arguments("security: {redact_secrets: false}", "true", true)]
    [Arguments("security: {redact_secrets: true}", "0", false)]
    [Arguments("security: {redact_secrets: false}", "perhaps", false)]
    public async Task The_variable_decides_about_masking_before_the_file(string config, string? variable, bool redacts)
    {
        var variables = new Dictionary<string, string>();
        if (variable is not null) variables["HERMES_REDACT_SECRETS"] = variable;
        await Assert.That(SecretSettings.Redacts(ConfigTestHome.Parse(config), new GatewayEnvironment(variables, "/", "/no/such"))).IsEqualTo(redacts);
    }

    [Test]
    [Arguments("0", 0)]
    [Arguments("-5", -5)]
    [Arguments("30", 30)]
    [Arguments("soon", 300)]
    public async Task No_time_for_an_approval_is_a_setting_too(string value, int seconds) =>
        await Assert.That(AgentSettingsReader.Read(ConfigTestHome.Parse($"approvals: {{gateway_timeout: {value}}}"), new GatewayEnvironment(new Dictionary<string, string>(), "/", "/no/such")).ApprovalTimeoutSeconds).IsEqualTo(seconds);

    [Test]
    public async Task Settings_of_tools_have_their_variables_put_in()
    {
        using var stage = new ToolStage("terminal: {sudo_password: '${PASS}', cwd: '${UNKNOWN}'}", new() { ["PASS"] = "p" });
        await Assert.That(stage.Kit.Settings.Find("terminal", "sudo_password").AsText()).IsEqualTo("p");
        await Assert.That(stage.Kit.Settings.Find("terminal", "cwd").AsText()).IsEqualTo("${UNKNOWN}");
    }

    [Test]
    public async Task The_folder_for_scratch_files_is_private_or_made_anew()
    {
        string runtime = Directory.CreateTempSubdirectory("gateway-runtime-").FullName;
        using (var scratch = new ScratchFolder(runtime))
        {
            string first = Path.GetDirectoryName(scratch.NewName("a"))!;
            await Assert.That(Path.GetDirectoryName(first)).IsEqualTo(runtime);
            await Assert.That(Path.GetDirectoryName(scratch.NewName("b"))).IsEqualTo(first);

            File.SetUnixFileMode(first, (UnixFileMode)Convert.ToInt32("755", 8));
            string second = Path.GetDirectoryName(scratch.NewName("c"))!;
            await Assert.That(second).IsNotEqualTo(first);
            Directory.Delete(second);
            string third = Path.GetDirectoryName(scratch.NewName("d"))!;
            await Assert.That(Directory.Exists(third)).IsTrue();
            Directory.Delete(third);
            File.CreateSymbolicLink(third, runtime);
            string fourth = Path.GetDirectoryName(scratch.NewName("e"))!;
            await Assert.That(fourth).IsNotEqualTo(third);
        }

        File.SetUnixFileMode(runtime, (UnixFileMode)Convert.ToInt32("750", 8));
        using (var shared = new ScratchFolder(runtime)) await Assert.That(shared.NewName("a")).DoesNotStartWith(runtime);
        using (var relative = new ScratchFolder("run")) await Assert.That(relative.NewName("a")).StartsWith("/");
        Directory.Delete(runtime, recursive: true);
    }
}
