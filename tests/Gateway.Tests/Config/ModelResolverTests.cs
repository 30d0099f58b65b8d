using Gateway.Config;

namespace Gateway.Tests.ConfigTests;

public class ModelResolverTests
{
    private const string Key = "sk-0123456789abcdef";

    [Test]
    // variables; config; expected "provider model url mode key"
    [Arguments("OPENROUTER_API_KEY=" + Key, "", "openrouter anthropic/claude-sonnet-4 https://openrouter.ai/api/v1 ChatCompletions " + Key)]
    [Arguments("OPENAI_API_KEY=" + Key, "model: gpt-5", "openrouter openai/gpt-5 https://openrouter.ai/api/v1 ChatCompletions " + Key)]
    [Arguments("ANTHROPIC_API_KEY=" + Key, "model: claude-sonnet-4.6", "anthropic claude-sonnet-4-6 https://api.anthropic.com AnthropicMessages " + Key)]
    [Arguments("ANTHROPIC_API_KEY=" + Key, "", "anthropic claude-sonnet-4 https://api.anthropic.com AnthropicMessages " + Key)]
    [Arguments("ANTHROPIC_API_KEY=" + Key + " ANTHROPIC_TOKEN=sk-ant-oat-1", "", "anthropic claude-sonnet-4 https://api.anthropic.com AnthropicMessages sk-ant-oat-1")]
    [Arguments("GEMINI_API_KEY=" + Key, "model: {default: gemini-2.5-pro}", "gemini gemini-2.5-pro https://generativelanguage.googleapis.com/v1beta/openai ChatCompletions " + Key)]
    [Arguments("XAI_API_KEY=" + Key, "model: {default: grok-4, provider: grok}", "xai grok-4 https://api.x.ai/v1 CodexResponses " + Key)]
    [Arguments("XAI_API_KEY=" + Key + " XAI_BASE_URL=https://relay/v1", "model: {default: grok-4, provider: xai}", "xai grok-4 https://relay/v1 CodexResponses " + Key)]
    [Arguments("XAI_API_KEY=" + Key, "model: {default: grok-4, provider: xai, api_mode: chat_completions}", "xai grok-4 https://api.x.ai/v1 ChatCompletions " + Key)]
    [Arguments("MINIMAX_API_KEY=" + Key, "model: {default: MiniMax-M2, provider: minimax}", "minimax MiniMax-M2 https://api.minimax.io/anthropic AnthropicMessages " + Key)]
    [Arguments("KIMI_API_KEY=sk-kimi-0123", "model: {default: k2, provider: kimi}", "kimi-coding k2 https://api.kimi.com/coding AnthropicMessages sk-kimi-0123")]
    [Arguments("OPENCODE_ZEN_API_KEY=" + Key, "model: {default: claude-opus-4.1, provider: zen}", "opencode-zen claude-opus-4-1 https://opencode.ai/zen AnthropicMessages " + Key)]
    [Arguments("OPENCODE_ZEN_API_KEY=" + Key, "model: {default: gpt-5, provider: zen}", "opencode-zen gpt-5 https://opencode.ai/zen/v1 CodexResponses " + Key)]
    [Arguments("OPENCODE_ZEN_API_KEY=" + Key, "model: {default: kimi-k2, provider: zen}", "opencode-zen kimi-k2 https://opencode.ai/zen/v1 ChatCompletions " + Key)]
    [Arguments("OPENCODE_GO_API_KEY=" + Key, "model: {default: gpt-5, provider: go}", "opencode-go gpt-5 https://opencode.ai/zen/go/v1 ChatCompletions " + Key)]
    [Arguments("DEEPSEEK_API_KEY=" + Key, "model: {default: deepseek-r1, provider: deepseek}", "deepseek deepseek-reasoner https://api.deepseek.com/v1 ChatCompletions " + Key)]
    [Arguments("DEEPSEEK_API_KEY=" + Key + " DEEPSEEK_BASE_URL=https://d/v1/", "model: {default: deepseek-v3, provider: deepseek}", "deepseek deepseek-v3 https://d/v1 ChatCompletions " + Key)]
    [Arguments("", "model: {default: qwen3, provider: ollama, base_url: 'http://127.0.0.1:11434/v1/'}", "custom qwen3 http://127.0.0.1:11434/v1 ChatCompletions no-key-required")]
    [Arguments("", "model: {default: x, base_url: 'http://127.0.0.1:9/v1'}", "custom x http://127.0.0.1:9/v1 ChatCompletions no-key-required")]
    [Arguments("OPENAI_API_KEY=" + Key, "model: {default: gpt-5, provider: custom, base_url: 'https://api.openai.com/v1'}", "custom gpt-5 https://api.openai.com/v1 CodexResponses " + Key)]
    [Arguments("OPENAI_API_KEY=" + Key, "model: {default: gpt-4o, provider: custom, base_url: 'https://api.openai.com/v1/'}", "custom gpt-4o https://api.openai.com/v1 CodexResponses " + Key)]
    [Arguments("OPENAI_API_KEY=" + Key, "model: {default: gpt-5, provider: custom, base_url: 'https://api.openai.com/v1', api_mode: chat_completions}", "custom gpt-5 https://api.openai.com/v1 ChatCompletions " + Key)]
    [Arguments("OPENAI_API_KEY=" + Key, "model: {default: gpt-5, provider: custom, base_url: 'https://api.openai.com.example/v1'}", "custom gpt-5 https://api.openai.com.example/v1 ChatCompletions " + Key)]
    [Arguments("", "model: {default: m, provider: custom, base_url: 'http://127.0.0.1:9/v1', api_mode: codex_responses}", "custom m http://127.0.0.1:9/v1 CodexResponses no-key-required")]
    [Arguments("MY=" + Key, "model: {default: m, provider: mine}\nproviders: {mine: {api: 'https://p/v1', key_env: MY, transport: Codex_Responses}}", "custom m https://p/v1 CodexResponses " + Key)]
    [Arguments("MY=" + Key, "model: {default: m, provider: mine}\nproviders: {mine: {api: 'https://api.x.ai/v1', key_env: MY}}", "custom m https://api.x.ai/v1 CodexResponses " + Key)]
    [Arguments("OPENAI_API_KEY=" + Key, "model: {default: m, provider: custom, base_url: 'https://h/anthropic', api_key: own-key-1}", "custom m https://h/anthropic AnthropicMessages own-key-1")]
    [Arguments("", "model: {default: m, provider: custom, base_url: 'https://h/v1', api_mode: anthropic_messages}", "custom m https://h AnthropicMessages no-key-required")]
    [Arguments("MY=" + Key, "model: {default: m, provider: mine}\nproviders: {mine: {api: 'https://p/v1', key_env: MY}}", "custom m https://p/v1 ChatCompletions " + Key)]
    [Arguments("MY=" + Key, "model: {provider: 'custom:my-box'}\ncustom_providers: [{name: My Box, base_url: 'https://p/v1', api_key: '${MY}', model: dm}]", "custom dm https://p/v1 ChatCompletions " + Key)]
    [Arguments("", "model: {default: m, provider: lmstudio}", "lmstudio m http://127.0.0.1:1234/v1 ChatCompletions dummy-lm-api-key")]
    [Arguments("OPENROUTER_API_KEY=" + Key + " HERMES_MODEL=z-ai/glm-5 HERMES_INFERENCE_MODEL=no", "model: {default: m}", "openrouter z-ai/glm-5 https://openrouter.ai/api/v1 ChatCompletions " + Key)]
    [Arguments("OPENROUTER_API_KEY=" + Key + " ZAI_API_KEY=" + Key + " HERMES_TUI_PROVIDER=glm", "model: {default: glm-5, provider: openrouter}", "zai glm-5 https://api.z.ai/api/paas/v4 ChatCompletions " + Key)]
    [Arguments("OPENROUTER_API_KEY=" + Key + " CUSTOM_BASE_URL=https://c/v1 OPENROUTER_BASE_URL=https://o/v1", "model: {default: a/b, provider: openrouter}", "openrouter a/b https://c/v1 ChatCompletions " + Key)]
    [Arguments("OPENROUTER_API_KEY=your_api_key ZAI_API_KEY=" + Key, "model: glm-5", "zai glm-5 https://api.z.ai/api/paas/v4 ChatCompletions " + Key)]
    [Arguments("AZURE_FOUNDRY_API_KEY=" + Key, "model: {default: gpt-5, provider: azure-foundry, base_url: 'https://z/openai/v1', api_mode: codex_responses}", "azure-foundry gpt-5 https://z/openai/v1 CodexResponses " + Key)]
    [Arguments("AZURE_FOUNDRY_API_KEY=" + Key, "model: {default: o4-mini, provider: azure-foundry, base_url: 'https://z/openai/v1'}", "azure-foundry o4-mini https://z/openai/v1 CodexResponses " + Key)]
    [Arguments("AZURE_FOUNDRY_API_KEY=" + Key, "model: {default: gpt-4o, provider: azure-foundry, base_url: 'https://z/openai/v1'}", "azure-foundry gpt-4o https://z/openai/v1 ChatCompletions " + Key)]
    public async Task Endpoint(string variables, string yaml, string expected)
    {
        using var home = new ConfigTestHome();
        var resolution = ModelResolver.Resolve(home.Environment(Variables(variables)), ConfigTestHome.Parse(yaml));
        await Assert.That(resolution.Problem).IsNull();
        await Assert.That(Describe(resolution.Endpoint!)).IsEqualTo(expected);
    }

