using System.Text.Json.Nodes;
using Gateway.Tests.Wire;
using Gateway.Tools;
using Gateway.Tools.Vision;

namespace Gateway.Tests.ToolsTests;

/// <summary>The model is played; what is sent to it and what becomes of its answers is real.</summary>
public class VisionTests
{
    private const string Pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";

    internal const string Config = "model: {default: seeing, provider: custom, base_url: \"http://127.0.0.1:1/v1\"}";

    internal static byte[] Png => Convert.FromBase64String(Pixel);

    [Test]
    [Arguments("dot.txt", "89504E470D0A1A0A00", "image/png")]
    [Arguments("dot.png", "FFD8FFE000", "image/jpeg")]
    [Arguments("dot", "474946383961", "image/gif")]
    [Arguments("dot", "474946383761", "image/gif")]
    [Arguments("dot", "524946460000000057454250", "image/webp")]
    [Arguments("dot", "424D000000000000000000000000280000000000", "image/bmp")]
    [Arguments("dot", "49492A0008", "image/tiff")]
    [Arguments("dot", "4D4D002A08", "image/tiff")]
    [Arguments("dot", "000001000100", "image/x-icon")]
    [Arguments("dot", "0000001C66747970617669660000", "image/avif")]
    [Arguments("dot", "0000001C66747970686569630000", "image/heic")]
    public async Task The_content_tells_the_kind(string name, string bytes, string type)
    {
        var judge = new Judge("a dot");
        using var stage = Stage(judge);
        await File.WriteAllBytesAsync(stage.At(name), Convert.FromHexString(bytes));
        var seen = await LookAsync(stage, name);
        await Assert.That(seen.ToJsonString()).IsEqualTo("""{"success":true,"analysis":"a dot"}""");
        await Assert.That(judge.Asked!.ImageUrl).IsEqualTo($"data:{type};base64,{Convert.ToBase64String(Convert.FromHexString(bytes))}");
    }

    [Test]
    [Arguments("<svg/>")]
    [Arguments("\uFEFF<?xml version=\"1.0\"?>\n<!-- drawn -->\n<!DOCTYPE svg PUBLIC \"a\" \"b\">\n<svg xmlns=\"x\">")]
    [Arguments("<!DOCTYPE svg [<!ENTITY a \"b\">]>\n<svg>")]
    public async Task Drawings_are_known_by_their_first_element(string text)
    {
        var judge = new Judge("a drawing");
        using var stage = Stage(judge);
        stage.Put("drawing", text);
        await Assert.That((await LookAsync(stage, "drawing"))["success"]!.GetValue<bool>()).IsTrue();
        await Assert.That(judge.Asked!.ImageUrl).StartsWith("data:image/svg+xml;base64,");
    }

    [Test]
    [Arguments("API_KEY=x\n# <svg>")]
    [Arguments("<html><svg></svg></html>")]
    [Arguments("<svgx>")]
    [Arguments("<!-- <svg> ")]
    [Arguments("BM is short for bookmark, and this is no picture")]
    [Arguments("GIF88a")]
    [Arguments("RIFF....WAVE")]
    [Arguments("....ftypisom")]
    [Arguments("%PDF-1.7")]
    [Arguments("x")]
    public async Task What_is_no_image_never_leaves_the_machine(string text)
    {
        var judge = new Judge("a secret");
        using var stage = Stage(judge);
        stage.Put("dot.png", text);
        await Assert.That(Error(await LookAsync(stage, "dot.png"))).StartsWith("'dot.png' is no image of a known kind (PNG, JPEG, ");
        await Assert.That(judge.Asked).IsNull();
    }

    [Test]
    public async Task The_model_is_asked_as_the_contract_says()
    {
        var judge = new Judge("red");
        using var stage = Stage(judge);
        await File.WriteAllBytesAsync(stage.At("dot.png"), Png);
        var result = await stage.ResultAsync("vision_analyze", """{"image_url":" dot.png ","question":"Which colour?"}""");
        await Assert.That((result.Error, result.Summary)).IsEqualTo((null, "png, 69 bytes"));
        var asked = judge.Asked!;
        await Assert.That((asked.Task, asked.MaxTokens, asked.Temperature, asked.TimeoutSeconds)).IsEqualTo(("vision", 2000, 0.1, 120));
        await Assert.That(asked.Text).StartsWith("Describe the whole image").And.EndsWith("\n\nWhich colour?");
        await Assert.That(asked.ImageUrl).IsEqualTo("data:image/png;base64," + Pixel);
        await stage.ResultAsync("vision_analyze", """{"image_url":"dot.png"}""");
        await Assert.That(judge.Asked!.Text).DoesNotContain("question");
    }

