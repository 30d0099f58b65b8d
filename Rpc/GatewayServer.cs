using System.Diagnostics;
using System.Globalization;
using Gateway.Agent;
using Gateway.Completion;
using Gateway.Config;
using Gateway.Diagnostics;
using Gateway.Mcp;
using Gateway.Processes;
using Gateway.Rpc.Methods;
using Gateway.Sessions;
using Gateway.Sessions.Subagents;
using Gateway.Storage;
using Gateway.Tools;
using Gateway.Tools.Approvals;
using Gateway.Tools.Files;
using Gateway.Tools.Terminal;
using Gateway.Transport;

namespace Gateway.Rpc;

/// <summary>The gateway for one client: every room of the house, built and joined. Used by the process, by
/// <c>tui-gateway chat</c> and by tests alike.</summary>
internal sealed class GatewayServer : IDisposable
{
    private const int CrowdedPauseMilliseconds = 10;
    private readonly Outbox _outbox;
    private readonly SessionStore _sessions;
    private readonly PendingQuestions _questions;
    private readonly ChildProcesses _children = new();
    private readonly TurnEngine _engine;
    private readonly StateFile _state;
    private readonly TurnLocks _locks;
    private readonly BackgroundPrompts _background;
    private readonly AfterTurn _afterTurn;
    private readonly ScratchFolder _scratch;
    private readonly BackgroundProcesses _commands;
    private readonly McpHub _mcp;
    private readonly HomeReport _homeReport;
    private readonly Dispatcher _dispatcher;

    /// <summary>Builds the gateway; nothing is read, started or sent yet.</summary>
    /// <param name="environment">What comes from outside.</param>
    /// <param name="log">Where the gateway speaks about itself.</param>
    /// <param name="time">The clock.</param>
    /// <param name="outbox">The client.</param>
    public GatewayServer(GatewayEnvironment environment, GatewayLog log, TimeProvider time, Outbox outbox)
    {
        _outbox = outbox;
        _state = new StateFile(Path.Combine(environment.HermesHome, "state.db"));
        _locks = new TurnLocks(environment.HermesHome);
        _sessions = new SessionStore(time);
        _questions = new PendingQuestions(time);

        var records = new SessionRecords(_state, time);
        var copies = new SessionCopies(_state, time);
        var dangers = new DangerousCommands(new ProtectedFiles(environment));
        var config = new ConfigFile(Path.Combine(environment.HermesHome, "config.yaml"));
        var skills = new SkillIndex(environment, time);
        _engine = new TurnEngine(call => ToolPreview.Of(call.Name, call.Arguments), Nearest, environment, time);
        var kit = new ToolKit(environment, config, skills, _children, new ApprovalGate(dangers, new TirithScanner(environment, config, _children, time)), _state, time) { Foreign = () => _mcp!.Tools };
        var auxiliary = _engine.Auxiliary(environment, config);
        _mcp = new McpHub(environment, config, _children, time) { Auxiliary = auxiliary };
        _homeReport = new HomeReport(environment.HermesHome, log);
        var subagents = new SubagentRegistry();
        var work = new SessionWork(kit, auxiliary, new CompactionRoom(_sessions, copies, _locks, _engine.Compressor, kit), new SubagentRoom(_engine, subagents, records, _sessions.NewKey, kit, _engine.Compressor, log));
        var titles = new SessionTitles(_state, time);
        _afterTurn = new AfterTurn(new SessionLog(work, time), new RequestDumps(environment, time) { Mask = kit.Secrets.Redact }, new SessionNaming(auxiliary, titles) { Mask = kit.Secrets.Redact }, new ConversationReview(work, _engine, records), log);
        var turns = new TurnRunner(_engine, work.Plan, log, _mcp.SettleAsync, AfterTurn);
        var factory = new SessionFactory(_sessions, _questions, outbox, work, records, copies, time, Servers);
        var desk = new TurnDesk(records, _locks, turns, factory.Recorder);

        work.WithFacts = _engine.WithFacts;
        work.Deliver = (session, notice) => desk.Deliver(_sessions.OpenOne(session), notice);
        _mcp.Changed = () =>
        {
            foreach (var session in _sessions.All) SessionFactory.EventsOf(session).Info(factory.Info(session));
        };
        _scratch = kit.Scratch;
        _commands = kit.Background;
        _background = new BackgroundPrompts(_engine, work, records, _sessions.NewKey, log);
        var paths = new PathCompleter(environment.UserHome, time);

        Table = new RouteTable([
            .. new SessionMethods(_sessions, factory, _questions, records, desk).Routes,
            .. new SessionTitleMethods(factory, titles).Routes,
            .. new SessionBranchMethods(factory, new SessionCompression(_sessions, work, copies, records, desk, _engine.Compressor)).Routes,
            .. new StoredSessionMethods(_state).Routes,
            .. new PromptMethods(factory, desk, environment.UserHome).Routes,
            .. new DelegationMethods(subagents, _background, factory, () => DelegationSettings.Read(kit.Settings, environment)).Routes,
            .. new RespondMethods(factory, _questions).Routes,
            .. new SessionExportMethods(factory, work, time).Routes,
            .. new ConfigMethods(environment, config).Routes,
            .. new CommandMethods(config, skills).Routes,
            .. new CompletionMethods(environment, config, skills, _sessions, paths).Routes,
            .. new McpMethods(_mcp, _sessions).Routes,
            .. new ToolMethods(work, _sessions, factory, _mcp).Routes,
            .. new ProcessMethods(kit.Background, time).Routes,
            .. new ShellMethods(environment, _children, dangers).Routes,
            .. new VoiceMethods().Routes,
            .. new SpawnTreeMethods(environment, time).Routes,
            .. new InsightsMethods(_state, time).Routes,
            .. new CronMethods(environment, config, time).Routes,
            .. NotYetMethods.Routes,
        ]);
        _dispatcher = new Dispatcher(Table, outbox, log, WorkerLane.WorkersFrom(environment.Get("HERMES_TUI_RPC_POOL_WORKERS")));
    }

