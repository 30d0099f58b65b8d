using System.Text.Json.Nodes;

namespace Gateway.Tests.Logins;

/// <summary>Which credentials a provider is asked with, and in which order (CONFIG.md 4.2 and 4.3, STATE.md 5).</summary>
public class CredentialPoolTests
{
    private const string Zai = "model: {default: glm-5, provider: zai}";
    private const string Claude = "model: {default: claude-x, provider: anthropic}";

    [Test]
    [Arguments("""[]""", "only env-key-1")]
    [Arguments("""[{"id":"a","source":"manual","access_token":"pool-key-a","priority":0}]""", "pool-key-a env-key-1")]
    [Arguments("""[{"id":"a","source":"manual","access_token":"pool-key-a","priority":1},{"id":"b","source":"manual","access_token":"pool-key-b","priority":0}]""", "pool-key-b pool-key-a env-key-1")]
    [Arguments("""[{"id":"a","source":"env:GLM_API_KEY","access_token":"old","priority":0},{"id":"b","source":"manual","access_token":"pool-key-b","priority":1}]""", "env-key-1 pool-key-b")]
    [Arguments("""[{"id":"a","source":"env:ZAI_API_KEY","access_token":"gone-key-1","priority":0}]""", "only env-key-1")]
    [Arguments("""[{"id":"a","access_token":"***"},{"id":"b"},7,{"id":"c","access_token":42}]""", "only env-key-1")]
    [Arguments("""{"no":"list"}""", "only env-key-1")]
    [Arguments("""[{"id":"a","source":"manual","access_token":"pool-key-a","last_status":"exhausted","last_error_reset_at":99999999999}]""", "env-key-1 pool-key-a")]
    [Arguments("""[{"id":"a","source":"manual","access_token":"pool-key-a","last_status":"exhausted","last_error_reset_at":"2999-01-01T00:00:00Z"}]""", "env-key-1 pool-key-a")]
    [Arguments("""[{"id":"a","source":"manual","access_token":"pool-key-a","last_status":"exhausted","last_status_at":1000}]""", "pool-key-a env-key-1")]
    [Arguments("""[{"id":"a","source":"manual","access_token":"pool-key-a","last_status":"ok","last_status_at":1000}]""", "pool-key-a env-key-1")]
    [Arguments("""[{"id":"a","source":"manual","access_token":"pool-key-a","last_status":"exhausted","last_status_at":"9999-12-31T23:59:59Z"}]""", "env-key-1 pool-key-a")]
    public async Task The_pool_comes_in_its_order_and_what_rests_comes_last(string pool, string expected)
    {
        using var home = new LoginHome { Auth = JsonNode.Parse($$"""{"credential_pool":{"zai":{{pool}} } }""")! };
        await Assert.That(home.Order(Zai, ("GLM_API_KEY", "env-key-1"))).IsEqualTo(expected);
    }

    [Test]
    public async Task Half_of_a_surrogate_pair_costs_its_entry_and_nothing_else()
    {
        using var home = new LoginHome();
        home.Home.Write("hermes/auth.json", """{"active_provider":"\ud800","credential_pool":{"zai":[{"id":"a","access_token":"\ud800"},{"id":"b","source":"\udfff","access_token":"pool-key-b"}]}}""");
        await Assert.That(home.Order(Zai, ("ZAI_API_KEY", "env-key-1"))).IsEqualTo("pool-key-b env-key-1");
    }

    [Test]
    [Arguments("fill_first", "key-a-1 key-b-1")]
    [Arguments("least_used", "key-b-1 key-a-1")]
    [Arguments("round_robin", "key-b-1 key-a-1")]
    [Arguments("nonsense", "key-a-1 key-b-1")]
    public async Task A_strategy_orders_those_that_are_ready(string strategy, string expected)
    {
        using var home = new LoginHome
        {
            Auth = JsonNode.Parse("""{"credential_pool":{"zai":[{"id":"a","access_token":"key-a-1","priority":0,"request_count":3},{"id":"b","access_token":"key-b-1","priority":1,"request_count":1}]}}""")!,
        };
        await Assert.That(home.Order($"{Zai}\ncredential_pool_strategies: {{zai: {strategy}}}")).IsEqualTo(expected);
    }

