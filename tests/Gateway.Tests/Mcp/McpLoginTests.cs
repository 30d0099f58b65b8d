using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Cli;
using Gateway.Mcp;
using Gateway.Tests.Shared;
using Gateway.Tests.ToolsTests;

namespace Gateway.Tests.McpTests;

public class McpLoginTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Test]
    public async Task A_login_is_stored_as_others_store_it_and_used()
    {
        using var server = new LoginServer();
        using var stage = Configured(server);
        await Assert.That(await LogInAsync(stage)).IsNull();
        await Assert.That(server.Seen).IsEqualTo("register authorize authorization_code");
        var tokens = Tokens(stage);
        double left = (double)tokens["expires_at"]! - DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        await Assert.That(left).IsBetween(3000, 3601);
        tokens.Remove("expires_at");
        await Assert.That(tokens.ToJsonString()).IsEqualTo($$"""{"access_token":"access-1","token_type":"Bearer","expires_in":3600,"scope":"read","refresh_token":"refresh-1","hermes_issuer":"{{server.Url}}"}""");
        var client = JsonNode.Parse(File.ReadAllText(ClientFile(stage)))!;
        await Assert.That(((string)client["client_id"]!, (string)client["client_secret"]!, (string)client["token_endpoint_auth_method"]!)).IsEqualTo(("client-1", "client-secret", "client_secret_post"));
        await Assert.That((string)client["redirect_uris"]![0]!).StartsWith("http://127.0.0.1:").And.EndsWith("/callback");
        foreach (string file in new[] { TokenFile(stage), ClientFile(stage) }) await Assert.That(File.GetUnixFileMode(file)).IsEqualTo(OwnerOnly);
        await Assert.That(Directory.GetFiles(Path.Combine(stage.Home, "mcp-tokens")).Length).IsEqualTo(2);

        using var hub = await ConnectAsync(stage);
        await Assert.That(hub.States[0].Problem).IsNull();
        await Assert.That(await WhoAsync(hub, stage)).IsEqualTo("Bearer access-1");
        await Assert.That(server.Seen).IsEqualTo("register authorize authorization_code");
    }

    [Test]
    [Arguments(true)]
    [Arguments(false)]
    public async Task A_login_that_has_run_out_is_renewed(bool noted)
    {
        using var server = new LoginServer();
        using var stage = Configured(server);
        await LogInAsync(stage);
        var tokens = Tokens(stage);
        tokens["expires_at"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 10;
        if (!noted) tokens.Remove("hermes_issuer");
        File.WriteAllText(TokenFile(stage), tokens.ToJsonString());

        using var hub = await ConnectAsync(stage);
        await Assert.That(hub.States[0].Problem).IsNull();
        await Assert.That(await WhoAsync(hub, stage)).IsEqualTo("Bearer access-2");
        await Assert.That(server.Seen).IsEqualTo("register authorize authorization_code refresh_token");
        tokens = Tokens(stage);
        await Assert.That(((string)tokens["access_token"]!, (string)tokens["refresh_token"]!, (string)tokens["hermes_issuer"]!)).IsEqualTo(("access-2", "refresh-2", server.Url));
        await Assert.That((double)tokens["expires_at"]!).IsGreaterThan(DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        await Assert.That(File.GetUnixFileMode(TokenFile(stage))).IsEqualTo(OwnerOnly);
        await Assert.That((string)JsonNode.Parse(File.ReadAllText(ClientFile(stage)))!["redirect_uris"]![0]!).DoesNotContain("127.0.0.1/callback");
    }

    [Test]
    public async Task A_file_that_says_no_absolute_end_lives_from_when_it_was_written()
    {
        using var server = new LoginServer();
        using var stage = Configured(server);
        await LogInAsync(stage);
        var tokens = Tokens(stage);
        tokens.Remove("expires_at");
        File.WriteAllText(TokenFile(stage), tokens.ToJsonString());
        File.SetLastWriteTimeUtc(TokenFile(stage), DateTime.UtcNow.AddHours(-2));
        using var hub = await ConnectAsync(stage);
        await Assert.That(await WhoAsync(hub, stage)).IsEqualTo("Bearer access-2");
    }

    [Test]
    [Arguments("none")]
    [Arguments("run out, and not renewed")]
    [Arguments("of another authorization server")]
    public async Task Without_a_usable_login_the_user_is_told_what_to_do_and_nothing_is_registered(string login)
    {
        using var server = new LoginServer();
        using var stage = Configured(server);
        if (login != "none")
        {
            await LogInAsync(stage);
            server.RenewsNothing = login.StartsWith("run out", StringComparison.Ordinal);
            var tokens = Tokens(stage);
            tokens["expires_at"] = 1;
            if (!server.RenewsNothing) tokens["hermes_issuer"] = "https://other.invalid";
            File.WriteAllText(TokenFile(stage), tokens.ToJsonString());
        }

        string before = server.Seen;
        using var hub = await ConnectAsync(stage);
        await Assert.That(hub.States[0].Connected).IsFalse();
        await Assert.That(hub.States[0].Problem).IsEqualTo("a login is needed: run tui-gateway mcp login cloud");
        await Assert.That(server.Seen.Replace("refresh_token", "").Trim()).IsEqualTo(before);
    }

    [Test]
    public async Task A_login_that_is_not_wanted_or_not_given_is_said_so()
    {
        using var server = new LoginServer { Refuses = true };
        using var stage = Configured(server);
        var refused = await Assert.That(async () => await LogInAsync(stage)).Throws<McpSignInException>();
        await Assert.That(refused!.Message).IsEqualTo("the login was refused: access_denied (not you)");
        await Assert.That(server.Seen).IsEqualTo("register authorize");
        await Assert.That(Directory.Exists(Path.Combine(stage.Home, "mcp-tokens"))).IsFalse();

        using var open = new LoginServer { IsOpen = true };
        using var free = Configured(open);
        var unneeded = await Assert.That(async () => await LogInAsync(free)).Throws<McpSignInException>();
        await Assert.That(unneeded!.Message).IsEqualTo("MCP server 'cloud' did not ask for a login; it can be used as it is");
    }

    [Test]
    public async Task A_disk_that_refuses_loses_a_new_login_but_not_a_renewed_one()
    {
        using var server = new LoginServer();
        using var stage = Configured(server, ", client_id: client-1, client_secret: client-secret");
        string folder = Path.Combine(stage.Home, "mcp-tokens");
        File.WriteAllText(folder, "in the way");
        var refused = await Assert.That(async () => await LogInAsync(stage)).Throws<McpSignInException>();
        await Assert.That(refused!.Message).StartsWith($"the login could not be stored in {folder}: ");

        File.Delete(folder);
        await LogInAsync(stage);
        await Assert.That(server.Seen).IsEqualTo("authorize authorization_code authorize authorization_code");
        var tokens = Tokens(stage);
        tokens["expires_at"] = 1;
        File.WriteAllText(TokenFile(stage), tokens.ToJsonString());
        File.Delete(ClientFile(stage));
        Directory.CreateDirectory(ClientFile(stage));
        using var hub = await ConnectAsync(stage);
        await Assert.That(await WhoAsync(hub, stage)).IsEqualTo("Bearer access-3");
        await Assert.That((string)Tokens(stage)["access_token"]!).IsEqualTo("access-2");
    }

    [Test]
    public async Task Only_the_browser_that_was_sent_counts()
    {
        using var server = new LoginServer();
        using var stage = Configured(server);
        using var http = new HttpClient();
        var answers = new List<string>();
        await Assert.That(await LogInAsync(stage, async (open, back) =>
        {
            foreach (string stranger in new[] { "", "?code=x", "?code=x&state=wrong" }) answers.Add(await StatusAsync(http, back + stranger));
            answers.Add(await StatusAsync(http, new Uri(back, "/favicon.ico").AbsoluteUri));
            answers.Add(await StatusAsync(http, open.AbsoluteUri));
        })).IsNull();
        await Assert.That(string.Join(' ', answers)).IsEqualTo("404 404 404 404 200");
    }

    [Test]
    public async Task Nobody_coming_ends_it_in_time()
    {
        using var server = new LoginServer();
        using var stage = Configured(server, ", timeout: 0.5");
        var late = await Assert.That(async () => await LogInAsync(stage, (_, _) => Task.CompletedTask)).Throws<McpSignInException>();
        await Assert.That(late!.Message).Contains("nobody logged in within").And.Contains("oauth.timeout");
    }

    [Test]
    public async Task A_port_that_is_taken_is_named()
    {
        using var server = new LoginServer();
        using var taken = new DeafPort(listens: true);
        using var stage = Configured(server, $", redirect_port: {taken.Port}");
        var refused = await Assert.That(async () => await LogInAsync(stage)).Throws<McpSignInException>();
        await Assert.That(refused!.Message).StartsWith($"port {taken.Port} on this machine is taken");
    }

    [Test]
    [Arguments("other: {url: 'http://127.0.0.1:1/'}", "there is no server 'cloud' that is switched on", "it has other")]
    [Arguments("cloud: {command: x, auth: oauth}", "is a program on this machine", "")]
    [Arguments("cloud: {url: 'http://127.0.0.1:1/'}", "does not say auth: oauth", "")]
    [Arguments("cloud: {url: 'ftp://x', auth: oauth}", "its url is not an http address", "")]
    [Arguments("cloud: {url: 'http://127.0.0.1:1/', auth: oauth}", "no login at MCP server 'cloud': it cannot be reached", "")]
    public async Task What_stands_in_the_way_is_said(string section, string problem, string more)
    {
        using var stage = new ToolStage($"mcp_servers: {{{section}}}\n");
        var refused = await Assert.That(async () => await LogInAsync(stage)).Throws<McpSignInException>();
        await Assert.That(refused!.Message).Contains(problem).And.Contains(more);
    }

    [Test]
    [Arguments("mcp login srv", Verb.McpLogin)]
    [Arguments("mcp", Verb.Usage)]
    [Arguments("mcp login", Verb.Usage)]
    [Arguments("mcp login a b", Verb.Usage)]
    [Arguments("mcp login --now", Verb.Usage)]
    [Arguments("mcp login --help", Verb.Help)]
    internal async Task The_command_line_knows_it(string line, Verb verb)
    {
        var command = CommandLine.Parse(line.Split(' '));
        await Assert.That(command.Verb).IsEqualTo(verb);
        await Assert.That(command.Server).IsEqualTo(verb == Verb.McpLogin ? "srv" : null);
    }

    private static ToolStage Configured(LoginServer server, string oauth = "") =>
        new($"mcp: {{first_turn_wait: 60}}\nmcp_servers: {{cloud: {{url: '{server.Endpoint}', auth: oauth, oauth: {{client_name: Test{oauth}}}}}}}\n");

    private static async Task<string?> LogInAsync(ToolStage stage, Func<Uri, Uri, Task>? browse = null)
    {
        using var http = new HttpClient();
        Task browsing = Task.CompletedTask;
        var login = new McpSignIn(stage.Kit.Environment, TimeProvider.System);
        string? problem = await login.RunAsync("cloud", (open, back) => browsing = browse is null ? StatusAsync(http, open.AbsoluteUri) : browse(open, back), CancellationToken.None);
        await browsing;
        return problem;
    }

    private static async Task<string> StatusAsync(HttpClient http, string address)
    {
        using var answer = await http.GetAsync(address);
        return ((int)answer.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task<McpHub> ConnectAsync(ToolStage stage)
    {
        var hub = new McpHub(stage.Kit.Environment, stage.Kit.Config, stage.Children, TimeProvider.System);
        await hub.ReloadAsync(CancellationToken.None);
        return hub;
    }

    private static async Task<string> WhoAsync(McpHub hub, ToolStage stage)
    {
        using var arguments = JsonDocument.Parse("{}");
        var result = await hub.Tools.Single().RunAsync(new("call", "mcp_cloud_who", arguments.RootElement), stage.Context, CancellationToken.None);
        return (string)JsonNode.Parse(result.Content)!["result"]!;
    }

    private static string TokenFile(ToolStage stage) => Path.Combine(stage.Home, "mcp-tokens", "cloud.json");

    private static string ClientFile(ToolStage stage) => Path.Combine(stage.Home, "mcp-tokens", "cloud.client.json");

    private static JsonObject Tokens(ToolStage stage) => JsonNode.Parse(File.ReadAllText(TokenFile(stage)))!.AsObject();
}
