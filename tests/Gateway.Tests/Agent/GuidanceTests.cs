using Gateway.Agent;

namespace Gateway.Tests.AgentTests;

/// <summary>Where the model finds what the user says while tools run.</summary>
public class GuidanceTests
{
    private const string Heard = "\n\nUser guidance: use tabs";

    [Test]
    public async Task Said_during_a_call_it_stands_behind_that_result()
    {
        var result = await RunAsync("first", "1");
        await Assert.That(Results(result)).IsEqualTo($"1{Heard}|2|3");
        result = await RunAsync("second", "1");
        await Assert.That(Results(result)).IsEqualTo($"1|2{Heard}|3");
        result = await RunAsync("third", "1");
        await Assert.That(Results(result)).IsEqualTo($"1|2|3{Heard}");
    }

    [Test]
    public async Task It_does_not_go_to_the_file_with_a_long_result()
    {
        var result = await RunAsync("first", new string('x', OversizedResults.MaxResult + 1));
        string first = result.NewMessages.First(message => message.Role == Role.Tool).Content!;
        await Assert.That(first).StartsWith("<persisted-output>");
        await Assert.That(first).EndsWith("</persisted-output>" + Heard);
    }

    private static async Task<TurnResult> RunAsync(string during, string text)
    {
        var guidance = new Guidance();
        await using var server = new ScriptedServer(
            Chat.Calls(Chat.Call("a", "first", "{}"), Chat.Call("b", "second", "{}", 1), Chat.Call("c", "third", "{}", 2)), Chat.Answer("done"));
        using var harness = new Harness(server.BaseUrl) { Guidance = guidance };
        foreach (var (name, content) in new[] { ("first", text), ("second", "2"), ("third", "3") })
        {
            harness.Tools.Add(new FakeTool(name, (_, _) =>
            {
                if (name == during) guidance.Add("use tabs");
                return Task.FromResult(new Gateway.Tools.ToolResult(content));
            }));
        }

        var result = await harness.RunAsync();

        // Nobody is told it twice.
        await Assert.That(server.Exchanges[1].Body.Split("User guidance: use tabs").Length).IsEqualTo(2);
        await Assert.That(guidance.Take()).IsNull();
        return result;
    }

    private static string Results(TurnResult result) => string.Join('|', result.NewMessages.Where(message => message.Role == Role.Tool).Select(message => message.Content));
}
