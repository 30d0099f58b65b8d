using System.Net;
using System.Text.Json.Nodes;
using Gateway.Tools;
using Gateway.Tools.Web;

namespace Gateway.Tests.ToolsTests;

/// <summary>The services are played; what is asked of them and made of their answers is real.</summary>
public class WebToolTests
{
    private const string Page = "http://1.1.1.1/x";

    [Test]
    [Arguments("tavily", "https://api.tavily.com/search", """{"results":[{"title":"T","url":"http://a","content":"D"}]}""")]
    [Arguments("exa", "https://api.exa.ai/search", """{"results":[{"title":"T","url":"http://a","highlights":["D"]}]}""")]
    [Arguments("parallel", "https://api.parallel.ai/v1beta/search", """{"results":[{"title":"T","url":"http://a","excerpts":["D"]}]}""")]
    [Arguments("firecrawl", "https://api.firecrawl.dev/v2/search", """{"data":{"web":[{"title":"T","url":"http://a","description":"D"}]}}""")]
    [Arguments("firecrawl", "https://api.firecrawl.dev/v2/search", """{"data":[{"title":"T","url":"http://a","description":"D"}]}""")]
    public async Task Every_service_is_asked_in_its_way(string name, string url, string answer)
    {
        var service = new Service(answer);
        using var stage = Stage(service, name);
        var found = await stage.CallAsync("web_search", """{"query":"cats","limit":3}""");
        await Assert.That(found["data"]!["web"]!.ToJsonString()).IsEqualTo("""[{"title":"T","url":"http://a","description":"D","position":1}]""");
        await Assert.That(service.Url).IsEqualTo(url);
        await Assert.That(service.Body).Contains("cats");
        await Assert.That((service.Headers + service.Body).Contains("test-key", StringComparison.Ordinal)).IsTrue();
    }

    [Test]
    [Arguments("tavily", """{"results":[{"url":"http://1.1.1.1/x","raw_content":"the text"}]}""", "the text", null)]
    [Arguments("tavily", """{"results":[],"failed_results":[{"url":"http://1.1.1.1/x","error":"gone"}]}""", "", "gone")]
    [Arguments("exa", """{"results":[{"url":"http://1.1.1.1/x","title":"t","text":"the text"}]}""", "the text", null)]
    [Arguments("parallel", """{"results":[{"url":"http://1.1.1.1/x","full_content":"the text"}]}""", "the text", null)]
    [Arguments("firecrawl", """{"data":{"markdown":"![](data:image/png;base64,AAAA) the text","metadata":{"title":"t"}}}""", "![]([BASE64_IMAGE_REMOVED]) the text", null)]
    [Arguments("firecrawl", """{"data":{}}""", "", "firecrawl found no text on the page")]
    [Arguments("exa", """{"odd":1}""", "", "exa sent nothing for this page")]
    public async Task Pages_are_read(string name, string answer, string content, string? error)
    {
        using var stage = Stage(new Service(answer), name);
        var page = (await stage.CallAsync("web_extract", new JsonObject { ["urls"] = new JsonArray(Page) }))["results"]![0]!;
        await Assert.That(page["content"]!.GetValue<string>()).IsEqualTo(content);
        await Assert.That(page["error"]?.GetValue<string>()).IsEqualTo(error);
    }

    [Test]
    [Arguments("http://127.0.0.1/x")]
    [Arguments("http://localhost:8080/")]
    [Arguments("http://[::1]/")]
    [Arguments("http://10.1.2.3/")]
    [Arguments("http://192.168.1.1/")]
    [Arguments("http://172.20.0.1/")]
    [Arguments("http://100.64.0.1/")]
    [Arguments("http://169.254.169.254/latest/meta-data")]
    [Arguments("http://metadata.google.internal/")]
    [Arguments("http://[::ffff:127.0.0.1]/")]
    [Arguments("http://[::ffff:169.254.169.254]/")]
    [Arguments("http://[64:ff9b::7f00:1]/")]
    [Arguments("http://[fd00:ec2::254]/")]
    [Arguments("http://0/")]
    [Arguments("http://2130706433/")]
    [Arguments("http://0x7f.1/")]
    [Arguments("http://nothing.invalid/")]
    [Arguments("http://1.1.1.1/?key=sk-abcdef1234567890ABCDEF")]
    [Arguments("http://1.1.1.1/?k=sk%2Dabcdef1234567890ABCDEF")]
    [Arguments("http://user:secret@1.1.1.1/")]
    [Arguments("http://www.bad.example/")]
    [Arguments("http://deep.bad.example./")]
    [Arguments("file:///etc/passwd")]
    [Arguments("gopher://1.1.1.1/")]
    [Arguments("nonsense")]
    public async Task Addresses_that_must_not_be_fetched_are_not(string url)
    {
        var service = new Service("{}");
        using var stage = Stage(service, "exa", "security: {website_blocklist: {enabled: true, domains: [bad.example]}}");
        var page = (await stage.CallAsync("web_extract", new JsonObject { ["urls"] = new JsonArray(url) }))["results"]![0]!;
        await Assert.That(page["error"]!.GetValue<string>()).StartsWith(url.Contains("://", StringComparison.Ordinal) && url.StartsWith("http", StringComparison.Ordinal) ? "Blocked" : "Invalid URL");
        await Assert.That(service.Url).IsNull();
    }

