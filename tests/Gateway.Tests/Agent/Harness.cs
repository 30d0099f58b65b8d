using System.Text;
using System.Text.Json;
using Gateway.Agent;
using Gateway.Agent.Models;
using Gateway.Config;
using Gateway.Tools;

namespace Gateway.Tests.AgentTests;

/// <summary>An engine against a scripted server, with waits that end at once and are written down.</summary>
internal sealed class Harness : IDisposable
{
    public const string Key = "sk-ant-api03-SECRETSECRETSECRET";

    private readonly ModelHttp _http = new(TimeProvider.System);

    public Harness(string baseUrl, ApiMode mode = ApiMode.ChatCompletions, TimeProvider? time = null)
    {
        Endpoint = new ModelEndpoint("custom", mode == ApiMode.AnthropicMessages ? "claude-test" : "test-model", baseUrl, Key, mode);
        var retry = new RetryPolicy(TimeProvider.System, () => 0, (delay, cancellationToken) =>
        {
            Waits.Add(delay);
            return WaitForever ? Task.Delay(Timeout.Infinite, cancellationToken) : Task.CompletedTask;
        });
        Engine = new TurnEngine(
            ModelClients.Over(_http),
            new ToolBatch(call => call.Name + " preview", new OversizedResults(), TimeProvider.System),
            (name, tools) => tools.FirstOrDefault(tool => tool.Name.Equals(name, StringComparison.OrdinalIgnoreCase)),
            retry,
            time ?? TimeProvider.System);
    }

    public ModelEndpoint Endpoint { get; set; }

    public TurnEngine Engine { get; }

    public RecordedEvents Events { get; } = new();

    public List<TimeSpan> Waits { get; } = [];

    public bool WaitForever { get; set; }

    public List<ITool> Tools { get; } = [];

    public AgentSettings Settings { get; set; } = new();

    public List<ConversationMessage> History { get; } = [];

    public ITurnCompaction? Compaction { get; set; }

    public IReadOnlyList<ModelEndpoint> Fallbacks { get; set; } = [];

    public Guidance? Guidance { get; init; }

    public string SystemPrompt { get; set; } = "Be brief.";

    public void Dispose()
    {
        Engine.Dispose();
        _http.Dispose();
    }

    public async Task<TurnResult> RunAsync(string text = "hi", CancellationToken cancellationToken = default)
    {
        var request = new TurnRequest(Endpoint, SystemPrompt, [.. History], text, Tools, new ToolContext("key", "/", new NoApprovals()), Settings) { Compaction = Compaction, Fallbacks = Fallbacks, Guidance = Guidance };
        var result = await Engine.RunAsync(request, Events, cancellationToken);
        History.AddRange(result.NewMessages);
        return result;
    }

    private sealed class NoApprovals : IApprovals
    {
        public bool AllowsEverything => true;

        public bool IsGranted(string patternKey) => true;

        public Task<ApprovalChoice> AskAsync(ApprovalRequest request, CancellationToken cancellationToken) => Task.FromResult(ApprovalChoice.Once);
    }
}

/// <summary>Everything a turn reported, in order.</summary>
internal sealed class RecordedEvents : IAgentEvents
{
    public ValueTask RoomAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    private readonly TaskCompletionSource _firstText = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _reasoning = new();

    public List<string> Log { get; } = [];

    public List<string> Deltas { get; } = [];

    public List<string> Statuses { get; } = [];

    public string Text => _text.ToString();

    public string Reasoning => _reasoning.ToString();

    public Task FirstText => _firstText.Task;

    public Action<string>? OnStatus { get; set; }

    public void ModelCallStarted() => Log.Add("call");

    public void ModelCallEnded() => Log.Add("end");

    public void TextDelta(ReadOnlySpan<char> text)
    {
        Deltas.Add(new string(text));
        _text.Append(text);
        _firstText.TrySetResult();
    }

    public void ReasoningDelta(ReadOnlySpan<char> text) => _reasoning.Append(text);

    public void ReplyText(string text) => Log.Add("reply " + text);

    public void ToolGenerating(string name) => Log.Add("generating " + name);

    public void ToolStarted(ToolCall call, string preview) => Log.Add($"start {call.Id} {preview}");

    public void ToolCompleted(ToolCall call, ToolResult result, TimeSpan duration) => Log.Add($"complete {call.Id}");

    public void Status(string kind, string text)
    {
        Statuses.Add($"{kind}: {text}");
        OnStatus?.Invoke(text);
    }
}

/// <summary>A tool made of a function.</summary>
internal sealed class FakeTool(string name, Func<ToolCall, CancellationToken, Task<ToolResult>> run) : ITool
{
    public FakeTool(string name, string result = """{"ok":true}""")
        : this(name, (_, _) => Task.FromResult(new ToolResult(result)))
    {
    }

    public List<string> Calls { get; } = [];

    public string Name => name;

    public string Toolset => "test";

    public string Description => "A tool.";

    public ReadOnlyMemory<byte> ParametersSchema { get; } = """{"type":"object","properties":{}}"""u8.ToArray();

    public Task<ToolResult> RunAsync(ToolCall call, ToolContext context, CancellationToken cancellationToken)
    {
        lock (Calls) Calls.Add(call.Arguments.GetRawText());
        return run(call, cancellationToken);
    }
}

/// <summary>Chunks of a chat-completions stream.</summary>
internal static class Chat
{
    public const string Stop = """{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""";
    public const string ToolStop = """{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}""";
    public const string LengthStop = """{"choices":[{"index":0,"delta":{},"finish_reason":"length"}]}""";

    public static string Quote(string text) => '"' + JsonEncodedText.Encode(text).Value + '"';

    public static string Text(string text) => Delta($$"""{"content":{{Quote(text)}}}""");

    public static string Delta(string delta) => $$"""{"id":"x","choices":[{"index":0,"delta":{{delta}},"finish_reason":null}]}""";

    public static string Call(string id, string name, string arguments, int index = 0) => Delta(
        $$$"""{"tool_calls":[{"index":{{{index}}},"id":"{{{id}}}","type":"function","function":{"name":"{{{name}}}","arguments":{{{Quote(arguments)}}}}}]}""");

    public static Func<Exchange, Task> Answer(string text) => e => e.EventsAsync(Text(text), Stop, "[DONE]");

    public static Func<Exchange, Task> Calls(params string[] chunks) => e => e.EventsAsync([.. chunks, ToolStop, "[DONE]"]);

    /// <summary>Feeds chunks to a reader, without a server.</summary>
    public static (ModelReply Reply, RecordedEvents Events, ModelError? Error) Feed(IEnumerable<string> chunks, string known = "terminal")
    {
        var events = new RecordedEvents();
        var reply = new ReplyAssembler(events, name => name == known);
        using var reader = new ChatChunkReader(reply, "");
        foreach (var chunk in chunks)
        {
            reader.Read(Encoding.UTF8.GetBytes(chunk));
        }

        reader.Finish();
        reply.Complete();
        var ids = 0;
        return (reply.ToReply(() => $"new{++ids}"), events, reader.Error);
    }
}
