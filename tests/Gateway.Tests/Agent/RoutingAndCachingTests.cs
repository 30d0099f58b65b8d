using System.Text;
using System.Text.Json;
using Gateway.Agent;
using Gateway.Agent.Models;
using Gateway.Config;
using Gateway.Tests.ConfigTests;

namespace Gateway.Tests.AgentTests;

/// <summary>provider_routing and prompt_caching of config.yaml in requests.</summary>
public class RoutingAndCachingTests
{
    private const string OpenRouter = "https://openrouter.ai/api/v1";

    [Test]
    [Arguments("provider_routing: {sort: price, only: [anthropic, google], ignore: [x], order: [b, a], require_parameters: true, data_collection: deny}",
        """{"order":["b","a"],"only":["anthropic","google"],"ignore":["x"],"sort":"price","require_parameters":true,"data_collection":"deny"}""")]
    [Arguments("provider_routing: {sort: Throughput, only: anthropic}", """{"only":["anthropic"],"sort":"throughput"}""")]
    [Arguments("provider_routing: {order: ['${FIRST}', 7]}", """{"order":["azure","7"]}""")]
    [Arguments("provider_routing: {sort: cheapest, only: [], ignore: {a: b}, order: [~, [x]], require_parameters: false, data_collection: maybe}", null)]
    [Arguments("provider_routing: [price]", null)]
    [Arguments("provider_routing: ~", null)]
    [Arguments("model: m", null)]
    public async Task Provider_routing_becomes_the_object_that_OpenRouter_takes(string yaml, string? expected)
    {
        using var home = new ConfigTestHome();
        var settings = AgentSettingsReader.Read(ConfigTestHome.Parse(yaml), home.Environment(("FIRST", "azure")));
        await Assert.That(settings.ProviderRoutingJson).IsEqualTo(expected);
    }

    [Test]
    [Arguments("openrouter", OpenRouter, true)]
    [Arguments("custom", OpenRouter, true)]
    [Arguments("nous", "https://inference-api.nousresearch.com/v1", false)]
    [Arguments("custom", "http://127.0.0.1:1/v1", false)]
    public async Task Only_OpenRouter_is_told_of_the_routing(string provider, string url, bool expected)
    {
        var settings = new AgentSettings { ProviderRoutingJson = """{"sort":"price"}""" };
        using var body = Chat(provider, url, "anthropic/claude-opus-4.5", settings);
        await Assert.That(body.RootElement.TryGetProperty("provider", out var routing) ? routing.GetRawText() : null)
            .IsEqualTo(expected ? settings.ProviderRoutingJson : null);
    }

    [Test]
    [Arguments("1h", true)]
    [Arguments("'1h '", true)]
    [Arguments("5m", false)]
    [Arguments("24h", false)]
    [Arguments("1H", false)]
    [Arguments("[1h]", false)]
    [Arguments("~", false)]
    public async Task An_hour_is_the_only_other_time_to_cache(string yaml, bool expected)
    {
        using var home = new ConfigTestHome();
        await Assert.That(AgentSettingsReader.Read(ConfigTestHome.Parse($"prompt_caching: {{cache_ttl: {yaml}}}"), home.Environment()).CachesForAnHour).IsEqualTo(expected);
    }

    [Test]
    [Arguments(true, """{"type":"ephemeral","ttl":"1h"}""")]
    [Arguments(false, """{"type":"ephemeral"}""")]
    public async Task Every_marker_names_the_time(bool hour, string expected)
    {
        var settings = new AgentSettings { CachesForAnHour = hour };
        using var chat = Chat("openrouter", OpenRouter, "anthropic/claude-opus-4.5", settings);
        await Assert.That(Markers(chat.RootElement)).IsEquivalentTo([expected, expected, expected]);
        var endpoint = new ModelEndpoint("anthropic", "claude-opus-4-5", "https://api.anthropic.com", "k", ApiMode.AnthropicMessages);
        using var anthropic = JsonDocument.Parse(Encoding.UTF8.GetString(AnthropicRequestWriter.Write(new ModelRequest(endpoint, "sys", History, [], settings)).Span));
        await Assert.That(Markers(anthropic.RootElement)).IsEquivalentTo([expected, expected, expected, expected]);
    }

    [Test]
    public async Task Who_takes_no_markers_gets_none()
    {
        using var body = Chat("custom", "http://127.0.0.1:1/v1", "claude-3", new AgentSettings { CachesForAnHour = true });
        await Assert.That(Markers(body.RootElement)).IsEmpty();
    }

    private static ConversationMessage[] History =>
    [
        new(Role.User, "a"),
        new(Role.Assistant, "b") { ToolCalls = [new StoredToolCall("1", "t", "{}")] },
        new(Role.Tool, "r") { ToolCallId = "1" },
    ];

    private static JsonDocument Chat(string provider, string url, string model, AgentSettings settings)
    {
        var endpoint = new ModelEndpoint(provider, model, url, "k", ApiMode.ChatCompletions);
        return JsonDocument.Parse(Encoding.UTF8.GetString(ChatRequestWriter.Write(new ModelRequest(endpoint, "sys", History, [], settings)).Span));
    }

    private static IEnumerable<string> Markers(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => member.Name == "cache_control" ? [member.Value.GetRawText()] : Markers(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Markers),
        _ => [],
    };
}
