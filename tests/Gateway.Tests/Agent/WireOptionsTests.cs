using System.Text;
using System.Text.Json;
using Gateway.Agent;
using Gateway.Agent.Models;
using Gateway.Config;
using Gateway.Tests.ConfigTests;

namespace Gateway.Tests.AgentTests;

/// <summary>What requests say about reasoning, sizes and temperature, by provider and model.</summary>
public class WireOptionsTests
{
    private const string Google = "https://generativelanguage.googleapis.com/v1beta/openai";
    private const string OpenAi = "https://api.openai.com/v1";

    [Test]
    [Arguments("gemini-2.5-flash", "none", """{"include_thoughts":false,"thinking_budget":0}""")]
    [Arguments("gemini-2.5-pro", "none", """{"include_thoughts":false,"thinking_budget":128}""")]
    [Arguments("google/gemini-2.5-flash", "minimal", """{"include_thoughts":true,"thinking_budget":1024}""")]
    [Arguments("gemini-2.5-flash", "medium", """{"include_thoughts":true,"thinking_budget":8192}""")]
    [Arguments("gemini-2.5-flash", "xhigh", """{"include_thoughts":true,"thinking_budget":24576}""")]
    [Arguments("gemini-2.5-pro", "xhigh", """{"include_thoughts":true,"thinking_budget":32768}""")]
    [Arguments("gemini-3-flash-preview", "none", """{"include_thoughts":false,"thinking_level":"minimal"}""")]
    [Arguments("gemini-3-pro-preview", "none", """{"include_thoughts":false,"thinking_level":"low"}""")]
    [Arguments("gemini-3-pro-preview", "medium", """{"include_thoughts":true,"thinking_level":"high"}""")]
    [Arguments("gemini-3.1-pro", "medium", """{"include_thoughts":true,"thinking_level":"medium"}""")]
    [Arguments("gemini-3-flash", "xhigh", """{"include_thoughts":true,"thinking_level":"high"}""")]
    [Arguments("gemini-2.5-flash", "", null)]
    [Arguments("gemini-2.0-flash", "high", null)]
    [Arguments("gemini-exp", "high", null)]
    [Arguments("gemma-3-27b-it", "high", null)]
    public async Task Gemini_thinks_as_much_as_it_is_told_to(string model, string effort, string? expected)
    {
        using var body = Body("gemini", Google, model, effort);
        await Assert.That(body.RootElement.TryGetProperty("extra_body", out var extra) ? extra.GetProperty("google").GetProperty("thinking_config").GetRawText() : null)
            .IsEqualTo(expected);
        await Assert.That(body.RootElement.TryGetProperty("reasoning_effort", out _)).IsFalse();
    }

    [Test]
    [Arguments("gemini", Google, "gemini-flash-latest", "none", "low")]
    [Arguments("gemini", Google, "gemini-flash-latest", "xhigh", "high")]
    [Arguments("custom", OpenAi, "gpt-5", "none", "minimal")]
    [Arguments("custom", OpenAi, "gpt-5-mini-2025-08-07", "none", "minimal")]
    [Arguments("custom", OpenAi, "gpt-5-codex", "none", "low")]
    [Arguments("custom", OpenAi, "gpt-5.1", "none", null)]
    [Arguments("custom", OpenAi, "gpt-5.5", "none", "none")]
    [Arguments("custom", OpenAi, "gpt-5-pro", "none", null)]
    [Arguments("custom", OpenAi, "o4-mini", "none", "low")]
    [Arguments("custom", OpenAi, "o4-mini", "xhigh", "high")]
    [Arguments("custom", OpenAi, "gpt-5.2", "xhigh", "xhigh")]
    [Arguments("custom", OpenAi, "gpt-5", "minimal", "low")]
    [Arguments("custom", OpenAi, "gpt-5", "", null)]
    [Arguments("custom", OpenAi, "gpt-5.4", "high", null)]
    [Arguments("custom", OpenAi, "gpt-5-chat-latest", "high", null)]
    [Arguments("custom", OpenAi, "gpt-4o", "high", null)]
    [Arguments("custom", OpenAi, "gpt-4o", "none", null)]
    [Arguments("azure-foundry", "https://x.services.ai.azure.com/v1", "gpt-5", "high", "high")]
    [Arguments("custom", "http://127.0.0.1:1/v1", "gpt-5", "high", null)]
    [Arguments("tencent-tokenhub", "https://tokenhub.tencentmaas.com/v1", "hy3", "", "high")]
    [Arguments("custom", "https://tokenhub.tencentmaas.com/v1", "hy3", "minimal", "low")]
    [Arguments("tencent-tokenhub", "https://tokenhub.tencentmaas.com/v1", "hy3", "none", null)]
    [Arguments("kimi-coding", "https://api.moonshot.ai/v1", "kimi-k2", "xhigh", "high")]
    [Arguments("kimi-coding", "https://api.moonshot.ai/v1", "kimi-k2", "none", null)]
    [Arguments("lmstudio", "http://127.0.0.1:1234/v1", "gpt-oss", "xhigh", "high")]
    [Arguments("lmstudio", "http://127.0.0.1:1234/v1", "gpt-oss", "", null)]
    public async Task Efforts_are_put_in_words_the_provider_knows(string provider, string url, string model, string effort, string? expected)
    {
        using var body = Body(provider, url, model, effort, new FakeTool("t"));
        await Assert.That(body.RootElement.TryGetProperty("reasoning_effort", out var sent) ? sent.GetString() : null).IsEqualTo(expected);
        await Assert.That(body.RootElement.TryGetProperty("think", out _)).IsFalse();
    }