    [Test]
    [Arguments("anthropic:claude-x", null, "anthropic claude-x")]
    [Arguments("claude-x", "claude", "anthropic claude-x")]
    [Arguments("llama3:8b", "mine", "custom llama3:8b")]
    [Arguments("custom:mine:q:7b", null, "custom q:7b")]
    [Arguments("mine:q", null, "custom q")]
    [Arguments("fav", null, "custom real-model")]
    [Arguments(null, null, "openrouter a/b")]
    public async Task Explicit_choice(string? model, string? provider, string expected)
    {
        using var home = new ConfigTestHome();
        var config = ConfigTestHome.Parse("model: {default: a/b, provider: openrouter}\nproviders: {mine: {base_url: 'https://p/v1'}}\nmodel_aliases: {fav: {model: real-model, base_url: 'http://localhost:1/v1'}}\n");
        var env = home.Environment(("OPENROUTER_API_KEY", Key), ("ANTHROPIC_API_KEY", Key));
        var endpoint = ModelResolver.Resolve(env, config, model, provider).Endpoint!;
        await Assert.That($"{endpoint.Provider} {endpoint.Model}").IsEqualTo(expected);
    }

    [Test]
    [Arguments("", "", "No inference provider configured.")]
    [Arguments("", "model: {provider: anthropic, default: c}", "No inference provider configured.")]
    [Arguments("GITHUB_TOKEN=ghp_0123456789", "", "No inference provider configured.")]
    [Arguments("", "model: {provider: openai}", "Unknown provider 'openai'.")]
    [Arguments("", "model: {provider: wat}", "Unknown provider 'wat'.")]
    [Arguments("", "model: {provider: nous, default: m}", "No inference provider configured. Nous Portal is chosen, but ")]
    [Arguments("", "model: {provider: aws, default: m}", "AWS Bedrock is not supported")]
    [Arguments("", "model: {provider: copilot-acp, default: m}", "GitHub Copilot ACP is not supported")]
    [Arguments("", "model: {provider: custom, default: m}", "The custom provider has no address.")]
    [Arguments("", "model: {provider: custom, default: m, base_url: '127.0.0.1:8080/v1'}", "model.base_url '127.0.0.1:8080/v1' in ")]
    [Arguments("", "model: {default: m, base_url: 'localhost:8080/v1'}", "model.base_url 'localhost:8080/v1' in ")]
    [Arguments("", "model: {default: m, provider: lmstudio, base_url: 'ftp://h/v1'}", "model.base_url 'ftp://h/v1' in ")]
    [Arguments("CUSTOM_BASE_URL=h/v1", "model: {default: m, provider: custom}", "The configured base URL 'h/v1' is not an http or https address.")]
    [Arguments("", "model: {default: m, provider: custom, base_url: sk-0123456789abcdefgh}", "model.base_url 'sk-012...efgh' in ")]
    [Arguments("", "model: {provider: 'custom:gone', default: m}", "There is no custom provider named 'gone'")]
    [Arguments("OPENROUTER_API_KEY=" + Key, "model: {provider: openrouter}", "No model is chosen.")]
    public async Task Problem(string variables, string yaml, string expected)
    {
        using var home = new ConfigTestHome();
        var resolution = ModelResolver.Resolve(home.Environment(Variables(variables)), ConfigTestHome.Parse(yaml));
        await Assert.That(resolution.Endpoint).IsNull();
        await Assert.That(resolution.Problem).StartsWith(expected);
    }