    [Test]
    public async Task What_was_taken_away_is_not_used()
    {
        using var home = new LoginHome { Auth = JsonNode.Parse("""{"suppressed_sources":{"anthropic":["env:ANTHROPIC_TOKEN"]}}""")! };
        await Assert.That(home.Order(Claude, ("ANTHROPIC_TOKEN", "token-12"), ("ANTHROPIC_API_KEY", "api-key-1"))).IsEqualTo("only api-key-1");
        await Assert.That(home.Order(Claude, ("ANTHROPIC_API_KEY", "api-key-1"), ("CLAUDE_CODE_OAUTH_TOKEN", "claude-1"))).IsEqualTo("claude-1 api-key-1");
    }

    [Test]
    public async Task Logins_of_other_programs_are_looked_at_only_when_their_provider_is_chosen()
    {
        using var home = new LoginHome();
        home.Home.Write(".claude/.credentials.json", """{"claudeAiOauth":{"accessToken":"sk-ant-oat-code","refreshToken":"r","expiresAt":99999999999999}}""");
        home.Home.Write("hermes/.anthropic_oauth.json", """{"accessToken":"sk-ant-oat-own","refreshToken":"r","expiresAt":99999999999999}""");
        await Assert.That(home.Order(Claude, ("ANTHROPIC_TOKEN", "token-12"), ("ANTHROPIC_API_KEY", "api-key-1"))).IsEqualTo("token-12 sk-ant-oat-own sk-ant-oat-code api-key-1");
        home.Home.Write(".qwen/oauth_creds.json", """{"access_token":"qwen-1","refresh_token":"r","expiry_date":99999999999999}""");
        home.Home.Write("hermes/auth.json", """{"providers":{"nous":{"agent_key":"key-1"},"openai-codex":{"tokens":{"access_token":"codex-1"}}}}""");
        await Assert.That(home.Order("model: {default: claude-x}", ("GITHUB_TOKEN", "gho_token-1"))).StartsWith("No inference provider configured.");
    }

    [Test]
    [Arguments("""{"active_provider":"openai-codex","providers":{"openai-codex":{"tokens":{"access_token":"codex-1"}}}}""", "openai-codex gpt-5 https://chatgpt.com/backend-api/codex CodexResponses")]
    [Arguments("""{"active_provider":"nous","providers":{"nous":{"access_token":"a","agent_key":"key-1","agent_key_expires_at":"2999-01-01T00:00:00Z","inference_base_url":"https://inference-api.nousresearch.com/v1/"}}}""", "nous openai/gpt-5 https://inference-api.nousresearch.com/v1 ChatCompletions")]
    [Arguments("""{"active_provider":"nous","providers":{}}""", "openrouter openai/gpt-5 https://openrouter.ai/api/v1 ChatCompletions")]
    [Arguments("""{"active_provider":"anthropic","credential_pool":{"anthropic":[{"id":"1","access_token":"sk-ant-1"}]}}""", "anthropic gpt-5 https://api.anthropic.com AnthropicMessages")]
    [Arguments("""{"providers":{"nous":{"agent_key":"key-1"}}}""", "openrouter openai/gpt-5 https://openrouter.ai/api/v1 ChatCompletions")]
    [Arguments("""{"active_provider":"google-gemini-cli"}""", "Google Gemini CLI is not supported")]
    [Arguments("""{"active_provider":"nobody"}""", "openrouter openai/gpt-5 https://openrouter.ai/api/v1 ChatCompletions")]
    [Arguments("[]", "openrouter openai/gpt-5 https://openrouter.ai/api/v1 ChatCompletions")]
    [Arguments("\"broken\"", "openrouter openai/gpt-5 https://openrouter.ai/api/v1 ChatCompletions")]
    public async Task Without_a_choice_the_login_counts_before_any_key(string auth, string expected)
    {
        using var home = new LoginHome();
        home.Home.Write("hermes/auth.json", auth == "\"broken\"" ? "{\"active_provider\":" : auth);
        var found = home.Resolve("model: {default: gpt-5}", ("OPENROUTER_API_KEY", "or-key-12"));
        string said = found.Endpoint is { } endpoint ? $"{endpoint.Provider} {endpoint.Model} {endpoint.BaseUrl} {endpoint.ApiMode}" : found.Problem!;
        await Assert.That(said).StartsWith(expected);
    }

