using Gateway.Mcp;
using Gateway.Tools;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

// The newest revision of the protocol gives sampling up; servers of the ones before go on using it.
#pragma warning disable MCP9005

namespace Gateway.Tests.McpTests;

[NotInParallel("children")]
public class McpSamplingTests
{
    private const string Ask = """{"messages":[{"role":"user","content":{"type":"text","text":"two and two?"}}],"systemPrompt":"Count.","maxTokens":50}""";

    [Test]
    public async Task A_server_gets_an_answer_of_the_model()
    {
        var model = new RecordedModel();
        using var server = await AskingServer.StartAsync("sampling/createMessage", Ask, model: model);
        var answer = (await server.AskAsync())["result"]!;
        await Assert.That((string)answer["content"]!["text"]!).IsEqualTo("four. END of it");
        await Assert.That((string)answer["model"]!).IsEqualTo("small-model");
        await Assert.That((string)answer["role"]!).IsEqualTo("assistant");
        await Assert.That((string)answer["stopReason"]!).IsEqualTo("endTurn");
        await Assert.That(server.Offered["sampling"]).IsNotNull();
        var asked = model.Asked.Single();
        await Assert.That((asked.Task, asked.Instructions, asked.MaxTokens, asked.Model)).IsEqualTo(("mcp", "Count.", (int?)50, (string?)null));
        await Assert.That(asked.Messages!.Single()).IsEqualTo(new AuxiliaryMessage(false, "two and two?"));
        await Assert.That(server.Hub.States[0].Sampling).IsEqualTo(new McpSamplingCounts(1, 0, 7));
        await Assert.That(server.Log).Contains("sampling for 'srv': asked small-model: 1 messages, 7 tokens");
    }

    [Test]
    public async Task A_refusal_reaches_the_server_as_an_error()
    {
        using var server = await AskingServer.StartAsync("sampling/createMessage", Ask, ", sampling: {max_rpm: 1}", new RecordedModel());
        await server.AskAsync();
        var error = (await server.AskAsync())["error"]!;
        await Assert.That((int)error["code"]!).IsEqualTo(-1);
        await Assert.That((string)error["message"]!).Contains("may ask the model 1 times a minute");
        await Assert.That(server.Hub.States[0].Sampling).IsEqualTo(new McpSamplingCounts(1, 1, 7));
    }

    [Test]
    [Arguments(", sampling: {enabled: false}")]
    [Arguments(", sampling: 'off'")]
    public async Task What_is_switched_off_is_not_offered(string options)
    {
        using var server = await AskingServer.StartAsync("sampling/createMessage", Ask, options, new RecordedModel());
        await Assert.That(server.Offered["sampling"]).IsNull();
        await Assert.That((int)(await server.AskAsync())["error"]!["code"]!).IsEqualTo(-32601);
        await Assert.That(server.Hub.States[0].Sampling).IsNull();
    }

    [Test]
    public async Task The_minute_slides()
    {
        var time = new ManualTime();
        using var home = new Folder();
        var sampling = New(home, new McpSamplingOptions { MostPerMinute = 2 }, new RecordedModel(), time);
        await sampling.AnswerAsync(Request("a"), default);
        time.Advance(TimeSpan.FromSeconds(40));
        await sampling.AnswerAsync(Request("b"), default);
        await Assert.That(async () => await sampling.AnswerAsync(Request("c"), default)).Throws<McpProtocolException>();
        time.Advance(TimeSpan.FromSeconds(20));
        await sampling.AnswerAsync(Request("d"), default);
        await Assert.That(async () => await sampling.AnswerAsync(Request("e"), default)).Throws<McpProtocolException>();
        await Assert.That(sampling.Counts).IsEqualTo(new McpSamplingCounts(3, 2, 21));
    }

