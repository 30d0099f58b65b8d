using System.Diagnostics;
using Gateway.Tests.Shared;
using ModelServer.Script;

namespace Gateway.ProcessTests;

/// <summary>The home as the published file makes it and finds it.</summary>
public class HomeTests
{
    private const string Answers = """{"fallback":{"steps":[{"text":"answer to {{last_user_text}}"}]}}""";

    [Test]
    [Arguments("022")]
    [Arguments("000")]
    public async Task A_new_home_is_its_owners_alone(string umask)
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(Answers));
        string home = Path.Combine(stage.Home, "new", ".hermes");
        string variables = $"HERMES_HOME='{home}' OPENAI_API_KEY=test-key-1234567890 HERMES_TUI_PROVIDER=custom CUSTOM_BASE_URL='{stage.Model!.Url}/v1' OPENAI_BASE_URL='{stage.Model.Url}/v1' HERMES_MODEL=test-model";
        await using (var gateway = GatewayProcess.StartInShell(stage, $"umask {umask}; {variables} exec '{GatewayProcess.Binary}'"))
        {
            await TalkAsync(gateway, "hello");
            gateway.CloseInput();
            await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
        }

        string[] found = Directory.GetFileSystemEntries(home, "*", SearchOption.AllDirectories);
        await Assert.That(found).Contains(Path.Combine(home, "state.db"));
        await Assert.That(found.Append(home).Where(path => (File.GetUnixFileMode(path) & (UnixFileMode)0x3F) != 0)).IsEmpty();
    }

    [Test]
    [Arguments("pipe", ".env", "it is a pipe")]
    [Arguments("pipe", "auth.json", "it is a pipe")]
    [Arguments("pipe", "SOUL.md", "it is a pipe")]
    [Arguments("pipe", "gateway_turns.lock", "it is a pipe")]
    [Arguments("pipe", "logs/tui_gateway_crash.log", "it is a pipe")]
    [Arguments("pipe", "memories/MEMORY.md", "it is a pipe")]
    [Arguments("pipe", "skills/one/SKILL.md", "it is a pipe")]
    [Arguments("zero", ".env", "it is a device")]
    [Arguments("zero", "auth.json", "it is a device")]
    [Arguments("zero", "SOUL.md", "it is a device")]
    public async Task A_turn_works_without_what_is_no_file(string kind, string name, string reason)
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(Answers));
        Put(kind, Path.Combine(stage.Home, name));
        await using var gateway = GatewayProcess.Start(stage);
        await TalkAsync(gateway, "hello");
        await Facts.UntilAsync(() => gateway.ErrorLines.Count(line => line.Contains(Path.Combine(stage.Home, name)) && line.Contains(reason)), count => count > 0, "the word about it");
        gateway.CloseInput();
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
    }

    [Test]
    [Arguments("pipe")]
    [Arguments("zero")]
    public async Task A_configuration_that_is_no_file_is_named_and_the_turn_works(string kind)
    {
        await using var stage = await Stage.SetAsync(
            ModelScript.Parse(Answers), environment: ["OPENAI_API_KEY=test-key-1234567890", "HERMES_MODEL=test-model", "HERMES_TUI_PROVIDER=custom"]);
        string path = Path.Combine(stage.Home, "config.yaml"), url = stage.Model!.Url + "/v1";
        File.Delete(path);
        Put(kind, path);
        await using var gateway = GatewayProcess.StartInShell(stage, $"OPENAI_BASE_URL='{url}' CUSTOM_BASE_URL='{url}' exec '{GatewayProcess.Binary}'");
        var created = await TalkAsync(gateway, "hello");
        await Assert.That(created).Contains(path).And.Contains("not a regular file");
        var (status, output, _) = Facts.Run(GatewayProcess.Binary, stage, "doctor");
        await Assert.That(output).Contains($"{path} is not used: it is a");
        await Assert.That(status).IsEqualTo(1);
    }

    [Test]
    public async Task The_doctor_finds_a_home_that_others_can_read()
    {
        await using var stage = await Stage.SetAsync();
        await Assert.That(Facts.Run(GatewayProcess.Binary, stage, "doctor").Output).Contains($"ok       home     {stage.Home}, mode 0700");
        File.SetUnixFileMode(stage.Home, (UnixFileMode)0x1ED);
        File.SetUnixFileMode(Path.Combine(stage.Home, "config.yaml"), (UnixFileMode)0x1A4);
        var (status, output, _) = Facts.Run(GatewayProcess.Binary, stage, "doctor");
        await Assert.That(status).IsEqualTo(1);
        await Assert.That(output).Contains($"chmod 700 {stage.Home}\n").And.Contains($"chmod 600 {stage.Home}/config.yaml\n");
        await Assert.That(File.GetUnixFileMode(stage.Home)).IsEqualTo((UnixFileMode)0x1ED);
    }

    private static async Task<string> TalkAsync(GatewayProcess gateway, string text)
    {
        string session = await EndingTests.CreateSession(gateway);
        await gateway.AskAsync(100, "prompt.submit", $$"""{"session_id":"{{session}}","text":"{{text}}"}""");
        await Facts.UntilAsync(() => gateway.Conversation.Frames.Count(frame => frame.ToString().Contains($"answer to {text}") && EndingTests.IsEvent(frame, "message.complete")), count => count > 0, "the answer");
        return string.Join('\n', gateway.Conversation.Frames.Select(frame => frame.ToString()));
    }

    private static void Put(string kind, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (kind == "pipe") Process.Start("mkfifo", path).WaitForExit();
        else File.CreateSymbolicLink(path, "/dev/zero");
    }
}
