using Gateway.Tests.Shared;
using ModelServer.Script;

namespace Gateway.Tests;

/// <summary>display.tool_progress is read whenever an event is sent, so that a change counts in the middle of a turn (events.json).</summary>
public class ToolProgressModeTests
{
    [Test]
    public async Task A_mode_that_changes_in_a_turn_counts_from_there_on()
    {
        const string script = """
            {"replies":[{"when":{"last_role":"user"},"steps":[{"tool_call":{"id":"shown","name":"todo","arguments":{}}}]},
            {"when":{"last_role":"tool"},"times":1,"steps":[{"gate":"edit"},{"tool_call":{"id":"hidden","name":"todo","arguments":{}}}]},
            {"steps":[{"text":"done"}]}]}
            """;
        await using var stage = await Stage.SetAsync(ModelScript.Parse(script));
        await using var gateway = new GatewayHarness(stage);
        var talk = gateway.Conversation;
        string session = (await gateway.AskAsync("session.create")).Result().GetProperty("session_id").GetString()!;
        await gateway.AskAsync("prompt.submit", $$"""{"session_id":"{{session}}","text":"go"}""");
        await talk.WaitForAsync(0, frame => frame.GetRawText().Contains("tool.complete") && frame.GetRawText().Contains("shown"), "the first tool");
        await File.AppendAllTextAsync(Path.Combine(stage.Home, "config.yaml"), "display: {tool_progress: off}\n");
        stage.Model!.OpenGate("edit");
        int end = await talk.WaitForAsync(0, frame => frame.GetRawText().Contains("message.complete"), "the end of the turn");
        await Assert.That(talk.Frames.Take(end).Any(frame => frame.GetRawText().Contains("\"hidden\""))).IsFalse();
        await Assert.That(stage.Model.ModelCalls.Count).IsEqualTo(3);
    }
}
