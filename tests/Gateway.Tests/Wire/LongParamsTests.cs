using Gateway.Tests.Shared;

namespace Gateway.Tests.Wire;

/// <summary>Params that are too long for a method are refused before anything is made of them.</summary>
public class LongParamsTests
{
    [Test]
    [Arguments("config.get", """{"key":"LONG"}""")]
    [Arguments("session.title", """{"session_id":"x","title":"LONG"}""")]
    [Arguments("session.resume", """{"session_id":"LONG"}""")]
    [Arguments("complete.path", """{"word":"LONG"}""")]
    [Arguments("complete.slash", """{"text":"LONG"}""")]
    [Arguments("tools.configure", """{"action":"enable","names":["LONG"]}""")]
    [Arguments("cron.manage", """{"action":"add","schedule":"LONG"}""")]
    [Arguments("prompt.submit", """{"session_id":"x","text":"LONGLONGLONGLONGLONGLONGLONGLONGLONGLONGLONGLONGLONGLONGLONGLONGLONG"}""")]
    public async Task They_are_refused_with_their_size(string method, string parameters)
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = new GatewayHarness(stage);
        var error = (await gateway.AskAsync(method, parameters.Replace("LONG", new string('/', 1024 * 1024), StringComparison.Ordinal))).GetProperty("error");
        await Assert.That(error.GetProperty("code").GetInt32()).IsEqualTo(-32602);
        await Assert.That(error.GetProperty("message").GetString()!).StartsWith($"{method}: the params have ").And.EndsWith(" are taken");
    }

    [Test]
    public async Task Every_method_has_a_bound_or_checks_its_own()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = new GatewayHarness(stage);
        var unbounded = gateway.Table.Routes.Where(route => route.MostBytes > Gateway.Rpc.Route.LongText).Select(route => route.Method).Except(Gateway.Rpc.Methods.NotYetMethods.Names);
        await Assert.That(unbounded.Order()).IsEquivalentTo(["shell.exec", "spawn_tree.save"]);
    }

    [Test]
    public async Task A_command_that_the_system_does_not_take_is_not_judged()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = new GatewayHarness(stage);

        // Judged, it would be refused as dangerous.
        string command = "false && rm -rf / #" + new string('x', 131_072);
        var error = (await gateway.AskAsync("shell.exec", $$"""{"command":"{{command}}"}""")).GetProperty("error");
        await Assert.That(error.GetProperty("code").GetInt32()).IsEqualTo(5003);
        await Assert.That(error.GetProperty("message").GetString()!).Contains("the command has 131,091 bytes, and the system takes at most 131,071 (128 KiB) for one argument");
        command = "true #" + new string('x', 131_071 - 6);
        await Assert.That((await gateway.AskAsync("shell.exec", $$"""{"command":"{{command}}"}""")).GetProperty("result").GetProperty("code").GetInt32()).IsEqualTo(0);
    }

    [Test]
    public async Task A_word_that_is_no_path_completes_to_nothing()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = new GatewayHarness(stage);
        var answer = await gateway.AskAsync("complete.path", $$"""{"word":"{{new string('/', 100_000)}}"}""");
        await Assert.That(answer.GetProperty("result").GetProperty("items").GetArrayLength()).IsEqualTo(0);
    }
}
