using System.Text.Json.Nodes;
using Gateway.Tests.Shared;
using ModelServer.Script;

namespace Gateway.ProcessTests;

/// <summary>The published file and the pool of keys in auth.json, which it changes while it runs.</summary>
public class KeyPoolTests
{
    [Test]
    public async Task A_key_without_money_rests_and_the_next_one_answers()
    {
        const string script = """{"replies":[{"times":1,"steps":[{"status":402,"message":"insufficient credits"}]},{"steps":[{"text":"the second key pays"}]}]}""";
        await using var stage = await Stage.SetAsync(ModelScript.Parse(script));
        string config = Path.Combine(stage.Home, "config.yaml"), auth = Path.Combine(stage.Home, "auth.json");
        string lines = await File.ReadAllTextAsync(config);
        await File.WriteAllTextAsync(config, lines.Replace("provider: custom", "provider: zai").Replace(", api_key: test-key-1234567890", ""));
        await File.WriteAllTextAsync(auth, """
            {"version":1,"mine":"kept","credential_pool":{"zai":[
              {"id":"aaaaaa","source":"manual","access_token":"first-key-1","priority":0,"last_status":null},
              {"id":"bbbbbb","source":"manual","access_token":"second-key-1","priority":1}]}}
            """);
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.StartTurnAsync();
        var end = await gateway.EventAsync("message.complete");
        await Assert.That(end.GetProperty("params").GetProperty("payload").GetProperty("text").GetString()).IsEqualTo("the second key pays");
        var file = JsonNode.Parse(await File.ReadAllTextAsync(auth))!;
        await Assert.That((string?)file["credential_pool"]!["zai"]![0]!["last_status"]).IsEqualTo("exhausted");
        await Assert.That(file["credential_pool"]!["zai"]![1]!["last_status"]).IsNull();
        await Assert.That((string?)file["mine"]).IsEqualTo("kept");
        await Assert.That(File.GetUnixFileMode(auth)).IsEqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        gateway.CloseInput();
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
    }
}