    [Test]
    [Arguments("nous", "Nous Portal is chosen", "hermes auth add nous")]
    [Arguments("openai-codex", "OpenAI Codex is chosen", "hermes auth add openai-codex")]
    [Arguments("copilot", "GitHub Copilot is chosen", "COPILOT_GITHUB_TOKEN")]
    [Arguments("qwen-oauth", "Qwen OAuth is chosen", "oauth_creds.json")]
    public async Task A_provider_without_its_login_says_how_to_get_one(string provider, string who, string what)
    {
        using var home = new LoginHome();
        string problem = home.Order($"model: {{default: m, provider: {provider}}}", ("GITHUB_TOKEN", "ghp_classic_tokens_do_not_work"));
        await Assert.That(problem).Contains(who);
        await Assert.That(problem).Contains(what);
    }

    [Test]
    [Arguments("gpt-5.1", "CodexResponses")]
    [Arguments("gpt-5-mini", "ChatCompletions")]
    [Arguments("claude-sonnet-4.5", "ChatCompletions")]
    public async Task Copilot_speaks_the_format_of_the_model(string model, string format)
    {
        using var home = new LoginHome();
        var endpoint = home.Resolve($"model: {{default: {model}, provider: copilot}}", ("GH_TOKEN", "gho_token-1")).Endpoint!;
        await Assert.That(endpoint.ApiMode.ToString()).IsEqualTo(format);
    }

    [Test]
    public async Task A_key_of_its_own_in_the_configuration_leaves_the_pool_out()
    {
        using var home = new LoginHome { Auth = JsonNode.Parse("""{"credential_pool":{"zai":[{"id":"a","access_token":"pool-key-a"}],"openrouter":[{"id":"a","access_token":"pool-key-b"}]}}""")! };
        await Assert.That(home.Order("model: {default: glm-5, provider: zai, api_key: own-key-1}")).IsEqualTo("only own-key-1");
        await Assert.That(home.Order("model: {default: a/b, provider: openrouter, base_url: 'http://127.0.0.1:1/v1'}", ("OPENROUTER_API_KEY", "or-key-12"))).IsEqualTo("only or-key-12");
        await Assert.That(home.Order("model: {default: a/b, provider: openrouter}", ("OPENROUTER_API_KEY", "or-key-12"))).IsEqualTo("pool-key-b or-key-12");
    }

    [Test]
    [Arguments("zai", "https://api.z.ai/api/paas/v4/", null)]
    [Arguments("gemini", "https://generativelanguage.googleapis.com/v1beta", null)]
    [Arguments("zai", "https://elsewhere.example/v4", "https://elsewhere.example/v4")]
    [Arguments("nous", "https://evil.example/v1", null)]
    [Arguments("nous", "https://inference-2.nousresearch.com/v1", "https://inference-2.nousresearch.com/v1")]
    public async Task An_entry_leads_elsewhere_only_when_its_address_says_something(string provider, string address, string? expected)
    {
        using var home = new LoginHome { Auth = JsonNode.Parse($$"""{"credential_pool":{"{{provider}}":[{"id":"a","auth_type":"oauth","access_token":"pool-key-a","base_url":"{{address}}"},{"id":"b","auth_type":"oauth","access_token":"pool-key-b"}] } }""")! };
        var endpoint = home.Resolve($"model: {{default: m, provider: {provider}, base_url: 'https://proxy.example/v1'}}").Endpoint!;
        await Assert.That(endpoint.BaseUrl).IsEqualTo("https://proxy.example/v1");
        await Assert.That(endpoint.Credentials[0].BaseUrl).IsEqualTo(expected);
    }

    [Test]
    [Arguments("file:///etc/passwd")]
    [Arguments("ftp://localhost/v1")]
    [Arguments("https://evil.example/v1")]
    [Arguments("http://inference-api.nousresearch.com/v1")]
    [Arguments("https://nousresearch.com.evil.example/v1")]
    public async Task A_login_is_shown_to_no_other_address(string address)
    {
        using var home = new LoginHome();
        home.Auth = new JsonObject { ["providers"] = new JsonObject { ["nous"] = new JsonObject { ["agent_key"] = "key-1", ["inference_base_url"] = address } } };
        var endpoint = home.Resolve("model: {default: m, provider: nous}").Endpoint!;
        await Assert.That(endpoint.BaseUrl).IsEqualTo("https://inference-api.nousresearch.com/v1");
        await Assert.That(endpoint.Credentials.Single().BaseUrl).IsNull();
    }
}