    [Test]
    public async Task A_stored_login_is_named_in_the_problem()
    {
        using var home = new ConfigTestHome();
        home.Write("hermes/auth.json", """{"active_provider": "nous", "providers": {}}""");
        await Assert.That(ModelResolver.Resolve(home.Environment(), ConfigNode.EmptyMap).Problem).Contains("Log in with 'hermes auth add nous'");
    }

    [Test]
    [Arguments("", "", false)]
    [Arguments("OPENROUTER_API_KEY=" + Key, "", true)]
    [Arguments("OPENROUTER_API_KEY=changeme", "", false)]
    [Arguments("", "model: {base_url: 'http://127.0.0.1:1/v1'}", true)]
    [Arguments("", "model: {default: x}", false)]
    [Arguments("", "providers: {a: {api: 'http://b/v1'}}", true)]
    public async Task Configured(string variables, string yaml, bool expected)
    {
        using var home = new ConfigTestHome();
        await Assert.That(ModelResolver.IsConfigured(home.Environment(Variables(variables)), ConfigTestHome.Parse(yaml))).IsEqualTo(expected);
    }

    [Test]
    [Arguments("", "", "anthropic/claude-sonnet-4")]
    [Arguments("", "model: foo", "foo")]
    [Arguments("", "model: {model: ignored}", "")]
    [Arguments("", "model: {default: m}", "m")]
    [Arguments("HERMES_INFERENCE_MODEL=e", "model: m", "e")]
    [Arguments("HERMES_INFERENCE_MODEL=e HERMES_MODEL=h", "model: m", "h")]
    public async Task Current_model(string variables, string yaml, string expected)
    {
        using var home = new ConfigTestHome();
        await Assert.That(ModelResolver.CurrentModelName(home.Environment(Variables(variables)), ConfigTestHome.Parse(yaml))).IsEqualTo(expected);
    }

