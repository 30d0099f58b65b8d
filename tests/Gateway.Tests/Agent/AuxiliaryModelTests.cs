using Gateway.Agent;
using Gateway.Config;
using Gateway.Tests.ConfigTests;
using Gateway.Tools;

namespace Gateway.Tests.AgentTests;

/// <summary>Questions beside the conversation: who answers when the first model cannot, and what goes into the request.</summary>
public class AuxiliaryModelTests
{
    private static readonly Func<Exchange, Task> Fine = exchange => exchange.EventsAsync("""{"choices":[{"delta":{"content":"fine"},"finish_reason":"stop"}]}""", "[DONE]");

    private static Func<Exchange, Task> Refusal(int status, string message) => exchange => exchange.JsonAsync(status, $$"""{"error":{"message":"{{message}}"} }""");

    [Test]
    [Arguments("", "fine", 1)]
    [Arguments("auxiliary: {vision: {provider: custom}}", null, 0)]
    [Arguments("auxiliary: {vision: {base_url: 'BASE', model: test-model}}", null, 0)]
    public async Task Another_provider_answers_when_the_main_one_has_no_money_unless_one_is_named(string section, string? expected, int calls)
    {
        await using var main = new ScriptedServer(Refusal(402, "insufficient credits"));
        await using var other = new ScriptedServer(Fine);
        using var home = new ConfigTestHome();
        string? answer = await AskAsync(home, main, section, ("GLM_API_KEY", "glm-key-1"), ("GLM_BASE_URL", other.BaseUrl));
        await Assert.That(answer).IsEqualTo(expected);
        await Assert.That(other.Exchanges.Count).IsEqualTo(calls);
        if (calls > 0) await Assert.That(other.Exchanges[0].Body).Contains("glm-4.5-flash");
    }

    [Test]
    [Arguments(400, "this is not how to ask")]
    [Arguments(401, "no such key")]
    public async Task Other_failures_are_told_and_go_nowhere_else(int status, string message)
    {
        await using var main = new ScriptedServer(Refusal(status, message));
        await using var other = new ScriptedServer(Fine);
        using var home = new ConfigTestHome();
        await Assert.That(await AskAsync(home, main, "", ("GLM_API_KEY", "glm-key-1"), ("GLM_BASE_URL", other.BaseUrl))).IsNull();
        await Assert.That(other.Exchanges).IsEmpty();
    }

    [Test]
    public async Task A_model_without_a_temperature_is_asked_again_without_one()
    {
        await using var main = new ScriptedServer(Refusal(400, "Unsupported value: 'temperature' does not support 0.3"), Fine);
        using var home = new ConfigTestHome();
        await Assert.That(await AskAsync(home, main, "")).IsEqualTo("fine");
        await Assert.That(main.Exchanges[0].Body).Contains("\"temperature\":0.3");
        await Assert.That(main.Exchanges[1].Body).DoesNotContain("temperature");
    }

    [Test]
    public async Task What_the_user_puts_into_the_body_stands_there()
    {
        await using var main = new ScriptedServer(Fine);
        using var home = new ConfigTestHome();
        const string extra = "{enable_thinking: false, temperature: 1, top: {list: [1, 2.5, x, null]}, word: 'yes'}";
        await Assert.That(await AskAsync(home, main, $"auxiliary: {{vision: {{extra_body: {extra}}}}}")).IsEqualTo("fine");
        await Assert.That(main.Exchanges[0].Body).Contains("\"enable_thinking\":false,\"top\":{\"list\":[1,2.5,\"x\",null]},\"word\":\"yes\"");
        await Assert.That(main.Exchanges[0].Body).Contains("\"temperature\":1,");
    }

    private static async Task<string?> AskAsync(ConfigTestHome home, ScriptedServer main, string section, params (string, string)[] variables)
    {
        home.Write("hermes/config.yaml", $"model: {{default: test-model, provider: custom, base_url: '{main.BaseUrl}'}}\nagent: {{api_max_retries: 1}}\n{section.Replace("BASE", main.BaseUrl)}");
        var environment = home.Environment(variables);
        using var engine = new TurnEngine(_ => "", (_, _) => null, environment, TimeProvider.System);
        var question = new AuxiliaryRequest("vision", "Look.", "What is it?") { Temperature = 0.3 };
        return (await engine.Auxiliary(environment, new ConfigFile(home.ConfigPath)).AskAsync(question, CancellationToken.None)).Text;
    }
}
