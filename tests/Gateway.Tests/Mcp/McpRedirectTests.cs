using System.Net;
using System.Text;
using Gateway.Mcp;

namespace Gateway.Tests.Mcp;

/// <summary>Where requests to MCP servers go when they are sent on, and what goes with them.</summary>
public class McpRedirectTests
{
    [Test]
    [Arguments(307, "/mcp/", "POST http://a/mcp/ body X-Key Authorization")]
    [Arguments(308, "http://a/mcp/", "POST http://a/mcp/ body X-Key Authorization")]
    [Arguments(307, "http://b/mcp", "POST http://b/mcp body")]
    [Arguments(307, "http://a:81/mcp", "POST http://a:81/mcp body")]
    [Arguments(307, "https://a/mcp", "POST https://a/mcp body")]
    [Arguments(302, "http://a/other", "GET http://a/other X-Key Authorization")]
    [Arguments(303, "http://b/other", "GET http://b/other")]
    [Arguments(307, "file:///etc/passwd", null)]
    [Arguments(307, null, null)]
    [Arguments(200, "http://b/", null)]
    public async Task A_redirect_takes_along_what_belongs_there(int status, string? location, string? expected)
    {
        var sent = await SendAsync("http://a/mcp", (status, location), (200, null));
        await Assert.That(sent.Skip(1).SingleOrDefault()).IsEqualTo(expected);
    }

    [Test]
    public async Task Nothing_goes_from_https_to_http()
    {
        await Assert.That((await SendAsync("https://a/mcp", (307, "http://a/mcp"))).Count).IsEqualTo(1);
    }

    [Test]
    public async Task A_circle_ends()
    {
        await Assert.That((await SendAsync("http://a/mcp", [.. Enumerable.Repeat((307, (string?)"/mcp"), 50)])).Count).IsEqualTo(11);
    }

    private static async Task<IReadOnlyList<string>> SendAsync(string url, params (int Status, string? Location)[] answers)
    {
        var server = new Answers(answers);
        using var client = new HttpClient(new McpRedirects(server, ["X-Key"]));
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent("body", Encoding.UTF8) };
        request.Headers.TryAddWithoutValidation("X-Key", "1");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer 1");
        using var response = await client.SendAsync(request);
        return server.Seen;
    }

    private sealed class Answers((int Status, string? Location)[] answers) : HttpMessageHandler
    {
        public List<string> Seen { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var (status, location) = answers[Seen.Count];
            string body = request.Content is null ? "" : " " + await request.Content.ReadAsStringAsync(cancellationToken);
            Seen.Add($"{request.Method} {request.RequestUri}{body}{string.Concat(request.Headers.Select(header => " " + header.Key))}");
            var response = new HttpResponseMessage((HttpStatusCode)status);
            if (location is not null) response.Headers.TryAddWithoutValidation("Location", location);
            return response;
        }
    }
}