    [Test]
    [Arguments("dot.png")]
    [Arguments("./sub/../dot.png")]
    [Arguments("~/work/here/dot.png")]
    [Arguments("$here/dot.png")]
    [Arguments("file://$here/dot.png")]
    [Arguments("FILE://localhost$here/dot.png")]
    [Arguments("file://$here/d%6ft.png")]
    [Arguments("file://~/work/here/dot.png")]
    public async Task Paths_start_where_the_conversation_stands(string url)
    {
        using var stage = Stage(new Judge("red"));
        Directory.CreateDirectory(stage.At("here"));
        await File.WriteAllBytesAsync(stage.At("here/dot.png"), Png);
        stage.Context.State.CurrentDirectory = stage.At("here");
        await Assert.That((await LookAsync(stage, url.Replace("$here", stage.At("here"), StringComparison.Ordinal)))["analysis"]!.GetValue<string>()).IsEqualTo("red");
    }

    [Test]
    [Arguments("", "image_url must name an image")]
    [Arguments("   ", "image_url must name an image")]
    [Arguments("a\0b", "image_url must name an image")]
    [Arguments("nothing.png", "File not found: nothing.png")]
    [Arguments("dit.png", "Similar: ")]
    [Arguments("file:///nowhere/x.png", "File not found: file:///nowhere/x.png")]
    [Arguments(".", "'.' is a directory")]
    [Arguments("empty.png", "'empty.png' is empty.")]
    [Arguments("pipe", "is not a regular file")]
    [Arguments("/dev/zero", "device that may never end")]
    [Arguments("zero.png", "device that may never end")]
    [Arguments("/proc/self/fd/0", "device that may never end")]
    [Arguments("circle", "its links go in circles")]
    [Arguments("/proc/self/status", "is empty")]
    [Arguments("hub/icon.png", "Access denied")]
    [Arguments("ftp://1.1.1.1/x.png", "takes a path, a file://")]
    [Arguments("gopher://1.1.1.1/x.png", "takes a path, a file://")]
    [Arguments("http://127.0.0.1/x.png", "Blocked: URL targets a private or internal network address")]
    [Arguments("http://1.1.1.1/?key=sk-abcdef1234567890ABCDEF", "Blocked: URL contains what looks like an API key")]
    [Arguments("data:image/png;base64", "no comma")]
    [Arguments("data:image/png;base64,", "is empty")]
    [Arguments("data:image/png;base64,***", "not valid Base64")]
    [Arguments("data:image/png;base64,aGVsbG8=", "no image of a known kind")]
    public async Task Bad_sources_are_refused_and_hold_nothing_up(string url, string problem)
    {
        var judge = new Judge("never");
        using var stage = Stage(judge);
        await File.WriteAllBytesAsync(stage.At("dot.png"), Png);
        stage.Put("empty.png", "");
        Descriptors.MakeFifo(stage.At("pipe"));
        File.CreateSymbolicLink(stage.At("zero.png"), "/dev/zero");
        File.CreateSymbolicLink(stage.At("circle"), stage.At("circle"));
        Directory.CreateDirectory(Path.Combine(stage.Home, "skills/.hub"));
        await File.WriteAllBytesAsync(Path.Combine(stage.Home, "skills/.hub/icon.png"), Png);
        Directory.CreateSymbolicLink(stage.At("hub"), Path.Combine(stage.Home, "skills/.hub"));
        var result = await LookAsync(stage, url);
        await Assert.That(Error(result)).Contains(problem);
        await Assert.That(result["success"]!.GetValue<bool>()).IsFalse();
        await Assert.That(judge.Asked).IsNull();
    }

    [Test]
    [Arguments("data:image/png;base64," + Pixel, "image/png")]
    [Arguments("DATA:text/plain;charset=x;BASE64," + Pixel, "image/png")]
    [Arguments("data:;base64,iVBORw0KGgo%3D", "image/png")]
    [Arguments("data:image/svg+xml,%3Csvg%20xmlns='x'/%3E", "image/svg+xml")]
    public async Task Images_may_come_in_the_address(string url, string type)
    {
        var judge = new Judge("red");
        using var stage = Stage(judge);
        await Assert.That((await LookAsync(stage, url))["success"]!.GetValue<bool>()).IsTrue();
        await Assert.That(judge.Asked!.ImageUrl).StartsWith($"data:{type};base64,");
    }

    [Test]
    public async Task The_largest_image_goes_and_a_larger_one_is_refused_with_its_size()
    {
        const long Most = ImageSource.MostEncoded / 4 * 3;
        var judge = new Judge("large");
        using var stage = Stage(judge);
        await File.WriteAllBytesAsync(stage.At("dot.png"), Png);
        using (var file = File.OpenWrite(stage.At("dot.png"))) file.SetLength(Most);
        await Assert.That((await LookAsync(stage, "dot.png"))["success"]!.GetValue<bool>()).IsTrue();
        await Assert.That(judge.Asked!.ImageUrl!.Length).IsEqualTo("data:image/png;base64,".Length + ImageSource.MostEncoded);
        using (var file = File.OpenWrite(stage.At("dot.png"))) file.SetLength(Most * 2);
        await Assert.That(Error(await LookAsync(stage, "dot.png"))).StartsWith("'dot.png' has 30 MB, which become 40 MB on the way to the model; the most is 20 MB. Make it smaller");
        await Assert.That(Error(await LookAsync(stage, "data:image/png;base64," + new string('A', ImageSource.MostEncoded + 4)))).StartsWith("The data: URL has 15 MB");
    }

