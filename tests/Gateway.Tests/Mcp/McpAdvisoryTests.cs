using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Config;
using Gateway.Mcp;
using Gateway.Tests.ToolsTests;
using Gateway.Tools.Web;

namespace Gateway.Tests.McpTests;

[NotInParallel("children")]
public class McpAdvisoryTests
{
    private const string Malware = """{"vulns":[{"id":"GHSA-1"},{"id":"MAL-2026-1"},{"id":"MAL-0","withdrawn":"2026-01-01T00:00:00Z"}]}""";

    [Test]
    [Arguments("npx", "-y some-server --port 1", "npm some-server ")]
    [Arguments("/usr/bin/npx", "--yes @scope/server@1.2.3 -p x", "npm @scope/server 1.2.3")]
    [Arguments("npx", "-p @scope/server@latest -- run", "npm @scope/server ")]
    [Arguments("npx", "--package=server@1.x -c run", "npm server ")]
    [Arguments("npx", "-w space server@^1.0.0", "npm server ")]
    [Arguments("npx", "github:who/what", "")]
    [Arguments("npx", "who/what", "")]
    [Arguments("npx", "./here", "")]
    [Arguments("npx", "", "")]
    [Arguments("uvx", "mcp-server-git --repository x", "PyPI mcp-server-git ")]
    [Arguments("uvx", "--python 3.12 --with other server==1.2.0", "PyPI server 1.2.0")]
    [Arguments("uvx", "--from server[cli]>=1 run", "PyPI server ")]
    [Arguments("uvx", "--from=server@1.4 run", "PyPI server 1.4")]
    [Arguments("uv", "tool run server@latest", "PyPI server ")]
    [Arguments("uvx", "--from git+https://x.invalid/y run", "")]
    [Arguments("uv", "run server", "")]
    [Arguments("node", "server", "")]
    public async Task The_package_of_a_command_is_found(string command, string arguments, string expected)
    {
        var package = McpPackage.Of(command, arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        await Assert.That(package is null ? "" : $"{package.Ecosystem} {package.Name} {package.Version}").IsEqualTo(expected);
    }

    [Test]
    public async Task Malware_is_not_started_and_is_asked_for_once()
    {
        var osv = new Osv(Malware);
        var advisories = New(osv);
        for (int i = 0; i < 2; i++)
        {
            var blocked = await Assert.That(async () => await advisories.CheckAsync("npx", ["-y", "bad@1.0.0"], default)).Throws<McpBlockedException>();
            await Assert.That(blocked!.Message).StartsWith("npm package bad 1.0.0 is reported as malware (MAL-2026-1, see osv.dev) and is not started.");
        }

        await Assert.That(osv.Asked.Single()).IsEqualTo("""https://api.osv.dev/v1/query {"package":{"name":"bad","ecosystem":"npm"},"version":"1.0.0"}""");
    }

    [Test]
    [Arguments("""{"vulns":[{"id":"GHSA-1"},{"id":"CVE-2026-1"}]}""")]
    [Arguments("""{"vulns":[{"id":"MAL-0","withdrawn":"2026-01-01T00:00:00Z"},7,{"id":null}]}""")]
    [Arguments("{}")]
    [Arguments("[]")]
    [Arguments("no json")]
    [Arguments("500")]
    [Arguments("unreachable")]
    public async Task Anything_else_lets_it_start(string answer)
    {
        var osv = new Osv(answer);
        await New(osv).CheckAsync("uvx", ["server"], default);
        await Assert.That(osv.Asked.Count).IsEqualTo(1);
    }

    [Test]
    public async Task A_silent_osv_costs_five_seconds_and_no_server()
    {
        var time = new ManualTime();
        var osv = new Osv("silent");
        var checking = New(osv, time).CheckAsync("uvx", ["server"], default);
        await Shared.Waiting.UntilAsync(() => osv.Asked.Count, count => count == 1, "the question");
        time.Advance(TimeSpan.FromSeconds(5));
        await checking;
        using var stop = new CancellationTokenSource();
        checking = New(osv, time).CheckAsync("uvx", ["server"], stop.Token);
        await stop.CancelAsync();
        await Assert.That(async () => await checking).Throws<OperationCanceledException>();
    }

    [Test]
    public async Task The_problem_of_a_blocked_server_says_so()
    {
        using var listener = new HttpListener();
        string address = $"http://127.0.0.1:{FreePort()}/";
        listener.Prefixes.Add(address);
        listener.Start();
        var serving = Task.Run(async () =>
        {
            var context = await listener.GetContextAsync();
            context.Response.Close(Encoding.UTF8.GetBytes(Malware), willBlock: false);
        });
        using var stage = new ToolStage("mcp: {first_turn_wait: 60}\nmcp_servers: {bad: {command: npx, args: ['-y', bad-server]}}", new() { ["OSV_ENDPOINT"] = address });
        using var hub = new McpHub(stage.Kit.Environment, stage.Kit.Config, stage.Children, TimeProvider.System);
        await hub.ReloadAsync(CancellationToken.None);
        await serving;
        await Assert.That(hub.States[0].Problem!).StartsWith("npm package bad-server is reported as malware (MAL-2026-1");
        await Assert.That(stage.Children.Count).IsEqualTo(0);
    }

    private static int FreePort()
    {
        using var free = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        free.Start();
        return ((IPEndPoint)free.LocalEndpoint).Port;
    }

    private static McpAdvisories New(Osv osv, TimeProvider? time = null) => new(new GatewayEnvironment(new Dictionary<string, string>(), "/", "/"), new WebHttp(() => osv), time ?? TimeProvider.System);

    private sealed class Osv(string answer) : HttpMessageHandler
    {
        public List<string> Asked { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.Add($"{request.RequestUri} {JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))!.ToJsonString()}");
            if (answer == "unreachable") throw new HttpRequestException("no");
            if (answer == "silent") await Task.Delay(Timeout.Infinite, cancellationToken);
            return new HttpResponseMessage(answer == "500" ? HttpStatusCode.InternalServerError : HttpStatusCode.OK) { Content = new StringContent(answer) };
        }
    }
}