    [Test]
    [Arguments("http://127.0.0.1/", null)]
    [Arguments("http://169.254.169.254/", "Blocked: URL targets a private or internal network address")]
    public async Task Private_addresses_can_be_opened_but_metadata_stay_closed(string url, string? refusal)
    {
        using var stage = Stage(new Service("{}"), "exa", "security: {allow_private_urls: true}");
        await Assert.That(await new UrlGuard(stage.Kit.Environment, stage.Kit.Settings).RefusalAsync(url, CancellationToken.None)).IsEqualTo(refusal);
    }

    [Test]
    [Arguments(401, "refused the API key")]
    [Arguments(429, "no more requests")]
    [Arguments(500, "HTTP 500: oh no")]
    [Arguments(200, "not JSON")]
    public async Task Failures_are_named(int status, string problem)
    {
        using var stage = Stage(new Service("oh no") { Status = status }, "exa");
        await Assert.That((await stage.CallAsync("web_search", """{"query":"x"}"""))["error"]!.GetValue<string>()).Contains(problem);
        await Assert.That((await stage.CallAsync("web_extract", new JsonObject { ["urls"] = new JsonArray(Page) }))["error"]!.GetValue<string>()).Contains(problem);
    }

    [Test]
    public async Task Long_pages_are_summed_up_or_cut()
    {
        string text = new('x', 20_000);
        using var stage = Stage(new Service($$"""{"results":[{"url":"{{Page}}","text":"{{text}}"}]}"""), "exa");
        var call = new JsonObject { ["urls"] = new JsonArray(Page) };
        await Assert.That((await stage.CallAsync("web_extract", call))["results"]![0]!["content"]!.GetValue<string>()).EndsWith("no model to summarise the rest ...]");
        var judge = new Judge("in short");
        stage.Context = stage.Context with { Auxiliary = judge };
        await Assert.That((await stage.CallAsync("web_extract", call))["results"]![0]!["content"]!.GetValue<string>()).IsEqualTo("in short");
        await Assert.That(judge.Asked!.Task).IsEqualTo("web_extract");
    }

    [Test]
    public async Task Without_a_key_there_is_no_tool_and_it_is_said_what_a_chosen_service_lacks()
    {
        using var none = new ToolStage();
        await Assert.That(ToolCatalog.BuiltIn(none.Kit).Any(tool => tool.Toolset == "web")).IsFalse();
        await Assert.That(WebBackend.Problem(none.Kit.Environment, none.Kit.Settings)).IsNull();
        using var chosen = new ToolStage("web: {backend: tavily}", new() { ["EXA_API_KEY"] = "another's" });
        await Assert.That(ToolCatalog.BuiltIn(chosen.Kit).Any(tool => tool.Toolset == "web")).IsFalse();
        await Assert.That(WebBackend.Problem(chosen.Kit.Environment, chosen.Kit.Settings)!).Contains("TAVILY_API_KEY is not set");
        using var own = new ToolStage("web: {backend: firecrawl}", new() { ["FIRECRAWL_API_URL"] = "http://localhost:3002/" });
        await Assert.That(ToolCatalog.BuiltIn(own.Kit).Count(tool => tool.Toolset == "web")).IsEqualTo(2);
        using var set = Stage(new Service("{}"), "exa");
        await Assert.That((await set.CallAsync("web_search", "{}"))["error"]!.GetValue<string>()).Contains("query");
        await Assert.That((await set.CallAsync("web_extract", "{}"))["error"]!.GetValue<string>()).Contains("urls");
    }

    private static ToolStage Stage(Service service, string name, string config = "")
    {
        var stage = new ToolStage(config, new() { [name.ToUpperInvariant() + "_API_KEY"] = "test-key" });
        stage.Kit = stage.Kit with { Web = new WebHttp(() => service) };
        return stage;
    }

    private sealed class Service(string answer) : HttpMessageHandler
    {
        public int Status { get; init; } = 200;

        public string? Url { get; private set; }

        public string Body { get; private set; } = "";

        public string Headers { get; private set; } = "";

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            (Url, Headers, Body) = (request.RequestUri!.ToString(), request.Headers.ToString(), await request.Content!.ReadAsStringAsync(cancellationToken));
            return new HttpResponseMessage((HttpStatusCode)Status) { Content = new StringContent(answer) };
        }
    }
}