    [Test]
    [Arguments("", "", "wanted", null)]
    [Arguments("mine", "a,b", "a", "mine")]
    [Arguments("", "big-wanted-9,other", "nothing,WANTED", "big-wanted-9")]
    [Arguments("", "a,b", "", null)]
    [Arguments("", "a,b", "wanted", "!")]
    public async Task The_user_decides_which_model_it_is(string configured, string allowed, string hints, string? expected)
    {
        static string[] Split(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries);
        using var home = new Folder();
        var model = new RecordedModel();
        var sampling = New(home, new McpSamplingOptions { Model = configured.Length > 0 ? configured : null, AllowedModels = Split(allowed) }, model, TimeProvider.System);
        var request = Request("x");
        request.ModelPreferences = new ModelPreferences { Hints = [.. Split(hints).Select(name => new ModelHint { Name = name })] };
        if (expected == "!")
        {
            var refused = await Assert.That(async () => await sampling.AnswerAsync(request, default)).Throws<McpProtocolException>();
            await Assert.That(refused!.Message).IsEqualTo("model wanted is not allowed for MCP server 'srv'; sampling.allowed_models has a, b");
            return;
        }

        await sampling.AnswerAsync(request, default);
        await Assert.That(model.Asked.Single().Model).IsEqualTo(expected);
    }

    [Test]
    public async Task The_conversation_images_and_limits_are_carried_over()
    {
        using var home = new Folder();
        var model = new RecordedModel { CutOff = true };
        var sampling = New(home, new McpSamplingOptions { MostTokens = 9 }, model, TimeProvider.System);
        var request = Request("what is this?", 100);
        request.Messages =
        [
            new SamplingMessage { Role = Role.User, Content = [new TextContentBlock { Text = "hello" }] },
            new SamplingMessage { Role = Role.Assistant, Content = [new TextContentBlock { Text = "hi" }] },
            new SamplingMessage { Role = Role.User, Content = [.. request.Messages[0].Content, ImageContentBlock.FromBytes(new byte[] { 1, 2, 3 }, "image/png")] },
        ];
        var result = await sampling.AnswerAsync(request, default);
        var asked = model.Asked.Single();
        await Assert.That(string.Join('|', asked.Messages!.Select(message => $"{message.FromModel} {message.Text}"))).IsEqualTo("False hello|True hi|False what is this?");
        await Assert.That(asked.Messages![2].ImageUrls!.Single()).IsEqualTo("data:image/png;base64,AQID");
        await Assert.That(asked.MaxTokens).IsEqualTo(9);
        await Assert.That(result.StopReason).IsEqualTo("maxTokens");

        request.StopSequences = ["nowhere", " END"];
        result = await sampling.AnswerAsync(request, default);
        await Assert.That(((TextContentBlock)result.Content[0]).Text).IsEqualTo("four.");
        await Assert.That(result.StopReason).IsEqualTo("stopSequence");
    }

    [Test]
    public async Task What_cannot_be_put_to_the_model_is_refused()
    {
        using var home = new Folder();
        var model = new RecordedModel();
        var sampling = New(home, new McpSamplingOptions(), model, TimeProvider.System);
        var audio = Request("x");
        audio.Messages[0].Content = [AudioContentBlock.FromBytes(new byte[] { 1 }, "audio/wav")];
        var tools = Request("x");
        tools.Tools = [new Tool { Name = "a tool" }];
        var twins = Request("x");
        twins.Tools = [new Tool { Name = "t" }, new Tool { Name = "t" }];
        var many = Request("x");
        many.Tools = [.. Enumerable.Range(0, 129).Select(i => new Tool { Name = $"t{i}" })];
        var unanswered = Request("x");
        unanswered.Messages = [.. unanswered.Messages, Said(Call("1"))];
        var interrupted = Request("x");
        interrupted.Messages = [.. interrupted.Messages, Said(Call("1")), interrupted.Messages[0]];
        var half = Request("x");
        half.Messages = [.. half.Messages, Said(Call("1"), Call("2")), Given(Result("1", "r"))];
        var stray = Request("x");
        stray.Messages = [.. stray.Messages, Given(Result("7", "r"))];
        var mixed = Request("x");
        mixed.Messages = [.. mixed.Messages, Said(Call("1")), Given(Result("1", "r"), new TextContentBlock { Text = "and" })];
        var nothing = Request("x");
        nothing.Messages = [];
        foreach (var (request, words) in new[]
        {
            (audio, "audio"), (tools, "the tool name 'a tool' is not made of"), (twins, "same name"), (many, "more than 128"),
            (unanswered, "the call 1 has no result"), (interrupted, "the call 1 has no result"), (half, "the call 2 has no result"), (stray, "7, which is no open call"), (mixed, "something else in it"), (nothing, "messages are empty"),
        })
        {
            var refused = await Assert.That(async () => await sampling.AnswerAsync(request, default)).Throws<McpProtocolException>();
            await Assert.That(refused!.Message).Contains(words);
            await Assert.That(refused.ErrorCode).IsEqualTo(McpErrorCode.InvalidParams);
        }

        await Assert.That(model.Asked).IsEmpty();
    }

