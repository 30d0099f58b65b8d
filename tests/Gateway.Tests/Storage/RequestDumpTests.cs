using System.Text.Json;
using Gateway.Agent;
using Gateway.Agent.Models;
using Gateway.Config;
using Gateway.Sessions;
using Gateway.Tests.ConfigTests;

namespace Gateway.Tests.StorageTests;

/// <summary>Requests that nobody answered, of shapes that only providers and servers make.</summary>
public class RequestDumpTests
{
    [Test]
    public async Task Reasoning_with_half_of_a_surrogate_pair_is_written_down()
    {
        using var home = new ConfigTestHome();
        var endpoint = new ModelEndpoint("openrouter", "anthropic/m", "https://openrouter.ai/api/v1", "key-1234", ApiMode.ChatCompletions);
        var said = new ConversationMessage(Role.Assistant, "b") { ReasoningDetailsJson = """[{"type":"reasoning.text","text":"Hm.","id":"x\ud800y","index":0}]""" };
        var request = new ModelRequest(endpoint, "", [new ConversationMessage(Role.User, "a"), said, new ConversationMessage(Role.User, "c")], [], new AgentSettings());
        new RequestDumps(home.Environment(), TimeProvider.System).Write("20260101_000000_abcdef", new FailedRequest(request, new ModelError(ModelErrorKind.Format, "no", 400)));
        string file = Directory.GetFiles(Path.Combine(home.Environment().HermesHome, "sessions")).Single();
        using var dump = JsonDocument.Parse(await File.ReadAllTextAsync(file));
        var messages = dump.RootElement.GetProperty("request").GetProperty("body").GetProperty("messages");
        await Assert.That(messages.EnumerateArray().Single(message => message.TryGetProperty("reasoning_details", out _)).GetProperty("reasoning_details")[0].GetProperty("id").GetString()).IsEqualTo("x\uFFFDy");
    }
}