    /// <summary>All methods.</summary>
    public RouteTable Table { get; }

    /// <summary>Takes one line of the client. Not for two threads at a time.</summary>
    public void Dispatch(ReadOnlySpan<byte> line) => _dispatcher.Dispatch(line);

    /// <summary>The loop: takes lines until there are none. While the client leaves too many answers unread, no further line
    /// is taken, so that what it sends waits on its side.</summary>
    /// <param name="input">The lines.</param>
    public void Serve(ILineSource input)
    {
        while (input.TryRead(out var line))
        {
            while (_outbox.Crowded && !input.PeerClosed && !input.WaitForStop(CrowdedPauseMilliseconds))
            {
            }

            if (line.Fault == LineFault.None) _dispatcher.Dispatch(line.Bytes);
            else _dispatcher.RejectSkipped(line);
        }
    }

    /// <summary>Ends in order: stops turns and withdraws questions, lets requests that are quick be answered, kills what still runs,
    /// and sends what the client still takes. Done after nine tenths of the grace time, whatever happens.</summary>
    /// <param name="grace">How long the whole ending may take.</param>
    /// <param name="drain">Whether accepted requests are still to be answered (the input ended, but the client reads on).</param>
    public void Shutdown(TimeSpan grace, bool drain)
    {
        long started = Stopwatch.GetTimestamp();
        TimeSpan Until(double share) => grace * share - Stopwatch.GetElapsedTime(started) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

        Task ended = StopTurnsAsync();
        if (drain) ended = Task.WhenAll(ended, _dispatcher.WhenIdle());

        // Most things end at once; children that do not are killed then, so that what waits for them ends too.
        if (!ended.Wait(Until(drain ? 0.4 : 0.1)))
        {
            _dispatcher.Cancel();
            _children.KillAll();
            ended.Wait(Until(0.6));
        }

        _dispatcher.Cancel();
        _children.KillAll();
        _outbox.Close(Until(0.9));
    }

    /// <summary>What is under way, for the log: turns and requests with their session, for how long, and on which threads.</summary>
    public IEnumerable<WorkItem> WorkUnderWay()
    {
        foreach (var session in _sessions.All)
            if (session.Turn is { } turn) yield return new($"turn of session {session.Id}, for {Seconds(turn.StartedAt)} s{(turn.Interrupted ? ", interrupted" : "")}", turn.Threads.Now());
        foreach (var call in _dispatcher.Waiting())
            yield return new($"request {call.Route.Method}{(call.OrderKey.Length > 0 ? " of session " + call.OrderKey : "")}, for {Seconds(call.AcceptedAt)} s", call.Thread);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _dispatcher.Dispose();
        _questions.Dispose();
        _background.Dispose();
        _afterTurn.Dispose();
        _mcp.Dispose();
        _scratch.Dispose();
        _commands.Close();
        _engine.Dispose();
        _state.Dispose();
        _locks.Dispose();
    }

    private void AfterTurn(Session session, string prompt, TurnResult? result)
    {
        _questions.ShowAgain(session.Id);
        if (result is not null) _afterTurn.Ended(session, prompt, result);
    }

    // Servers are connected, and the home is looked at, when the first session is there to use them, never before.
    private IReadOnlyList<McpServerState> Servers()
    {
        _mcp.Start();
        _homeReport.Begin();
        return _mcp.States;
    }

    // Models misspell tool names; the nearest one that is on offer is meant.
    private static ITool? Nearest(string name, IReadOnlyList<ITool> tools) =>
        ToolNameRepair.Repair(name, [.. tools.Select(tool => tool.Name)]) is string repaired ? tools.First(tool => tool.Name == repaired) : null;

    private static string Seconds(long since) => Stopwatch.GetElapsedTime(since).TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);

    private Task StopTurnsAsync() => Task.WhenAll(_sessions.All
        .Select(session =>
        {
            var ended = session.Close();
            _questions.Close(session.Id);
            return ended;
        })
        .Append(_background.StopAsync())
        .Append(_afterTurn.StopAsync()));
}