    [Test]
    public async Task A_model_that_is_silent_or_fails_is_told_of()
    {
        using var home = new Folder();
        var time = new ManualTime();
        var silent = New(home, new McpSamplingOptions { Timeout = TimeSpan.FromSeconds(2) }, new RecordedModel { Silent = true }, time);
        var asking = silent.AnswerAsync(Request("x"), default).AsTask();
        time.Advance(TimeSpan.FromSeconds(2));
        var late = await Assert.That(async () => await asking).Throws<McpProtocolException>();
        await Assert.That(late!.Message).IsEqualTo("the model did not answer within 2 s (sampling.timeout)");
        var failing = New(home, new McpSamplingOptions(), new RecordedModel { Problem = "no model is configured" }, time);
        var failed = await Assert.That(async () => await failing.AnswerAsync(Request("x"), default)).Throws<McpProtocolException>();
        await Assert.That(failed!.Message).IsEqualTo("the model could not be asked: no model is configured");
    }

    [Test]
    public async Task The_model_calls_the_servers_own_tools()
    {
        using var home = new Folder();
        var model = new RecordedModel { Calls = [new AuxiliaryCall("c2", "add", """{"a":2}"""), new AuxiliaryCall("c3", "now", "")] };
        var sampling = New(home, new McpSamplingOptions(), model, TimeProvider.System);
        var request = Request("two and two?");
        request.Temperature = 0.3f;
        request.Tools = [new Tool { Name = "add", Description = "Adds.", InputSchema = Json("""{"type":"object","properties":{"a":{"type":"integer"}}}""") }, new Tool { Name = "now" }];
        request.Messages =
        [
            .. request.Messages,
            Said(new TextContentBlock { Text = "let me see" }, Call("c1")),
            Given(new ToolResultContentBlock { ToolUseId = "c1", Content = [new TextContentBlock { Text = "no" }], IsError = true }),
        ];
        var result = await sampling.AnswerAsync(request, default);
        await Assert.That(result.StopReason).IsEqualTo("toolUse");
        await Assert.That(string.Join(' ', result.Content.Select(block => block.Type))).IsEqualTo("text tool_use tool_use");
        var first = (ToolUseContentBlock)result.Content[1];
        await Assert.That((first.Id, first.Name, first.Input.GetRawText())).IsEqualTo(("c2", "add", """{"a":2}"""));
        await Assert.That(((ToolUseContentBlock)result.Content[2]).Input.GetRawText()).IsEqualTo("{}");
        var asked = model.Asked.Single();
        await Assert.That(string.Join(' ', asked.Tools.Select(tool => $"{tool.Name}:{tool.Description}:{System.Text.Encoding.UTF8.GetString(tool.ParametersSchema.Span)}")))
            .IsEqualTo("""add:Adds.:{"type":"object","properties":{"a":{"type":"integer"}}} now::{"type":"object","properties":{}}""");
        await Assert.That(asked.ToolsForbidden).IsFalse();
        await Assert.That(asked.Temperature!.Value).IsEqualTo(0.3).Within(0.001);
        await Assert.That(asked.Messages![1].Calls!.Single()).IsEqualTo(new AuxiliaryCall("c1", "add", """{"a":1}"""));
        await Assert.That(asked.Messages![2]).IsEqualTo(new AuxiliaryMessage(false, "Error: no") { ResultOf = "c1" });

        model.Calls = [new AuxiliaryCall("c2", "add", "no JSON")];
        var broken = await Assert.That(async () => await sampling.AnswerAsync(request, default)).Throws<McpProtocolException>();
        await Assert.That(broken!.Message).IsEqualTo("the model called add with arguments that are no JSON object; ask again");
    }

