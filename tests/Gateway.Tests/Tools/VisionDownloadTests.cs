using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Diagnostics;
using Gateway.Tools.Web;

namespace Gateway.Tests.ToolsTests;

/// <summary>Images from the web: what is fetched, what is not, and what it may cost.</summary>
public class VisionDownloadTests
{
    private const string Url = "http://1.1.1.1/dot.png";

    [Test]
    public async Task An_image_is_fetched_once_and_shown_to_the_model()
    {
        var judge = new Judge("red");
        var web = new Web(_ => Answer(200, VisionTests.Png));
        using var stage = Stage(web, judge);
        await Assert.That((await VisionTests.LookAsync(stage, Url))["analysis"]!.GetValue<string>()).IsEqualTo("red");
        await Assert.That(web.Asked).IsEquivalentTo([Url]);
        await Assert.That(judge.Asked!.ImageUrl).IsEqualTo("data:image/png;base64," + Convert.ToBase64String(VisionTests.Png));
    }

    [Test]
    [Arguments("http://8.8.8.8/real.png", null)]
    [Arguments("/real.png", null)]
    [Arguments("http://8.8.8.8/real.png?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260101&api_key=sk-abcdef1234567890ABCDEF", null)]
    [Arguments("http://127.0.0.1/real.png", UrlGuard.Internal)]
    [Arguments("http://169.254.169.254/latest/meta-data", UrlGuard.Internal)]
    [Arguments("//10.0.0.1/x", UrlGuard.Internal)]
    [Arguments("file:///etc/passwd", "Invalid URL")]
    [Arguments("http://deep.bad.example/", "Blocked by website policy")]
    public async Task Every_redirect_is_checked(string target, string? refusal)
    {
        var web = new Web(url => url == Url ? Redirect(target) : Answer(200, VisionTests.Png));
        using var stage = Stage(web, new Judge("red"), "security: {website_blocklist: {enabled: true, domains: [bad.example]}}");
        var result = await VisionTests.LookAsync(stage, Url);
        if (refusal is null) await Assert.That(result["analysis"]!.GetValue<string>()).IsEqualTo("red");
        else await Assert.That(VisionTests.Error(result)).StartsWith(refusal);
        await Assert.That(web.Asked.Count).IsEqualTo(refusal is null ? 2 : 1);
    }

    [Test]
    public async Task Redirects_come_to_an_end()
    {
        var web = new Web(_ => Redirect(Url));
        using var stage = Stage(web, new Judge("never"));
        await Assert.That(VisionTests.Error(await VisionTests.LookAsync(stage, Url))).Contains("without end");
        await Assert.That(web.Asked.Count).IsEqualTo(6);
    }

    [Test]
    [Arguments(404, 1)]
    [Arguments(403, 1)]
    [Arguments(304, 1)]
    [Arguments(429, 3)]
    [Arguments(503, 3)]
    public async Task What_may_pass_is_tried_three_times(int status, int attempts)
    {
        var web = new Web(_ => Answer(status, []));
        using var stage = Stage(web, new Judge("never"));
        await Assert.That(VisionTests.Error(await VisionTests.LookAsync(stage, Url))).IsEqualTo($"1.1.1.1 answered HTTP {status}.");
        await Assert.That(web.Asked.Count).IsEqualTo(attempts);
    }

