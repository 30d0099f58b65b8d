using System.Text;
using System.Text.Json;
using Gateway.Agent;
using Gateway.Agent.Compression;
using Gateway.Agent.Models;
using Gateway.Config;
using Gateway.Tests.ConfigTests;
using Gateway.Tools;
using ModelServer;
using ModelServer.Script;

namespace Gateway.Tests.AgentTests;

/// <summary>How images travel to models on both wires.</summary>
public class ImageRequestTests
{
    private const string Dot = "data:image/png;base64,iVBORw0KGgo=";

    [Test]
    public async Task Chat_has_a_part_for_every_image()
    {
        ConversationMessage[] history = [new(Role.User, "look") { ImageUrls = [Dot, "https://x/y.png"] }];
        await Assert.That(Messages(history)).IsEqualTo(
            """[{"role":"user","content":[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}},{"type":"image_url","image_url":{"url":"https://x/y.png"}}]}]""");
    }

    [Test]
    public async Task Anthropic_has_a_block_for_every_image()
    {
        ConversationMessage[] history = [new(Role.User, "look") { ImageUrls = [Dot, "https://x/y.png"] }];
        await Assert.That(Messages(history, ApiMode.AnthropicMessages)).IsEqualTo(
            """[{"role":"user","content":[{"type":"text","text":"look"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}},{"type":"image","source":{"type":"url","url":"https://x/y.png"}}]}]""");
    }

    [Test]
    [Arguments(null)]
    [Arguments("none")]
    public async Task Messages_without_images_are_what_they_were(string? none)
    {
        ConversationMessage[] history = [new(Role.User, "hi") { ImageUrls = none is null ? null : [] }];
        await Assert.That(Messages(history)).IsEqualTo("""[{"role":"user","content":"hi"}]""");
        await Assert.That(Messages(history, ApiMode.AnthropicMessages)).IsEqualTo("""[{"role":"user","content":[{"type":"text","text":"hi"}]}]""");
    }

    [Test]
    public async Task An_image_needs_no_text()
    {
        ConversationMessage[] history = [new(Role.User, "") { ImageUrls = [Dot] }];
        await Assert.That(Messages(history)).IsEqualTo("""[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]}]""");
        await Assert.That(Messages(history, ApiMode.AnthropicMessages)).DoesNotContain("empty message");
    }

    [Test]
    public async Task Messages_that_become_one_keep_their_images()
    {
        ConversationMessage[] history = [new(Role.User, "a") { ImageUrls = [Dot] }, new(Role.User, "b"), new(Role.User, "c") { ImageUrls = ["https://x/y.png"] }];
        await Assert.That(Messages(history)).Contains("""{"type":"text","text":"a\n\nb\n\nc"},{"type":"image_url","image_url":{"url":"data:""").And.Contains("https://x/y.png");
    }

    [Test]
    public async Task Cache_markers_stand_on_the_text_in_chat_and_on_the_last_block_for_anthropic()
    {
        ConversationMessage[] history = [new(Role.User, "look") { ImageUrls = [Dot] }];
        await Assert.That(Messages(history, model: "anthropic/claude-x", provider: "openrouter")).StartsWith(
            """[{"role":"user","content":[{"type":"text","text":"look","cache_control":{"type":"ephemeral"}},{"type":"image_url",""");
        await Assert.That(Messages(history, ApiMode.AnthropicMessages, "claude-x")).EndsWith(
            """:"iVBORw0KGgo="},"cache_control":{"type":"ephemeral"}}]}]""");
    }

    [Test]
    [Arguments("some-model", "custom", "0.1", "0.1")]
    [Arguments("kimi-k2", "custom", null, "0.1")]
    [Arguments("any", "kimi-coding", null, "0.1")]
    [Arguments("openai/gpt-5-mini", "custom", null, "0.1")]
    [Arguments("claude-opus-4.7", "custom", null, null)]
    [Arguments("claude-sonnet-4-5", "custom", "0.1", "0.1")]
    public async Task Only_models_that_take_a_temperature_are_sent_one(string model, string provider, string? chat, string? anthropic)
    {
        await Assert.That(Temperature(Request([new(Role.User, "a")], ApiMode.ChatCompletions, model, provider) with { Temperature = 0.1 })).IsEqualTo(chat);
        if (chat is not null || anthropic is null)
            await Assert.That(Temperature(Request([new(Role.User, "a")], ApiMode.AnthropicMessages, model, provider) with { Temperature = 0.1 })).IsEqualTo(anthropic);
        await Assert.That(Temperature(Request([new(Role.User, "a")], ApiMode.ChatCompletions, model, provider))).IsNull();
        await Assert.That(Temperature(Request([new(Role.User, "a")], ApiMode.AnthropicMessages, model, provider))).IsNull();
    }

    [Test]
    public async Task Thinking_keeps_its_own_temperature()
    {
        var request = Request([new(Role.User, "a")], ApiMode.AnthropicMessages, "claude-sonnet-4-5") with { Temperature = 0.1, Settings = new AgentSettings { ReasoningEffort = "high" } };
        await Assert.That(Temperature(request)).IsEqualTo("1");
    }

