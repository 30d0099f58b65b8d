using System.Text.Json;
using Gateway.Protocol;
using Gateway.Rpc.Methods;
using Gateway.Tests.Shared;

namespace Gateway.Tests.RepoRules;

/// <summary>PROTOCOL.md is generated from the method table; <c>UPDATE_GOLDEN=1</c> renews it.</summary>
public class ProtocolDocumentTests
{
    // The method names of the contract; the table must know each, if only to say that it is missing.
    private const string ContractMethods = """
        session.create session.list session.most_recent session.resume session.title session.usage session.history session.undo
        session.compress session.save session.close session.branch session.interrupt delegation.status delegation.pause
        subagent.interrupt spawn_tree.save spawn_tree.list spawn_tree.load session.steer terminal.resize prompt.submit
        clipboard.paste image.attach input.detect_drop prompt.background clarify.respond sudo.respond secret.respond
        approval.respond config.set config.get setup.status process.stop reload.mcp commands.catalog cli.exec command.resolve
        command.dispatch paste.collapse complete.path complete.slash model.options slash.exec voice.toggle voice.record voice.tts
        insights.get rollback.list rollback.restore rollback.diff browser.manage plugins.list config.show tools.list tools.show
        tools.configure toolsets.list agents.list cron.manage skills.manage shell.exec
        """;

    [Test]
    public async Task The_table_knows_every_method_of_the_contract()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = new GatewayHarness(stage);
        string[] contract = ContractMethods.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        await Assert.That(contract.Length).IsEqualTo(62);
        await Assert.That(contract.Where(method => gateway.Table.Find(method) is null)).IsEmpty();
    }

    [Test]
    public async Task The_document_is_what_the_table_says()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = new GatewayHarness(stage);
        string path = Path.Combine(Stage.RepositoryRoot, "PROTOCOL.md");
        string expected = ProtocolDocument.Write(gateway.Table, NotYetMethods.Names);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1") await File.WriteAllTextAsync(path, expected);
        await Assert.That(await File.ReadAllTextAsync(path)).IsEqualTo(expected);
    }

    [Test]
    public async Task Every_method_answers_exactly_once()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = new GatewayHarness(stage);
        foreach (var route in gateway.Table.Routes)
        {
            string id = JsonSerializer.Serialize(route.Method, TestJson.Default.String);
            gateway.Send($$$"""{"id":{{{id}}},"method":{{{id}}},"params":{}}""");
        }

        foreach (var route in gateway.Table.Routes)
            await gateway.Conversation.WaitForAsync(0, frame => IsReply(frame, route.Method), $"the reply of {route.Method}");
        foreach (var route in gateway.Table.Routes)
            await Assert.That(gateway.Conversation.Frames.Count(frame => IsReply(frame, route.Method))).IsEqualTo(1);
    }

    [Test]
    public async Task Error_codes_keep_their_values()
    {
        string codes = string.Join(' ', Enum.GetValues<ErrorCode>().Order().Select(code => $"{code}={(int)code}"));
        await Assert.That(codes).IsEqualTo(
            "ParseError=-32700 InternalError=-32603 InvalidParams=-32602 MethodNotFound=-32601 InvalidRequest=-32600 Overloaded=-32001 "
            + "ParameterRequired=4000 SessionNotFound=4001 BadInput=4002 EmptyInput=4004 CommandBlocked=4005 SessionIdRequired=4006 StoredSessionNotFound=4007 NothingToBranch=4008 SessionBusy=4009 TextRequired=4012 UnknownVoiceAction=4013 "
            + "VoiceModeOff=4014 UnknownCronAction=4016 UnknownToolAction=4017 ToolNamesRequired=4018 TitleRequired=4021 TitleRefused=4022 PathOutsideRoot=4030 StateUnavailable=5000 ShellTimeout=5002 ShellFailed=5003 CompressionFailed=5005 SessionListFailed=5006 TitleFailed=5007 BranchFailed=5008 SessionSaveFailed=5011 InsightsFailed=5017 CatalogFailed=5020 PathCompletionFailed=5021 CronFailed=5023 ToolsFailed=5035");
    }

    private static bool IsReply(JsonElement frame, string id) =>
        frame.TryGetProperty("id", out var value) && value.ValueKind == JsonValueKind.String && value.GetString() == id;
}