    [Test]
    public async Task Limits_come_from_variables_and_the_provider_entry()
    {
        using var home = new ConfigTestHome();
        var env = home.Environment(("HERMES_API_TIMEOUT", "100"), ("HERMES_STREAM_READ_TIMEOUT", "50"), ("OPENROUTER_API_KEY", Key));
        var config = ConfigTestHome.Parse("providers: {p: {api: 'https://p/v1', request_timeout_seconds: 7, models: {m: {context_length: 9000}}}}");
        var remote = ModelResolver.Resolve(env, config, "m", "p").Endpoint!;
        await Assert.That(remote.ContextLength).IsEqualTo(9000);
        await Assert.That(remote.RequestTimeout.TotalSeconds).IsEqualTo(7);
        await Assert.That(remote.ReadTimeout.TotalSeconds).IsEqualTo(50);
        var other = ModelResolver.Resolve(env, config, "a/b", "openrouter").Endpoint!;
        await Assert.That(other.RequestTimeout.TotalSeconds).IsEqualTo(100);
        await Assert.That(other.ContextLength).IsNull();
    }

    [Test]
    [Arguments("http://localhost:1/v1", true)]
    [Arguments("http://[::1]:1/v1", true)]
    [Arguments("http://192.168.3.4/v1", true)]
    [Arguments("http://100.64.0.1/v1", true)]
    [Arguments("http://host.docker.internal:11434/v1", true)]
    [Arguments("http://172.32.0.1/v1", false)]
    [Arguments("https://api.openai.com/v1", false)]
    public async Task Local_endpoints_may_be_silent_as_long_as_the_request_lasts(string url, bool isLocal)
    {
        using var home = new ConfigTestHome();
        var endpoint = ModelResolver.Resolve(home.Environment(), ConfigTestHome.Parse($"model: {{default: m, provider: custom, base_url: '{url}', context_length: 5}}")).Endpoint!;
        await Assert.That(endpoint.ReadTimeout.TotalSeconds).IsEqualTo(isLocal ? 1800 : 120);
        await Assert.That(endpoint.ContextLength).IsEqualTo(5);
    }