    [Test]
    [Arguments("gpt-5.4", true)]
    [Arguments("gpt-5.4", false)]
    public async Task The_newest_models_take_an_effort_on_this_format_without_tools_only(string model, bool tools)
    {
        using var body = Body("custom", OpenAi, model, "high", tools ? [new FakeTool("t")] : []);
        await Assert.That(body.RootElement.TryGetProperty("reasoning_effort", out _)).IsEqualTo(!tools);
    }

    [Test]
    [Arguments("custom", "http://127.0.0.1:11434/v1", "none", true)]
    [Arguments("custom", "http://127.0.0.1:11434/v1", "low", false)]
    [Arguments("custom", "http://127.0.0.1:11434/v1", "", false)]
    [Arguments("custom", OpenAi, "none", false)]
    [Arguments("custom", "https://x.azure.com/v1", "none", false)]
    [Arguments("lmstudio", "http://127.0.0.1:1234/v1", "none", false)]
    [Arguments("deepseek", "https://api.deepseek.com/v1", "none", false)]
    public async Task Endpoints_of_ones_own_are_told_not_to_think(string provider, string url, string effort, bool expected)
    {
        using var body = Body(provider, url, "m", effort);
        await Assert.That(body.RootElement.TryGetProperty("think", out var think) && !think.GetBoolean()).IsEqualTo(expected);
    }

    [Test]
    [Arguments("gpt-5", "none", "minimal")]
    [Arguments("gpt-5-codex", "none", "low")]
    [Arguments("o3", "none", "low")]
    [Arguments("gpt-5.5", "none", "none")]
    [Arguments("gpt-5.2", "none", null)]
    [Arguments("my-model", "none", null)]
    [Arguments("gpt-5", "minimal", "low")]
    public async Task Responses_endpoints_are_told_the_least_effort_a_model_has(string model, string effort, string? expected)
    {
        var endpoint = new ModelEndpoint("custom", model, OpenAi, "k", ApiMode.CodexResponses);
        var request = new ModelRequest(endpoint, "", [new ConversationMessage(Role.User, "a")], [], new AgentSettings { ReasoningEffort = effort });
        using var body = JsonDocument.Parse(Encoding.UTF8.GetString(ResponsesRequestWriter.Write(request).Span));
        await Assert.That(body.RootElement.TryGetProperty("reasoning", out var sent) ? sent.GetProperty("effort").GetString() : null).IsEqualTo(expected);
    }

