using System.Text.Json.Nodes;
using Gateway.Tools.Web;

namespace Gateway.Tests.ToolsTests;

/// <summary>Arguments of the wrong kind are answered, never a crash.</summary>
public class ToolBadInputTests
{
    [Test]
    [Arguments("""{"todos":"x"}""", "must be a list")]
    [Arguments("""{"todos":5}""", "must be a list")]
    [Arguments("""{"todos":{"id":"1"}}""", "must be a list")]
    [Arguments("""{"todos":null}""", null)]
    [Arguments("""{"todos":[]}""", null)]
    [Arguments("""{"todos":[null,5,"x",[],{}]}""", null)]
    [Arguments("""{"todos":[{"id":null,"content":7,"status":["done"]}]}""", null)]
    [Arguments("""{"todos":[{"id":"\ud800","content":"\udc00","status":"x"}]}""", null)]
    [Arguments("""{"todos":[{"id":"1"}],"merge":"maybe"}""", null)]
    [Arguments("""{"merge":true}""", null)]
    public async Task Tasks(string arguments, string? error)
    {
        using var stage = new ToolStage();
        var answer = await stage.CallAsync("todo", arguments);
        if (error is not null)
        {
            await Assert.That(answer["error"]!.GetValue<string>()).Contains(error);
            return;
        }

        foreach (var task in answer["todos"]!.AsArray())
        {
            await Assert.That(task!["content"]!.GetValue<string>()).IsNotEmpty();
            await Assert.That(task["status"]!.GetValue<string>()).IsEqualTo("pending");
        }

        await Assert.That(answer["summary"]!["total"]!.GetValue<int>()).IsEqualTo(answer["todos"]!.AsArray().Count);
    }

    [Test]
    [Arguments("{}", "query must say")]
    [Arguments("""{"query":""}""", "query must say")]
    [Arguments("""{"query":"  \n"}""", "query must say")]
    [Arguments("""{"query":5}""", "query must say")]
    [Arguments("""{"query":["x"]}""", "query must say")]
    [Arguments("""{"query":"\ud800"}""", "query must say")]
    public async Task Searches(string arguments, string error)
    {
        using var stage = Web("{}");
        await Assert.That((await stage.CallAsync("web_search", arguments))["error"]!.GetValue<string>()).Contains(error);
    }

    [Test]
    [Arguments("0", 1)]
    [Arguments("-5", 1)]
    [Arguments("1e9", 100)]
    [Arguments("\"3\"", 5)]
    [Arguments("null", 5)]
    [Arguments("2.9", 2)]
    public async Task Limits_of_searches_are_kept_within_bounds(string limit, int sent)
    {
        var service = new Playing("""{"results":[{"url":5},7,null,{"title":"t"}]}""");
        using var stage = Web(service);
        var answer = await stage.CallAsync("web_search", $$"""{"query":"x","limit":{{limit}}}""");
        await Assert.That(answer["success"]!.GetValue<bool>()).IsTrue();
        await Assert.That(service.Body).Contains($"\"numResults\":{sent}");
    }

    [Test]
    [Arguments("{}")]
    [Arguments("""{"urls":[]}""")]
    [Arguments("""{"urls":[5,null,{}]}""")]
    [Arguments("""{"urls":[""," "]}""")]
    [Arguments("""{"urls":{"a":"http://1.1.1.1/"}}""")]
    [Arguments("""{"urls":["\ud800"]}""")]
    [Arguments("""{"urls":7}""")]
    public async Task Pages(string arguments)
    {
        using var stage = Web("{}");
        await Assert.That((await stage.CallAsync("web_extract", arguments))["error"]!.GetValue<string>()).IsEqualTo("urls must list one to five addresses, each a text.");
    }

    [Test]
    public async Task One_address_as_it_is_will_do_and_too_many_are_named()
    {
        using var stage = Web("""{"results":[]}""");
        await Assert.That((await stage.CallAsync("web_extract", """{"urls":"http://1.1.1.1/x"}"""))["results"]!.AsArray().Count).IsEqualTo(1);
        var many = new JsonObject { ["urls"] = new JsonArray([.. Enumerable.Range(0, 7).Select(number => JsonValue.Create($"http://1.1.1.1/{number}"))]) };
        var answer = await stage.CallAsync("web_extract", many);
        await Assert.That(answer["results"]!.AsArray().Count).IsEqualTo(5);
        await Assert.That(answer["_warning"]!.GetValue<string>()).Contains("first 5 of 7");
    }