    [Test]
    [Arguments(2, 1, null, false)]
    [Arguments(2, 2, null, true)]
    [Arguments(2, 0, "none", true)]
    [Arguments(2, 0, "required", false)]
    public async Task Rounds_of_tools_come_to_an_end(int most, int rounds, string? choice, bool forbidden)
    {
        using var home = new Folder();
        var model = new RecordedModel();
        var sampling = New(home, new McpSamplingOptions { MostToolRounds = most }, model, TimeProvider.System);
        var request = Request("x");
        request.Tools = [new Tool { Name = "add" }];
        request.ToolChoice = choice is null ? null : new ToolChoice { Mode = choice };

        // Rounds before the user's last words do not count.
        request.Messages = [request.Messages[0], Said(Call("0")), Given(Result("0", "r")), request.Messages[0], .. Enumerable.Range(1, rounds).SelectMany(i => new[] { Said(Call($"{i}")), Given(Result($"{i}", "r")) })];
        await sampling.AnswerAsync(request, default);
        await Assert.That(model.Asked.Single().ToolsForbidden).IsEqualTo(forbidden);
    }

    [Test]
    [Arguments("", true)]
    [Arguments(", sampling: {max_tool_rounds: 0}", false)]
    [Arguments(", sampling: {max_tool_rounds: some}", true)]
    public async Task Tools_are_offered_and_used_over_the_wire(string options, bool offered)
    {
        const string ask = """{"messages":[{"role":"user","content":{"type":"text","text":"now?"}}],"tools":[{"name":"now","inputSchema":{"type":"object"}}],"maxTokens":5}""";
        using var server = await AskingServer.StartAsync("sampling/createMessage", ask, options, new RecordedModel { Text = null, Calls = [new AuxiliaryCall("c1", "now", "{}")] });
        await Assert.That(server.Offered["sampling"]!["tools"] is not null).IsEqualTo(offered);
        var answer = await server.AskAsync();
        if (offered) await Assert.That(answer["result"]!["content"]!.ToJsonString()).IsEqualTo("""{"type":"tool_use","id":"c1","name":"now","input":{}}""");
        else await Assert.That((string)answer["error"]!["message"]!).Contains("max_tool_rounds is 0");
    }

    private static SamplingMessage Said(params ContentBlock[] blocks) => new() { Role = Role.Assistant, Content = [.. blocks] };

    private static SamplingMessage Given(params ContentBlock[] blocks) => new() { Role = Role.User, Content = [.. blocks] };

    private static ToolUseContentBlock Call(string id) => new() { Id = id, Name = "add", Input = Json("""{"a":1}""") };

    private static ToolResultContentBlock Result(string id, string text) => new() { ToolUseId = id, Content = [new TextContentBlock { Text = text }] };

    private static System.Text.Json.JsonElement Json(string text) => System.Text.Json.JsonDocument.Parse(text).RootElement;

    private static CreateMessageRequestParams Request(string text, int tokens = 10) =>
        new() { MaxTokens = tokens, Messages = [new SamplingMessage { Role = Role.User, Content = [new TextContentBlock { Text = text }] }] };

    private static McpSampling New(Folder home, McpSamplingOptions options, IAuxiliaryModel model, TimeProvider time) => new("srv", options, model, new McpErrorLog(home.Path, time), time);

    private sealed class Folder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("gateway-mcp-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}

/// <summary>A model that says one thing.</summary>
internal sealed class RecordedModel : IAuxiliaryModel
{
    public List<AuxiliaryRequest> Asked { get; } = [];

    public bool CutOff { get; init; }

    public bool Silent { get; init; }

    public string? Problem { get; init; }

    public string? Text { get; init; } = "four. END of it";

    public IReadOnlyList<AuxiliaryCall> Calls { get; set; } = [];

    public async Task<AuxiliaryAnswer> AskAsync(AuxiliaryRequest request, CancellationToken cancellationToken)
    {
        Asked.Add(request);
        if (Silent) await Task.Delay(Timeout.Infinite, cancellationToken);
        return new AuxiliaryAnswer(Problem is null ? Text : null, Problem) { Model = "small-model", Tokens = 7, CutOff = CutOff, Calls = Calls };
    }
}
