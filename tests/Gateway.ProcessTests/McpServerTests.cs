using System.Text.Json;
using Gateway.Tests.Shared;
using ModelServer.Script;

namespace Gateway.ProcessTests;

/// <summary>The published file and an MCP server that others wrote (tests/mcp-servers), which asks the model and the user.</summary>
public class McpServerTests
{
    [Test]
    public async Task A_server_asks_the_model_and_the_user_and_ends_with_the_gateway()
    {
        const string script = """
            {"replies":[{"when":{"last_user_contains":"begin","last_role":"user"},"steps":[{"tool_call":{"name":"mcp_srv_trigger_sampling_request","arguments":{"prompt":"two and two?"}}}]},
            {"when":{"last_user_contains":"two and two","last_role":"user"},"steps":[{"text":"it is four"}]},
            {"when":{"tool_result_contains":"it is four"},"steps":[{"tool_call":{"name":"mcp_srv_trigger_elicitation_request","arguments":{}}}]},
            {"when":{"tool_result_contains":"Name: Ada"},"steps":[{"text":"all answered"}]}]}
            """;
        if (await NodeProgram.InstallAsync("mcp-servers", "@modelcontextprotocol/server-everything") is { } missing) Skip.Test(missing);
        string program = Path.Combine(NodeProgram.Folder("mcp-servers"), "node_modules", "@modelcontextprotocol", "server-everything", "dist", "index.js");
        string mark = Guid.NewGuid().ToString("N");
        await using var stage = await Stage.SetAsync(
            ModelScript.Parse(script), [$"mcp_servers: {{srv: {{command: node, args: ['{program}', stdio, {mark}], elicitation: {{enabled: true}}}}}}"]);
        await using var gateway = GatewayProcess.Start(stage);
        var talk = gateway.Conversation;
        gateway.Send("""{"id":1,"method":"session.create","params":{}}""");
        int at = await talk.WaitForAsync(0, frame => frame.TryGetProperty("id", out var id) && id.ToString() == "1", "the session");
        string session = talk.Frames[at].GetProperty("result").GetProperty("session_id").GetString()!;
        await talk.WaitForAsync(0, frame => Payload(frame, "session.info") is { } info && info.GetProperty("tools").TryGetProperty("mcp-srv", out var tools)
            && tools.EnumerateArray().Any(tool => tool.GetString() == "mcp_srv_trigger_elicitation_request"), "the server's tools");

        gateway.Send($$$"""{"id":2,"method":"prompt.submit","params":{"session_id":"{{{session}}}","text":"begin"}}""");
        for (int question = 0; question < 13; question++)
        {
            at = await talk.WaitForAsync(at + 1, frame => Payload(frame, "clarify.request") is not null, $"question {question + 1}");
            string request = Payload(talk.Frames[at], "clarify.request")!.Value.GetProperty("request_id").GetString()!;
            gateway.Send($$$"""{"id":"a{{{question}}}","method":"clarify.respond","params":{"request_id":"{{{request}}}","answer":"{{{(question == 0 ? "Ada" : "skip")}}}"}}""");
        }

        await talk.WaitForAsync(at, frame => Payload(frame, "message.complete") is { } end && end.GetProperty("text").GetString() == "all answered", "the end of the turn");
        gateway.CloseInput();
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
        await Facts.UntilAsync(() => Directory.GetDirectories("/proc").Where(process => Has(process, mark)).ToArray(), left => left.Length == 0, "the end of the server");
    }

    private static JsonElement? Payload(JsonElement frame, string type) =>
        frame.TryGetProperty("params", out var sent) && sent.TryGetProperty("type", out var kind) && kind.GetString() == type ? sent.GetProperty("payload") : null;

    private static bool Has(string process, string mark)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Contains(mark, StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