    [Test]
    [Arguments("89504E470D0A1A0A", true, "image exceeds 5 MB", "too large for this model's provider. Make it smaller")]
    [Arguments("424D000000000000000000000000280000000000", false, "HTTP 400: bad image", "Turn it into a PNG")]
    [Arguments("89504E470D0A1A0A", false, "HTTP 404: No endpoints found that support image input", "auxiliary.vision.model in config.yaml")]
    [Arguments("89504E470D0A1A0A", false, "HTTP 401: wrong key", "HTTP 401: wrong key.")]
    public async Task A_refusal_of_the_model_comes_with_advice(string bytes, bool refusesSize, string problem, string advice)
    {
        using var stage = Stage(new Unwilling(new AuxiliaryAnswer(null, problem) { RefusesSize = refusesSize }));
        await File.WriteAllBytesAsync(stage.At("dot"), Convert.FromHexString(bytes));
        var result = await LookAsync(stage, "dot");
        await Assert.That(Error(result)).StartsWith("The model could not look at the image (").And.Contains(problem).And.Contains(advice);
        await Assert.That(result["analysis"]!.GetValue<string>()).IsEqualTo("The image could not be analyzed.");
    }

    [Test]
    public async Task Without_a_model_there_is_no_tool()
    {
        using var none = new ToolStage();
        await Assert.That(ToolCatalog.BuiltIn(none.Kit).Any(tool => tool.Name == "vision_analyze")).IsFalse();
        using var own = new ToolStage("auxiliary: {vision: {base_url: \"http://127.0.0.1:1/v1\", model: m}}");
        await Assert.That(ToolCatalog.BuiltIn(own.Kit).Single(tool => tool.Name == "vision_analyze").Toolset).IsEqualTo("vision");
        await Assert.That(Error(await LookAsync(own, "dot.png"))).IsEqualTo("There is no model here that could look at images.");
    }

    [Test]
    public async Task An_interruption_ends_the_wait_for_the_model()
    {
        var unwilling = new Unwilling(null);
        using var stage = Stage(unwilling);
        using var interrupt = new CancellationTokenSource();
        await File.WriteAllBytesAsync(stage.At("dot.png"), Png);
        var call = stage.ResultAsync("vision_analyze", """{"image_url":"dot.png","question":"?"}""", interrupt.Token);
        await unwilling.Asked;
        await interrupt.CancelAsync();
        await Assert.That(async () => await call).Throws<OperationCanceledException>();
    }

    [Test]
    [Arguments("", null, 30)]
    [Arguments("auxiliary: {vision: {download_timeout: 2.5}}", null, 2.5)]
    [Arguments("auxiliary: {vision: {download_timeout: 2.5}}", "7", 7)]
    [Arguments("auxiliary: {vision: {download_timeout: -1}}", "soon", 30)]
    [Arguments("auxiliary: {vision: {download_timeout: 1.0e300}}", null, 3600)]
    public async Task The_time_for_downloads_can_be_set(string config, string? variable, double seconds)
    {
        using var stage = new ToolStage(config, variable is null ? null : new() { ["HERMES_VISION_DOWNLOAD_TIMEOUT"] = variable });
        await Assert.That(VisionTool.DownloadLimit(stage.Kit.Environment, stage.Kit.Settings)).IsEqualTo(TimeSpan.FromSeconds(seconds));
    }

    internal static ToolStage Stage(IAuxiliaryModel? model, string config = "")
    {
        var stage = new ToolStage(Config + "\n" + config);
        stage.Context = stage.Context with { Auxiliary = model };
        return stage;
    }

    internal static Task<JsonNode> LookAsync(ToolStage stage, string url, CancellationToken cancellation = default) =>
        stage.CallAsync("vision_analyze", new JsonObject { ["image_url"] = url, ["question"] = "?" }, cancellation);

    internal static string Error(JsonNode result) => result["error"]!.GetValue<string>();

    /// <summary>Gives an answer without a text, or none at all.</summary>
    private sealed class Unwilling(AuxiliaryAnswer? answer) : IAuxiliaryModel
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Asked => _asked.Task;

        public async Task<AuxiliaryAnswer> AskAsync(AuxiliaryRequest request, CancellationToken cancellationToken)
        {
            _asked.TrySetResult();
            if (answer is null) await Task.Delay(Timeout.Infinite, cancellationToken);
            return answer!;
        }
    }
}
