using System.Text.Json;
using Gateway.Agent;
using Gateway.Agent.Compression;
using Gateway.Config;
using Gateway.Diagnostics;
using Gateway.Sessions;
using Gateway.Sessions.Subagents;
using Gateway.Storage;
using Gateway.Tests.ToolsTests;
using Gateway.Tools;

namespace Gateway.Tests.SubagentTests;

/// <summary>Subagents with the product's tools, and with an engine made of a function in the place of a model.</summary>
internal sealed class SubagentStage : IDisposable
{
    private int _keys;

    public SubagentStage(Func<TurnRequest, IAgentEvents, CancellationToken, Task<TurnResult>> work, string config = "", TimeProvider? time = null)
    {
        Tools = new ToolStage(config);
        Kit = Tools.Kit with { Time = time ?? TimeProvider.System };
        Context = Tools.Context with { Tools = [.. ToolCatalog.BuiltIn(Kit)] };
        var room = new SubagentRoom(
            new Engine(work),
            Registry,
            new SessionRecords(Kit.State, TimeProvider.System),
            () => $"child{Interlocked.Increment(ref _keys)}",
            Kit,
            new Compressor(_ => throw new NotSupportedException(), new RetryPolicy(TimeProvider.System), TimeProvider.System),
            new GatewayLog(() => Logs, text => text));
        Runner = new SubagentRunner(room, Told, Spend, Endpoint, null);
    }

    public static ModelEndpoint Endpoint { get; } = new("custom", "parent-model", "http://127.0.0.1:9", "no-key", ApiMode.ChatCompletions);

    public ToolStage Tools { get; }

    public ToolKit Kit { get; }

    public ToolContext Context { get; }

    public SubagentRegistry Registry { get; } = new();

    public SubagentRunner Runner { get; }

    public ToldEvents Told { get; } = new();

    public string Logs => Path.Combine(Tools.Home, "logs");

    /// <summary>What was put to the account of the agent that the user talks to.</summary>
    public TokenUsage Spent { get; private set; }

    public static TurnResult Answer(string text) => new(TurnStatus.Complete, text, null, [], default);

    public static SubagentTask Task(string goal, bool isOrchestrator = false) => new(goal, null, null, isOrchestrator);

    public Task<IReadOnlyList<SubagentReport>> RunAsync(params string[] goals) => Runner.RunAsync([.. goals.Select(goal => Task(goal))], Context, CancellationToken.None);

    /// <summary>Calls a tool as the engine does.</summary>
    public static async Task CallAsync(TurnRequest request, IAgentEvents events, string tool, string arguments)
    {
        using var document = JsonDocument.Parse(arguments);
        var call = new ToolCall("call", tool, document.RootElement.Clone());
        events.ToolStarted(call, ToolPreview.Of(tool, call.Arguments));
        var result = await request.Tools.Single(one => one.Name == tool).RunAsync(call, request.ToolContext, CancellationToken.None);
        events.ToolCompleted(call, result, TimeSpan.Zero);
    }

    public void Dispose() => Tools.Dispose();

    private void Spend(TokenUsage usage)
    {
        lock (Told) Spent += usage;
    }

    private sealed class Engine(Func<TurnRequest, IAgentEvents, CancellationToken, Task<TurnResult>> work) : ITurnEngine
    {
        public Task<TurnResult> RunAsync(TurnRequest request, IAgentEvents events, CancellationToken cancellationToken) => work(request, events, cancellationToken);
    }
}

/// <summary>What the client of a session hears of its subagents.</summary>
internal sealed class ToldEvents() : SilentEvents(null), ISessionEvents
{
    private readonly List<SubagentEvent> _all = [];

    public IReadOnlyList<SubagentEvent> All
    {
        get
        {
            lock (_all) return [.. _all];
        }
    }

    public SubagentEvent End(string goal = "one") => All.Single(happened => happened.Moment == SubagentMoment.Completed && happened.Who.Goal == goal);

    public void Subagent(SubagentEvent happened)
    {
        lock (_all) _all.Add(happened);
    }

    public void TurnStarted()
    {
    }

    public void TurnCompleted(TurnResult result, TokenUsage sessionUsage)
    {
    }

    public void TurnFailed(string message)
    {
    }

    public void ApprovalRequested(ApprovalRequest request, string requestId)
    {
    }

    public void ClarifyRequested(string question, IReadOnlyList<string>? choices, string requestId)
    {
    }

    public void SudoRequested(string requestId)
    {
    }

    public void SecretRequested(string variable, string prompt, string requestId)
    {
    }

    public void BackgroundCompleted(string taskId, string text)
    {
    }
}