    [Test]
    public async Task An_image_counts_as_sixteen_hundred_tokens() =>
        await Assert.That(CompressionPlan.Tokens(new ConversationMessage(Role.User, "four") { ImageUrls = [Dot, Dot] })).IsEqualTo(1 + 10 + 3200);

    [Test]
    [Arguments("", "0.1", "test-model")]
    [Arguments("vision: {temperature: 0.7, model: seeing}", "0.7", "seeing")]
    public async Task A_side_task_sends_image_temperature_and_cap(string vision, string temperature, string model)
    {
        await using var server = await ScriptedModelServer.StartAsync(ModelScript.Parse("""{"replies":[{"when":{"image":"image/png"},"steps":[{"text":"a dot"}]}]}"""));
        using var home = new ConfigTestHome();
        home.Write("hermes/config.yaml", $"model: {{default: test-model, provider: custom, base_url: \"{server.Url}/v1\"}}\nauxiliary: {{{vision}}}");
        using var engine = new TurnEngine(_ => "", (_, _) => null, home.Environment(), TimeProvider.System);
        var auxiliary = engine.Auxiliary(home.Environment(), new ConfigFile(home.ConfigPath));
        var answer = await auxiliary.AskAsync(new AuxiliaryRequest("vision", "Look.", "What is it?") { ImageUrl = Dot, MaxTokens = 2000, Temperature = 0.1 }, CancellationToken.None);
        await Assert.That(answer.Text).IsEqualTo("a dot");
        await Assert.That(answer.Model).IsEqualTo(model);
        var body = server.ModelCalls[0].Json();
        await Assert.That(body.GetProperty("temperature").GetRawText()).IsEqualTo(temperature);
        await Assert.That(body.GetProperty("max_tokens").GetInt32()).IsEqualTo(2000);
        await Assert.That(body.GetProperty("model").GetString()).IsEqualTo(model);
    }

    [Test]
    [Arguments(400, "image exceeds 5 MB maximum", true)]
    [Arguments(413, "too much", true)]
    [Arguments(400, "no", false)]
    public async Task A_provider_that_refuses_the_size_is_told_apart(int status, string message, bool refusesSize)
    {
        await using var server = await ScriptedModelServer.StartAsync(ModelScript.Parse($$$"""{"fallback":{"steps":[{"status":{{{status}}},"message":"{{{message}}}"}]}}"""));
        using var home = new ConfigTestHome();
        home.Write("hermes/config.yaml", $"model: {{default: test-model, provider: custom, base_url: \"{server.Url}/v1\"}}");
        using var engine = new TurnEngine(_ => "", (_, _) => null, home.Environment(), TimeProvider.System);
        var answer = await engine.Auxiliary(home.Environment(), new ConfigFile(home.ConfigPath)).AskAsync(new AuxiliaryRequest("vision", "", "?") { ImageUrl = Dot }, CancellationToken.None);
        await Assert.That((answer.Text, answer.RefusesSize)).IsEqualTo((null, refusesSize));
        await Assert.That(answer.Problem).Contains(status.ToString());
        await Assert.That(server.ModelCalls.Count).IsEqualTo(1);
    }

    [Test]
    [Arguments("""[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/bmp;base64,AAAA"}}]}]""", "unsupported image")]
    [Arguments("""[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,***"}}]}]""", "not valid base64")]
    [Arguments("""[{"role":"user","content":[{"type":"image_url","image_url":{"url":"/etc/x.png"}}]}]""", "Invalid image URL")]
    [Arguments("""[{"role":"system","content":[{"type":"image_url","image_url":{"url":"https://x/y.png"}}]}]""", "not allowed")]
    public async Task The_scripted_model_refuses_what_providers_refuse(string messages, string problem)
    {
        await using var server = await ScriptedModelServer.StartAsync(ModelScript.Parse("""{"fallback":{"steps":[{"text":"fine"}]}}"""));
        using var client = new HttpClient();
        using var answer = await client.PostAsync($"{server.Url}/chat/completions", new StringContent($$"""{"model":"m","messages":{{messages}}}"""));
        await Assert.That((int)answer.StatusCode).IsEqualTo(400);
        await Assert.That(await answer.Content.ReadAsStringAsync()).Contains(problem);
    }

    private static string Messages(ConversationMessage[] history, ApiMode mode = ApiMode.ChatCompletions, string model = "m", string provider = "custom")
    {
        using var body = Body(Request(history, mode, model, provider));
        return body.RootElement.GetProperty("messages").GetRawText();
    }

    private static string? Temperature(ModelRequest request)
    {
        using var body = Body(request);
        return body.RootElement.TryGetProperty("temperature", out var value) ? value.GetRawText() : null;
    }

    private static ModelRequest Request(ConversationMessage[] history, ApiMode mode, string model, string provider = "custom") =>
        new(new ModelEndpoint(provider, model, "https://example.com/v1", "k", mode), "", history, [], new AgentSettings());

    private static JsonDocument Body(ModelRequest request) =>
        JsonDocument.Parse(Encoding.UTF8.GetString((request.Endpoint.ApiMode == ApiMode.AnthropicMessages ? AnthropicRequestWriter.Write(request) : ChatRequestWriter.Write(request)).Span));
}