    [Test]
    public async Task A_third_attempt_that_brings_the_image_is_enough()
    {
        int calls = 0;
        var web = new Web(_ => ++calls switch
        {
            1 => throw new HttpRequestException(HttpRequestError.ConnectionError),
            2 => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new Broken()) },
            _ => Answer(200, VisionTests.Png),
        });
        using var stage = Stage(web, new Judge("red"));
        await Assert.That((await VisionTests.LookAsync(stage, Url))["analysis"]!.GetValue<string>()).IsEqualTo("red");
        await Assert.That(calls).IsEqualTo(3);
    }

    [Test]
    public async Task A_server_that_does_not_answer_is_given_up()
    {
        var web = new Web(null);
        using var stage = Stage(web, new Judge("never"), "auxiliary: {vision: {download_timeout: 1}}");
        await Assert.That(VisionTests.Error(await VisionTests.LookAsync(stage, Url))).IsEqualTo("1.1.1.1 did not send the file within 1 s.");
        await Assert.That(web.Asked.Count).IsEqualTo(3);
    }

    [Test]
    public async Task An_interruption_ends_a_download()
    {
        var web = new Web(null);
        using var stage = Stage(web, new Judge("never"));
        using var interrupt = new CancellationTokenSource();
        var call = VisionTests.LookAsync(stage, Url, interrupt.Token);
        await web.FirstAsked;
        await interrupt.CancelAsync();
        await Assert.That(async () => await call).Throws<OperationCanceledException>();
    }

    [Test]
    [Arguments(true)]
    [Arguments(false)]
    public async Task A_file_without_end_is_left(bool isAnnounced)
    {
        var endless = new Endless();
        var web = new Web(_ =>
        {
            var answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(endless) };
            if (isAnnounced) answer.Content.Headers.ContentLength = 50 * 1024 * 1024 + 1;
            return answer;
        });
        using var stage = Stage(web, new Judge("never"));
        await Assert.That(VisionTests.Error(await VisionTests.LookAsync(stage, Url))).IsEqualTo("The file at 1.1.1.1 has more than 50 MB, the most that is fetched.");
        await Assert.That(endless.Sent).IsLessThanOrEqualTo(isAnnounced ? 0 : 51L * 1024 * 1024);
    }

    [Test]
    public async Task A_page_is_no_image()
    {
        using var stage = Stage(new Web(_ => Answer(200, "<html><img></html>"u8.ToArray())), new Judge("never"));
        await Assert.That(VisionTests.Error(await VisionTests.LookAsync(stage, Url))).Contains("is no image of a known kind").And.EndsWith("the address of the image itself.");
    }

    [Test]
    public async Task Without_OpenSSL_an_https_address_is_refused_before_it_is_called()
    {
        using var stage = VisionTests.Stage(new Judge("never"));
        stage.Kit = stage.Kit with { Web = new WebHttp(null, new TlsLibrary(_ => false)) };
        await Assert.That(VisionTests.Error(await VisionTests.LookAsync(stage, "https://1.1.1.1/dot.png"))).StartsWith("HTTPS needs the OpenSSL library (libssl)");
    }

    [Test]
    public async Task The_real_connection_goes_to_an_address_that_was_allowed()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var served = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            var stream = client.GetStream();
            var request = new byte[4096];
            int count = await stream.ReadAsync(request);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {VisionTests.Png.Length}\r\nConnection: close\r\n\r\n"));
            await stream.WriteAsync(VisionTests.Png);
            return Encoding.ASCII.GetString(request, 0, count);
        });
        string url = $"http://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}/dot.png";
        using var stage = VisionTests.Stage(new Judge("red"), "security: {allow_private_urls: true}");
        await Assert.That((await VisionTests.LookAsync(stage, url))["analysis"]?.GetValue<string>()).IsEqualTo("red");
        await Assert.That(await served).StartsWith("GET /dot.png HTTP/1.1\r\n").And.Contains("User-Agent: ");
    }

    [Test]
    public async Task A_name_that_leads_home_at_the_second_look_is_not_followed()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var stage = new ToolStage();
        int looks = 0;
        var guard = new UrlGuard(stage.Kit.Environment, stage.Kit.Settings, (_, _) => Task.FromResult<IPAddress[]>([++looks == 1 ? IPAddress.Parse("1.1.1.1") : IPAddress.Loopback]));
        var download = new WebDownload(new WebHttp(), guard, TimeProvider.System);
        string url = $"http://changing.test:{((IPEndPoint)listener.LocalEndpoint).Port}/dot.png";
        await Assert.That(async () => await download.GetAsync(url, 1000, TimeSpan.FromSeconds(30), CancellationToken.None)).Throws<Gateway.Tools.Web.WebException>().WithMessage(UrlGuard.Internal);
        await Assert.That((looks, listener.Pending())).IsEqualTo((2, false));
    }

    private static ToolStage Stage(Web web, Judge judge, string config = "")
    {
        var stage = VisionTests.Stage(judge, config);
        stage.Kit = stage.Kit with { Web = new WebHttp(() => web), Time = new ShortWaits() };
        return stage;
    }

    private static HttpResponseMessage Answer(int status, byte[] body) => new((HttpStatusCode)status) { Content = new ByteArrayContent(body) };

    private static HttpResponseMessage Redirect(string target)
    {
        var answer = new HttpResponseMessage(HttpStatusCode.Found);
        answer.Headers.TryAddWithoutValidation("Location", target);
        return answer;
    }

    /// <summary>The web; without a script it never answers.</summary>
    private sealed class Web(Func<string, HttpResponseMessage>? script) : HttpMessageHandler
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<string> Asked { get; } = [];

        public Task FirstAsked => _asked.Task;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.Add(request.RequestUri!.AbsoluteUri);
            _asked.TrySetResult();
            if (script is null) await Task.Delay(Timeout.Infinite, cancellationToken);
            return script!(request.RequestUri.AbsoluteUri);
        }
    }

    /// <summary>Waits of a few seconds are over at once; longer ones never are.</summary>
    private sealed class ShortWaits : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime < TimeSpan.FromSeconds(5) && dueTime >= TimeSpan.Zero ? TimeSpan.Zero : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private sealed class Broken : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("broken");
    }

    private sealed class Endless : MemoryStream
    {
        public long Sent { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Sent += buffer.Length;
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