    [Test]
    [Arguments("""{"sourceURL":"http://10.0.0.1/admin"}""", "Blocked: URL targets a private or internal network address")]
    [Arguments("""{"sourceURL":"http://1.1.1.1/x","url":"http://169.254.169.254/latest"}""", "Blocked: URL targets a private or internal network address")]
    [Arguments("""{"url":"file:///etc/passwd"}""", "Blocked: the page led to an address that cannot be checked.")]
    [Arguments("""{"url":"http://1.1.1.1/elsewhere"}""", null)]
    [Arguments("""{"url":5}""", null)]
    [Arguments("[]", null)]
    public async Task A_page_that_led_elsewhere_is_judged_by_where_it_ended(string metadata, string? error)
    {
        using var stage = Web(new Playing("""{"data":{"markdown":"inside","metadata":""" + metadata + "}}"), "firecrawl");
        var page = (await stage.CallAsync("web_extract", """{"urls":["http://1.1.1.1/x"]}"""))["results"]![0]!;
        if (error is null)
        {
            await Assert.That(page["content"]!.GetValue<string>()).IsEqualTo("inside");
            return;
        }

        await Assert.That(page["error"]!.GetValue<string>()).StartsWith(error);
        await Assert.That(page["blocked_by_policy"]!.GetValue<bool>()).IsTrue();
        await Assert.That(page["content"]!.GetValue<string>()).IsEqualTo("");
    }

    [Test]
    [Arguments("http://[::7f00:1]/", true)]
    [Arguments("http://[::a9fe:a9fe]/", true)]
    [Arguments("http://[::101:101]/", false)]
    [Arguments("http://[2001:db8::1]/", true)]
    [Arguments("http://[2001:0:53aa:64c::1]/", true)]
    [Arguments("http://[100::1]/", true)]
    [Arguments("http://[2606:4700:4700::1111]/", false)]
    public async Task Addresses_of_the_new_kind_that_lead_inside_are_closed(string url, bool closed)
    {
        using var stage = new ToolStage();
        await Assert.That(await new UrlGuard(stage.Kit.Environment, stage.Kit.Settings).RefusalAsync(url, CancellationToken.None) is not null).IsEqualTo(closed);
    }

    [Test]
    [Arguments("""{"category":5}""", 2)]
    [Arguments("""{"category":null}""", 2)]
    [Arguments("""{"category":["a"]}""", 2)]
    [Arguments("""{"category":"  "}""", 2)]
    [Arguments("""{"category":"\ud800"}""", 2)]
    [Arguments("""{"category":"OPS"}""", 1)]
    [Arguments("""{"category":"../ops"}""", 0)]
    [Arguments("""{"other":true}""", 2)]
    public async Task Lists_of_skills(string arguments, int count)
    {
        using var stage = new ToolStage();
        foreach (string place in (string[])["ops/deploy", "lone"])
        {
            string folder = Directory.CreateDirectory(Path.Combine(stage.Home, "skills", place)).FullName;
            File.WriteAllText(Path.Combine(folder, "SKILL.md"), "---\nname: " + Path.GetFileName(place) + "\ndescription: d\n---\nx");
        }

        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(stage.Home, "skills", "broken")).FullName, "SKILL.md"), "---\nname: [\n: :\n---\n\0");
        var answer = await stage.CallAsync("skills_list", arguments);
        int known = answer["skills"]!.AsArray().Count(skill => skill!["name"]!.GetValue<string>() is "deploy" or "lone");
        await Assert.That(known).IsEqualTo(count);
    }

    private static ToolStage Web(string answer) => Web(new Playing(answer));

    private static ToolStage Web(Playing service, string name = "exa")
    {
        var stage = new ToolStage(environment: new() { [name.ToUpperInvariant() + "_API_KEY"] = "test-key" });
        stage.Kit = stage.Kit with { Web = new WebHttp(() => service) };
        return stage;
    }

    private sealed class Playing(string answer) : HttpMessageHandler
    {
        public string Body { get; private set; } = "";

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Body = await request.Content!.ReadAsStringAsync(cancellationToken);
            return new HttpResponseMessage { Content = new StringContent(answer) };
        }
    }
}