    [Test]
    [Arguments("CUSTOM_BASE_URL=http://elsewhere:1/v1", "model: {default: m, provider: zai, base_url: 'https://h/v1', api_key: own-key-1}", "m", "custom", "no-key-required")]
    [Arguments("CUSTOM_BASE_URL=http://elsewhere:1/v1 OPENROUTER_API_KEY=" + Key, "model: {default: m, provider: openrouter, api_key: own-key-1}", "a/m", null, Key)]
    [Arguments("", "model: {default: m, provider: custom, base_url: 'https://h/v1', api_key: own-key-1}\nmodel_aliases: {fav: {model: x, base_url: 'http://elsewhere:1/v1'}}", "fav", null, "no-key-required")]
    [Arguments("", "model: {default: m, provider: custom, base_url: 'https://h/v1', api_key: own-key-1}\nmodel_aliases: {fav: {model: x, base_url: 'https://h/v1/'}}", "fav", null, "own-key-1")]
    [Arguments("", "model: {default: m, provider: custom, base_url: 'https://h/v1', api_key: own-key-1}\nmodel_aliases: {fav: {model: x, api_key: other-key, base_url: 'http://elsewhere:1/v1'}}", "fav", null, "other-key")]
    public async Task The_key_of_the_file_goes_to_the_address_of_the_file_alone(string variables, string yaml, string model, string? provider, string expected)
    {
        using var home = new ConfigTestHome();
        await Assert.That(ModelResolver.Resolve(home.Environment(Variables(variables)), ConfigTestHome.Parse(yaml), model, provider).Endpoint!.ApiKey).IsEqualTo(expected);
    }

    [Test]
    [Arguments("provider: zai, base_url: 'https://proxy/v4/'", "zai m https://proxy/v4 ChatCompletions zai-key-1")]
    [Arguments("provider: zai, base_url: 'https://proxy/v4', api_key: own-key-1", "zai m https://proxy/v4 ChatCompletions own-key-1")]
    [Arguments("base_url: 'https://h/v1'", "custom m https://h/v1 ChatCompletions main-key-1")]
    [Arguments("base_url: 'https://other/v1'", "custom m https://other/v1 ChatCompletions or-key-12")]
    [Arguments("provider: mine, base_url: 'https://p/v1'", "custom m https://p/v1 ChatCompletions mine-key-1")]
    [Arguments("provider: mine, base_url: 'https://other/v1'", "custom m https://other/v1 ChatCompletions or-key-12")]
    [Arguments("provider: minimax, base_url: 'https://proxy/anthropic'", "minimax m https://proxy/anthropic AnthropicMessages no-key-required")]
    [Arguments("provider: nous, base_url: 'https://other/v1'", "custom m https://other/v1 ChatCompletions or-key-12")]
    [Arguments("base_url: 'not an address'", null)]
    public async Task An_entry_with_an_address_finds_the_key_that_belongs_there(string entry, string? expected)
    {
        using var home = new ConfigTestHome();
        var env = home.Environment(("ZAI_API_KEY", "zai-key-1"), ("OPENROUTER_API_KEY", "or-key-12"));
        var config = ConfigTestHome.Parse($"model: {{default: a, provider: custom, base_url: 'https://h/v1', api_key: main-key-1}}\nproviders: {{mine: {{api: 'https://p/v1', api_key: mine-key-1}}}}\nfallback_providers: [{{model: m, {entry}}}]");
        var found = FallbackModels.Read(env, config).SingleOrDefault();
        await Assert.That(found is null ? null : Describe(found)).IsEqualTo(expected);
    }

