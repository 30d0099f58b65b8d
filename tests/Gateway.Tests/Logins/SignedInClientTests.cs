using System.Text.Json.Nodes;
using Gateway.Agent;
using Gateway.Agent.Logins;
using Gateway.Agent.Models;
using Gateway.Config;
using Gateway.Tests.AgentTests;

namespace Gateway.Tests.Logins;

/// <summary>Calls with logins and pools: what is renewed, what is taken next, and what stands in the files afterwards.</summary>
public class SignedInClientTests
{
    private static readonly Func<Exchange, Task> Fine = exchange => exchange.EventsAsync("""{"choices":[{"delta":{"content":"fine"},"finish_reason":"stop"}]}""", "[DONE]");

    private static Func<Exchange, Task> Refusal(int status, string headers = "") => exchange => exchange.JsonAsync(status, """{"error":{"message":"no"}}""", headers);

    private static Func<Exchange, Task> Answer(string json) => exchange => exchange.JsonAsync(200, json);

    [Test]
    [Arguments(401, "key-a-1 key-b-1", "auth")]
    [Arguments(402, "key-a-1 key-b-1", "billing")]
    [Arguments(429, "key-a-1 key-a-1 key-b-1", "rate_limit")]
    public async Task The_next_key_is_taken_and_the_first_rests(int status, string expected, string reason)
    {
        string[] keys = expected.Split(' ');
        await using var server = new ScriptedServer([.. keys.SkipLast(1).Select(_ => Refusal(status)), Fine, Fine]);
        using var home = Pool();
        await Assert.That(await CallAsync(home, server)).IsEqualTo("fine");
        await Assert.That(Keys(server)).IsEqualTo(expected);
        var entry = home.Auth["credential_pool"]!["zai"]![0]!;
        await Assert.That((string?)entry["last_status"]).IsEqualTo("exhausted");
        await Assert.That((int?)entry["last_error_code"]).IsEqualTo(status);
        await Assert.That((string?)entry["last_error_reason"]).IsEqualTo(reason);
        await Assert.That((string?)entry["unknown"]).IsEqualTo("kept");
        await Assert.That((string?)home.Auth["other"]).IsEqualTo("kept too");
        await Assert.That(File.GetUnixFileMode(Path.Combine(home.Home.Home, "auth.json"))).IsEqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await Assert.That(await CallAsync(home, server)).IsEqualTo("fine");
        await Assert.That(Keys(server)).IsEqualTo(expected + " key-b-1");
    }

    [Test]
    public async Task A_long_rate_limit_is_not_waited_for_while_another_key_is_there()
    {
        await using var server = new ScriptedServer(Refusal(429, "Retry-After: 90\r\n"), Fine);
        using var home = Pool();
        await Assert.That(await CallAsync(home, server)).IsEqualTo("fine");
        await Assert.That(Keys(server)).IsEqualTo("key-a-1 key-b-1");
        var entry = home.Auth["credential_pool"]!["zai"]![0]!;
        await Assert.That((double)entry["last_error_reset_at"]!).IsEqualTo((double)entry["last_status_at"]! + 90);
    }

    [Test]
    public async Task When_no_key_helps_the_last_failure_is_told()
    {
        await using var server = new ScriptedServer(Refusal(402), Refusal(402));
        using var home = Pool();
        var failure = await Assert.That(async () => await CallAsync(home, server)).Throws<ModelException>();
        await Assert.That(failure!.Error.Kind).IsEqualTo(ModelErrorKind.Billing);
        await Assert.That(Keys(server)).IsEqualTo("key-a-1 key-b-1");
    }

    [Test]
    public async Task Other_failures_change_no_key()
    {
        await using var server = new ScriptedServer(Refusal(500));
        using var home = Pool();
        await Assert.That(async () => await CallAsync(home, server)).Throws<ModelException>();
        await Assert.That(Keys(server)).IsEqualTo("key-a-1");
        await Assert.That(home.Auth["credential_pool"]!["zai"]![0]!["last_status"]).IsNull();
    }

    [Test]
    public async Task Uses_are_counted_where_the_pool_goes_by_them()
    {
        await using var server = new ScriptedServer(Fine, Fine);
        using var home = Pool();
        foreach (string _ in new[] { "first", "second" }) await CallAsync(home, server, "credential_pool_strategies: {zai: round_robin}");
        await Assert.That(Keys(server)).IsEqualTo("key-a-1 key-b-1");
    }