    [Test]
    [Arguments("model: {default: m, provider: custom, base_url: 'http://127.0.0.1:11434/v1', ollama_num_ctx: 32768}", 32768, 32768)]
    [Arguments("model: {default: m, provider: ollama, base_url: 'http://127.0.0.1:11434/v1', ollama_num_ctx: 32768, context_length: 16000}", 32768, 16000)]
    [Arguments("model: {default: m, provider: custom, base_url: 'http://127.0.0.1:11434/v1', ollama_num_ctx: lots}", null, null)]
    [Arguments("model: {default: m, provider: custom, base_url: 'http://127.0.0.1:11434/v1', ollama_num_ctx: -1}", null, null)]
    [Arguments("model: {default: m, provider: custom, base_url: 'http://127.0.0.1:11434/v1', api_mode: anthropic_messages, ollama_num_ctx: 9}", null, null)]
    [Arguments("model: {default: gpt-4o, provider: custom, base_url: 'https://api.openai.com/v1', api_mode: chat_completions, ollama_num_ctx: 32768}", null, null)]
    [Arguments("model: {default: m, provider: deepseek, api_key: abcdefgh, ollama_num_ctx: 32768}", null, null)]
    public async Task Ollama_is_asked_for_the_window(string yaml, int? sent, int? window)
    {
        using var home = new ConfigTestHome();
        var endpoint = ModelResolver.Resolve(home.Environment(), ConfigTestHome.Parse(yaml)).Endpoint!;
        await Assert.That(endpoint.OllamaContext).IsEqualTo(sent);
        await Assert.That(endpoint.ContextLength).IsEqualTo(window);
        if (endpoint.ApiMode != ApiMode.ChatCompletions) return;
        using var body = JsonDocument.Parse(Encoding.UTF8.GetString(ChatRequestWriter.Write(Request(endpoint, "")).Span));
        await Assert.That(body.RootElement.TryGetProperty("options", out var options) ? options.GetRawText() : null).IsEqualTo(sent is null ? null : $$"""{"num_ctx":{{sent}}}""");
    }

    [Test]
    [Arguments("claude-opus-4-7", 128_000)]
    [Arguments("claude-opus-4.6", 128_000)]
    [Arguments("claude-sonnet-4.6", 64_000)]
    [Arguments("claude-sonnet-4-5-20250929", 64_000)]
    [Arguments("claude-opus-4-5", 64_000)]
    [Arguments("claude-haiku-4-5", 64_000)]
    [Arguments("claude-sonnet-4-20250514", 64_000)]
    [Arguments("claude-opus-4-20250514", 32_000)]
    [Arguments("claude-3-7-sonnet", 128_000)]
    [Arguments("claude-3-5-haiku-20241022", 8192)]
    [Arguments("claude-3-opus", 4096)]
    [Arguments("MiniMax-M2.7", 131_072)]
    [Arguments("qwen3.5-coder", 128_000)]
    [Arguments("deepseek-r1", 127_999)]
    public async Task Every_model_of_the_Anthropic_format_has_its_most_tokens(string model, int expected)
    {
        var endpoint = new ModelEndpoint("custom", model, "https://x/anthropic", "k", ApiMode.AnthropicMessages);
        using var body = JsonDocument.Parse(Encoding.UTF8.GetString(AnthropicRequestWriter.Write(Request(endpoint, "")).Span));
        await Assert.That(body.RootElement.GetProperty("max_tokens").GetInt32()).IsEqualTo(expected);
    }

    [Test]
    [Arguments("kimi-k2", false)]
    [Arguments("claude-sonnet-4-7", false)]
    [Arguments("claude-opus-4.7", false)]
    [Arguments("gpt-5", false)]
    [Arguments("o3", false)]
    [Arguments("claude-sonnet-4-6", true)]
    [Arguments("llama-4-7b", true)]
    [Arguments("gpt-4o", true)]
    public async Task Some_models_take_no_temperature(string model, bool expected) =>
        await Assert.That(ModelTraits.TakesTemperature(new ModelEndpoint("custom", model, "http://x/v1", "k", ApiMode.ChatCompletions))).IsEqualTo(expected);

    [Test]
    [Arguments("openai/gpt-5.2", "developer")]
    [Arguments("codex-mini", "developer")]
    [Arguments("gpt-4o", "system")]
    public async Task The_instructions_have_the_role_that_the_model_knows(string model, string role)
    {
        using var body = Body("custom", "http://x/v1", model, "");
        await Assert.That(body.RootElement.GetProperty("messages")[0].GetProperty("role").GetString()).IsEqualTo(role);
    }

    private static ModelRequest Request(ModelEndpoint endpoint, string effort, params FakeTool[] tools) =>
        new(endpoint, "sys", [new ConversationMessage(Role.User, "a")], tools, new AgentSettings { ReasoningEffort = effort });

    private static JsonDocument Body(string provider, string url, string model, string effort, params FakeTool[] tools)
    {
        var endpoint = new ModelEndpoint(provider, model, url, "k", ApiMode.ChatCompletions);
        return JsonDocument.Parse(Encoding.UTF8.GetString(ChatRequestWriter.Write(Request(endpoint, effort, tools)).Span));
    }
}