    [Test]
    [Arguments("provider: anthropic", "anthropic claude-haiku-4-5-20251001 https://api.anthropic.com AnthropicMessages ant-key-1")]
    [Arguments("provider: mine", "custom small https://p/v1 ChatCompletions or-key-12")]
    [Arguments("provider: openrouter", "openrouter a/b https://openrouter.ai/api/v1 ChatCompletions or-key-12")]
    [Arguments("api_key: own-key-1", "openrouter a/b https://openrouter.ai/api/v1 ChatCompletions own-key-1")]
    [Arguments("provider: auto, model: c/d", "openrouter c/d https://openrouter.ai/api/v1 ChatCompletions or-key-12")]
    [Arguments("base_url: 'http://127.0.0.1:9/v1', model: s, api_mode: codex_responses", "custom s http://127.0.0.1:9/v1 CodexResponses or-key-12")]
    public async Task A_side_task_has_a_model_its_provider_knows(string section, string expected)
    {
        using var home = new ConfigTestHome();
        var env = home.Environment(("ANTHROPIC_API_KEY", "ant-key-1"), ("OPENROUTER_API_KEY", "or-key-12"));
        var config = ConfigTestHome.Parse($"model: {{default: a/b, provider: openrouter}}\nproviders: {{mine: {{api: 'https://p/v1', default_model: small}}}}\nauxiliary: {{vision: {{{section}}}}}");
        await Assert.That(Describe(AuxiliaryEndpoint.Resolve(env, config, "vision").Endpoint!)).IsEqualTo(expected);
    }

    [Test]
    public async Task Others_answer_a_side_task_only_where_none_is_named_for_it()
    {
        using var home = new ConfigTestHome();
        var env = home.Environment(("ANTHROPIC_API_KEY", "ant-key-1"), ("OPENROUTER_API_KEY", "or-key-12"), ("ZAI_API_KEY", "zai-key-1"));
        var main = ConfigTestHome.Parse("model: {default: a/b, provider: openrouter}\nauxiliary: {vision: {provider: zai}}");
        await Assert.That(AuxiliaryEndpoint.Others(env, main, "vision")).IsEmpty();
        await Assert.That(string.Join(", ", AuxiliaryEndpoint.Others(env, main, "compression").Select(endpoint => endpoint.ToString())))
            .IsEqualTo("claude-haiku-4-5-20251001 (anthropic), glm-4.5-flash (zai)");
    }

    [Test]
    public async Task Every_alias_leads_to_a_provider_and_every_id_has_one()
    {
        foreach (var id in ProviderCatalog.Ids)
        {
            await Assert.That(ProviderCatalog.Find(id)!.Id).IsEqualTo(id);
        }

        await Assert.That(ProviderCatalog.Find("openai")).IsNull();
        await Assert.That(ProviderCatalog.Find(" Llama.cpp ")!.Id).IsEqualTo("custom");
    }

    [Test]
    [Arguments("", "https://h/v1", "ChatCompletions")]
    [Arguments("", "https://api.openai.com/v1", "CodexResponses")]
    [Arguments("", "https://h/anthropic", "AnthropicMessages")]
    [Arguments("codex_responses", "https://h/v1", "CodexResponses")]
    [Arguments("anthropic_messages", "https://h/v1", "AnthropicMessages")]
    [Arguments("chat_completions", "https://api.openai.com/v1", "ChatCompletions")]
    public async Task Models_beside_the_main_one_choose_their_format_alike(string mode, string url, string expected)
    {
        using var home = new ConfigTestHome();
        string entry = $"{{model: m, base_url: '{url}', api_key: k{(mode.Length == 0 ? "" : $", api_mode: {mode}")}}}";
        var config = ConfigTestHome.Parse($"fallback_providers: [{entry}]\nauxiliary: {{compression: {entry}}}");
        await Assert.That(FallbackModels.Read(home.Environment(), config).Single().ApiMode.ToString()).IsEqualTo(expected);
        await Assert.That(AuxiliaryEndpoint.Resolve(home.Environment(), config, "compression").Endpoint!.ApiMode.ToString()).IsEqualTo(expected);
    }

    private static string Describe(ModelEndpoint endpoint) =>
        $"{endpoint.Provider} {endpoint.Model} {endpoint.BaseUrl} {endpoint.ApiMode} {endpoint.ApiKey}";

    private static (string, string)[] Variables(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(part => (part[..part.IndexOf('=')], part[(part.IndexOf('=') + 1)..]))];
}