    [Test]
    public async Task A_login_that_ends_is_renewed_where_it_is_stored()
    {
        string fresh = LoginHome.Ending(3600, ",\"https://api.openai.com/auth\":{\"chatgpt_account_id\":\"acc-1\"}");
        await using var server = new ScriptedServer(Answer($$"""{"access_token":"{{fresh}}","refresh_token":"refresh-2"}"""), Responds);
        using var home = new LoginHome
        {
            Auth = JsonNode.Parse($$"""{"version":1,"providers":{"openai-codex":{"tokens":{"access_token":"{{LoginHome.Ending(30)}}","refresh_token":"refresh-1","id_token":"kept"},"last_refresh":"x"} },"updated_at":"then"}""")!,
        };
        await Assert.That(await CallAsync(home, server, provider: "openai-codex")).IsEqualTo("fine");
        await Assert.That(server.Exchanges[0].Body).IsEqualTo("grant_type=refresh_token&refresh_token=refresh-1&client_id=app_EMoamEEZ73f0CkXaXp7hrann");
        await Assert.That(Keys(server)).IsEqualTo(fresh);
        await Assert.That(server.Exchanges[1].Header("ChatGPT-Account-ID")).IsEqualTo("acc-1");
        await Assert.That(server.Exchanges[1].Header("originator")).IsEqualTo("codex_cli_rs");
        var login = home.Auth["providers"]!["openai-codex"]!;
        await Assert.That((string?)login["tokens"]!["access_token"]).IsEqualTo(fresh);
        await Assert.That((string?)login["tokens"]!["refresh_token"]).IsEqualTo("refresh-2");
        await Assert.That((string?)login["tokens"]!["id_token"]).IsEqualTo("kept");
        await Assert.That((string?)login["last_refresh"]).StartsWith("20");
        await Assert.That((string?)home.Auth["updated_at"]).StartsWith("20");
    }

    [Test]
    public async Task A_login_that_is_refused_is_renewed_once()
    {
        await using var server = new ScriptedServer(Refusal(401), Answer("""{"access_token":"sk-ant-oat-2","refresh_token":"refresh-2","expires_in":3600}"""), Refusal(401));
        using var home = new LoginHome();
        home.Home.Write(".claude/.credentials.json", """{"claudeAiOauth":{"accessToken":"sk-ant-oat-1","refreshToken":"refresh-1","expiresAt":99999999999999,"scopes":["kept"]}}""");
        await Assert.That(async () => await CallAsync(home, server, provider: "anthropic")).Throws<ModelException>();
        await Assert.That(server.Exchanges.Count).IsEqualTo(3);
        await Assert.That(server.Exchanges[2].Header("x-api-key")).IsEqualTo("sk-ant-oat-2");
        var login = JsonNode.Parse(File.ReadAllText(Path.Combine(home.Home.Root, ".claude/.credentials.json")))!["claudeAiOauth"]!;
        await Assert.That((string?)login["accessToken"]).IsEqualTo("sk-ant-oat-2");
        await Assert.That((string?)login["scopes"]![0]).IsEqualTo("kept");
        await Assert.That((long)login["expiresAt"]!).IsGreaterThan(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
    }

    [Test]
    public async Task What_another_program_renewed_is_taken_over()
    {
        await using var server = new ScriptedServer();
        using var home = new LoginHome();
        home.Home.Write(".claude/.credentials.json", """{"claudeAiOauth":{"accessToken":"sk-ant-oat-1","refreshToken":"refresh-1","expiresAt":1000}}""");
        var request = Request(home, server, "", "anthropic");
        home.Home.Write(".claude/.credentials.json", """{"claudeAiOauth":{"accessToken":"sk-ant-oat-9","refreshToken":"refresh-9","expiresAt":99999999999999}}""");
        await using var fine = new ScriptedServer(AnthropicFine);
        await Assert.That(await CallAsync(home, request with { Endpoint = request.Endpoint with { BaseUrl = fine.BaseUrl } }, server)).IsEqualTo("fine");
        await Assert.That(fine.Exchanges.Single().Header("x-api-key")).IsEqualTo("sk-ant-oat-9");
        await Assert.That(server.Exchanges).IsEmpty();
    }

    [Test]
    public async Task A_login_that_cannot_be_renewed_says_how_to_log_in()
    {
        await using var server = new ScriptedServer(exchange => exchange.JsonAsync(400, """{"error":"invalid_grant","error_description":"refresh-1 was used"}"""));
        using var home = Codex(LoginHome.Ending(30));
        var failure = await Assert.That(async () => await CallAsync(home, server, provider: "openai-codex")).Throws<ModelException>();
        await Assert.That(failure!.Error.Message).IsEqualTo("The login of OpenAI Codex is not valid any more. Log in again with 'hermes auth add openai-codex'.");
        await Assert.That((string?)home.Auth["providers"]!["openai-codex"]!["tokens"]!["refresh_token"]).IsEqualTo("refresh-1");
    }

    [Test]
    [Arguments("not json")]
    [Arguments("{}")]
    [Arguments("[1]")]
    [Arguments("""{"access_token":"\ud800"}""")]
    [Arguments("""{"access_token":"a-token-1","access_token":"a-token-2"}""")]
    public async Task A_login_server_that_answers_nonsense_costs_the_login_nothing(string answer)
    {
        await using var server = new ScriptedServer(Answer(answer));
        string old = LoginHome.Ending(30);
        using var home = Codex(old);
        var failure = await Assert.That(async () => await CallAsync(home, server, provider: "openai-codex")).Throws<ModelException>();
        await Assert.That(failure!.Error.Kind).IsEqualTo(ModelErrorKind.Server);
        await Assert.That((string?)home.Auth["providers"]!["openai-codex"]!["tokens"]!["access_token"]).IsEqualTo(old);
    }

    [Test]
    [Arguments("""[]""")]
    [Arguments("\"text\"")]
    [Arguments("""{"openai-codex":7}""")]
    public async Task A_file_that_was_damaged_since_says_how_to_log_in(string providers)
    {
        await using var server = new ScriptedServer();
        using var home = Codex(LoginHome.Ending(30));
        var request = Request(home, server, "", "openai-codex");
        home.Home.Write("hermes/auth.json", $$"""{"providers":{{providers}} }""");
        var failure = await Assert.That(async () => await CallAsync(home, request, server)).Throws<ModelException>();
        await Assert.That(failure!.Error.Message).Contains("hermes auth add openai-codex");
    }

    [Test]
    public async Task A_new_login_counts_before_what_was_renewed_of_the_old_one()
    {
        string renewed = LoginHome.Ending(3600);
        string other = LoginHome.Ending(7200);
        await using var server = new ScriptedServer(Answer($$"""{"access_token":"{{renewed}}","refresh_token":"refresh-2"}"""), Responds, Responds);
        using var home = Codex(LoginHome.Ending(30));
        var client = Client(home, server);
        await Assert.That(await CallAsync(client, Request(home, server, "", "openai-codex"))).IsEqualTo("fine");
        home.Auth = JsonNode.Parse($$"""{"providers":{"openai-codex":{"tokens":{"access_token":"{{other}}","refresh_token":"refresh-7"} } } }""")!;
        await Assert.That(await CallAsync(client, Request(home, server, "", "openai-codex"))).IsEqualTo("fine");
        await Assert.That(Keys(server)).IsEqualTo($"{renewed} {other}");
    }

    [Test]
    public async Task Another_github_token_buys_a_key_of_its_own()
    {
        long end = DateTimeOffset.UtcNow.AddMinutes(30).ToUnixTimeSeconds();
        await using var server = new ScriptedServer(
            Answer($$"""{"token":"bought-1","expires_at":{{end}}}"""), Fine, Answer($$"""{"token":"bought-2","expires_at":{{end}}}"""), Fine);
        using var home = new LoginHome();
        var request = Request(home, server, "", "copilot");
        var client = Client(home, server);
        await CallAsync(client, request);
        Credential[] changed = [.. request.Endpoint.Credentials.Select(credential => credential with { Key = "gho_token-2" })];
        await CallAsync(client, request with { Endpoint = request.Endpoint with { Credentials = changed } });
        await Assert.That(Keys(server)).IsEqualTo("bought-1 bought-2");
    }

    [Test]
    public async Task An_interruption_does_not_lose_what_was_renewed()
    {
        var asked = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        string fresh = LoginHome.Ending(3600);
        await using var server = new ScriptedServer(async exchange =>
        {
            asked.SetResult();
            await go.Task;
            await exchange.JsonAsync(200, $$"""{"access_token":"{{fresh}}","refresh_token":"refresh-2"}""");
        });
        using var home = Codex(LoginHome.Ending(30));
        using var interrupt = new CancellationTokenSource();
        var call = CallAsync(home, Request(home, server, "", "openai-codex"), server, interrupt.Token);
        await asked.Task;
        await interrupt.CancelAsync();
        await Assert.That(async () => await call).Throws<OperationCanceledException>();
        go.SetResult();
        await Shared.Waiting.UntilAsync(() => (string?)home.Auth["providers"]!["openai-codex"]!["tokens"]!["refresh_token"], token => token == "refresh-2", "the new token in the file");
    }

    [Test]
    public async Task A_portal_login_that_may_call_models_is_the_key()
    {
        string fresh = LoginHome.Ending(900, ",\"scope\":\"openid inference:invoke\"");
        await using var server = new ScriptedServer(Answer($$"""{"access_token":"{{fresh}}","refresh_token":"refresh-2","expires_in":900}"""), Fine);
        using var home = Nous(server, LoginHome.Ending(10));
        await Assert.That(await CallAsync(home, server, provider: "nous")).IsEqualTo("fine");
        await Assert.That(server.Exchanges[0].Header("x-nous-refresh-token")).IsEqualTo("refresh-1");
        await Assert.That(server.Exchanges[0].Body).IsEqualTo("grant_type=refresh_token&client_id=hermes-cli");
        await Assert.That(Keys(server)).IsEqualTo(fresh);
        await Assert.That((string?)home.Auth["providers"]!["nous"]!["refresh_token"]).IsEqualTo("refresh-2");
    }

    [Test]
    public async Task Another_portal_login_buys_a_key_and_keeps_what_was_renewed_when_it_cannot()
    {
        await using var server = new ScriptedServer(
            Answer("""{"access_token":"opaque-2","refresh_token":"refresh-2","expires_in":900}"""),
            exchange => exchange.JsonAsync(403, "{}"),
            Answer("""{"api_key":"agent-key-1","expires_in":1800}"""),
            Fine);
        using var home = Nous(server, "opaque-1");
        await Assert.That(async () => await CallAsync(home, server, provider: "nous")).Throws<ModelException>();
        await Assert.That((string?)home.Auth["providers"]!["nous"]!["refresh_token"]).IsEqualTo("refresh-2");
        await Assert.That(await CallAsync(home, server, provider: "nous")).IsEqualTo("fine");
        await Assert.That(server.Exchanges[2].Header("Authorization")).IsEqualTo("Bearer opaque-2");
        await Assert.That(server.Exchanges[3].Header("Authorization")).IsEqualTo("Bearer agent-key-1");
    }

    [Test]
    public async Task A_github_token_buys_a_key_that_is_used_until_it_ends()
    {
        long end = DateTimeOffset.UtcNow.AddMinutes(30).ToUnixTimeSeconds();
        await using var server = new ScriptedServer(
            Answer($$"""{"token":"tid=1;exp=2","expires_at":{{end}} ,"endpoints":{"api":"https://evil.example"} }"""), Fine, Fine);
        using var home = new LoginHome();
        var request = Request(home, server, "", "copilot");
        var client = Client(home, server);
        foreach (string _ in new[] { "first", "second" }) await Assert.That(await CallAsync(client, request)).IsEqualTo("fine");
        await Assert.That(server.Exchanges[0].Header("Authorization")).IsEqualTo("token gho_token-1");
        await Assert.That(server.Exchanges[2].Header("Authorization")).IsEqualTo("Bearer tid=1;exp=2");
        await Assert.That(server.Exchanges[2].Header("Copilot-Integration-Id")).IsEqualTo("vscode-chat");
        await Assert.That(server.Exchanges.Count).IsEqualTo(3);
    }

    [Test]
    public async Task A_qwen_login_is_renewed_in_the_file_of_its_program()
    {
        await using var server = new ScriptedServer(Answer("""{"access_token":"qwen-2","refresh_token":"refresh-2","expires_in":3600}"""), Fine);
        using var home = new LoginHome();
        home.Home.Write(".qwen/oauth_creds.json", """{"access_token":"qwen-1","refresh_token":"refresh-1","expiry_date":1000,"resource_url":"portal.qwen.ai"}""");
        await Assert.That(await CallAsync(home, server, provider: "qwen-oauth")).IsEqualTo("fine");
        await Assert.That(Keys(server)).IsEqualTo("qwen-2");
        await Assert.That(File.ReadAllText(Path.Combine(home.Home.Root, ".qwen/oauth_creds.json"))).Contains("portal.qwen.ai");
    }

    private static LoginHome Pool() => new()
    {
        Auth = JsonNode.Parse("""{"other":"kept too","credential_pool":{"zai":[{"id":"a","access_token":"key-a-1","priority":0,"unknown":"kept"},{"id":"b","access_token":"key-b-1","priority":1}]}}""")!,
    };

    private static LoginHome Codex(string token) => new()
    {
        Auth = JsonNode.Parse($$"""{"providers":{"openai-codex":{"tokens":{"access_token":"{{token}}","refresh_token":"refresh-1"} } } }""")!,
    };

    private static LoginHome Nous(ScriptedServer server, string token) => new()
    {
        Auth = JsonNode.Parse($$"""{"providers":{"nous":{"access_token":"{{token}}","refresh_token":"refresh-1","portal_base_url":"{{server.BaseUrl}}"} } }""")!,
    };

    private static readonly Func<Exchange, Task> Responds = exchange => exchange.EventsAsync(
        """{"type":"response.output_text.delta","delta":"fine"}""",
        """{"type":"response.completed","response":{"status":"completed","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"fine"}]}]}}""");

    private static readonly Func<Exchange, Task> AnthropicFine = exchange => exchange.EventsAsync(
        """{"type":"message_start","message":{"usage":{"input_tokens":1}}}""",
        """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"fine"}}""",
        """{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}}""",
        """{"type":"message_stop"}""");

    private static string Keys(ScriptedServer server) => string.Join(' ', server.Exchanges
        .Where(exchange => exchange.Body.Contains("\"model\"")).Select(exchange => exchange.Header("Authorization")?["Bearer ".Length..] ?? exchange.Header("x-api-key")));

    private static Task<string> CallAsync(LoginHome home, ScriptedServer server, string yaml = "", string provider = "zai") =>
        CallAsync(home, Request(home, server, yaml, provider), server);

    private static Task<string> CallAsync(LoginHome home, ModelRequest request, ScriptedServer server, CancellationToken cancellationToken = default) =>
        CallAsync(Client(home, server), request, cancellationToken);

    private static async Task<string> CallAsync(Func<ApiMode, IModelClient> clients, ModelRequest request, CancellationToken cancellationToken = default)
    {
        var reply = new ReplyAssembler(new SilentEvents(null), _ => false);
        await clients(request.Endpoint.ApiMode).StreamAsync(request, reply, cancellationToken);
        return reply.Text;
    }

    private static Func<ApiMode, IModelClient> Client(LoginHome home, ScriptedServer server)
    {
        var http = new ModelHttp(TimeProvider.System);
        var environment = home.Environment();
        var addresses = new LoginAddresses
        {
            Anthropic = server.BaseUrl + "/token",
            Codex = server.BaseUrl + "/token",
            Qwen = server.BaseUrl + "/token",
            Copilot = server.BaseUrl + "/copilot",
        };
        var renewal = new LoginRenewal(environment, new TokenEndpoint(http), addresses);
        var marks = new PoolMarks(environment, TimeProvider.System);
        return ModelClients.Over(http, client => new SignedInClient(client, renewal, marks, TimeProvider.System));
    }

    private static ModelRequest Request(LoginHome home, ScriptedServer server, string yaml, string provider)
    {
        var endpoint = home.Resolve($"model: {{default: m-1, provider: {provider}, base_url: '{server.BaseUrl}'}}\n{yaml}", ("GH_TOKEN", "gho_token-1")).Endpoint!;
        return new ModelRequest(endpoint, "", [new ConversationMessage(Role.User, "hi")], [], new AgentSettings());
    }
}
