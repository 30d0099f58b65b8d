using Gateway.Agent;
using Gateway.Agent.Compression;
using Gateway.Agent.Models;
using Gateway.Config;
using Gateway.Sessions.Subagents;
using Gateway.Storage;
using Gateway.Tools;
using Gateway.Tools.Approvals;
using Gateway.Tools.Files;
using Gateway.Tools.Memory;
using Gateway.Tools.Skills;
using Gateway.Tools.Terminal;
using Gateway.Tools.Web;

namespace Gateway.Sessions;

/// <summary>What sessions work with: model, tools, instructions, approvals, each read from the configuration at the moment it
/// is needed, so that an edit of config.yaml or .env counts from the next turn on.</summary>
internal sealed class SessionWork
{
    private readonly GatewayEnvironment _environment;
    private readonly ConfigFile _config;
    private readonly SkillIndex _skills;
    private readonly ToolKit _kit;
    private readonly TimeProvider _time;
    private readonly IAuxiliaryModel _auxiliary;
    private readonly CompactionRoom? _compaction;
    private readonly SubagentRoom? _subagents;

    /// <summary>Creates it; nothing is read yet.</summary>
    public SessionWork(ToolKit kit, IAuxiliaryModel auxiliary, CompactionRoom? compaction, SubagentRoom? subagents)
    {
        _subagents = subagents;
        _compaction = compaction;
        _environment = kit.Environment;
        _config = kit.Config;
        _skills = kit.Skills;
        _kit = kit;
        _time = kit.Time;
        _auxiliary = auxiliary;
    }

    /// <summary>Tells a session something that happened outside its turns, and whether it could; null: nobody does.</summary>
    public Func<Session, string, bool>? Deliver { get; set; }

    /// <summary>The secrets of this process.</summary>
    public OwnSecrets Secrets => _kit.Secrets;

    /// <summary>Absolute directory of all that is kept.</summary>
    public string Home => _environment.HermesHome;

    /// <summary>Adds to an endpoint what it has said about its model.</summary>
    public Func<ModelEndpoint, ModelEndpoint> WithFacts { get; set; } = endpoint => endpoint;

    /// <summary>Absolute directory that new sessions start in.</summary>
    public string WorkingDirectory => TerminalFolder.Of(Config(), _environment);

    /// <summary>The tools on offer, sorted by name.</summary>
    public ToolRegistry Tools()
    {
        var enabled = Toolsets();
        return new(ToolCatalog.BuiltIn(_kit).Concat(_kit.Foreign()).Where(tool => Gateway.Tools.Toolsets.Offers(enabled, Config(), tool)));
    }

    /// <summary>The toolsets that are on, sorted.</summary>
    public IReadOnlyList<string> Toolsets() => Gateway.Tools.Toolsets.Enabled(Config(), _environment);

    /// <summary>Switches toolsets in config.yaml.</summary>
    /// <exception cref="ConfigEditException">It was not changed; the message says why.</exception>
    public void SwitchToolsets(IReadOnlyCollection<string> names, bool on) =>
        new ConfigEditor(_environment).SetPlatformToolsets(_config.FilePath, "cli", Gateway.Tools.Toolsets.Changed(Config(), _environment, names, on));

    /// <summary>Names of the MCP servers in config.yaml, those that are off included.</summary>
    public IReadOnlyList<string> Servers() => [.. Config().Find("mcp_servers").Entries.Select(entry => entry.Key)];

    /// <summary>Switches tools of an MCP server in config.yaml: in the list of what is left out or, where the server has a list of the only ones
    /// that are taken, which counts then, in that.</summary>
    /// <param name="server">A server of <see cref="Servers"/>.</param>
    /// <param name="tools">The server's own names.</param>
    /// <param name="on">On, or off.</param>
    /// <exception cref="ConfigEditException">It was not changed; the message says why.</exception>
    public void SwitchServerTools(string server, IReadOnlyCollection<string> tools, bool on)
    {
        var only = Config().Find("mcp_servers", server, "tools", "include").Items.Select(item => item.AsString()).ToList();
        if (only.Count > 0 && !on && only.All(name => name is not null && tools.Contains(name)))
            throw new ConfigEditException($"{server} would be left without a tool, which its list tools.include cannot say. Set enabled: false for it in {_config.FilePath}.");
        string list = only.Count > 0 ? "include" : "exclude";
        bool adds = on == (list == "include");
        new ConfigEditor(_environment).ChangeList(_config.FilePath, ["mcp_servers", server, "tools", list], adds ? tools : [], adds ? [] : tools);
    }

    /// <summary>Whether the tools of an MCP server are on offer.</summary>
    public bool OffersServer(string server) => Gateway.Tools.Toolsets.OffersServer(Config(), server);

    /// <summary>Limits and model options.</summary>
    public AgentSettings Settings() => AgentSettingsReader.Read(Config(), _environment);

    /// <summary>The model that the next turn would use, and its context length in tokens where configuration names one.</summary>
    public (string Name, int? ContextLength) Model()
    {
        var config = Config();
        var endpoint = ModelResolver.Resolve(_environment, config).Endpoint;
        return (endpoint?.Model ?? ModelResolver.CurrentModelName(_environment, config), endpoint is null ? null : ContextLengths.Find(WithFacts(endpoint)));
    }

    /// <summary>The model that the next turn would call, or else why there is none.</summary>
    public (ModelEndpoint? Endpoint, string? Problem) Endpoint()
    {
        var resolution = ModelResolver.Resolve(_environment, Config());
        return (resolution.Endpoint is { } endpoint ? WithFacts(endpoint) : null, _config.Read().Problem ?? resolution.Problem);
    }

    /// <summary>Limits of compression for a model.</summary>
    public CompressionLimits CompressionLimits(ModelEndpoint endpoint) => Agent.Compression.CompressionLimits.Of(endpoint, Config());

    /// <summary>Who summarises conversations with a model.</summary>
    /// <exception cref="CompressionFailedException">One is configured that cannot be called.</exception>
    public SummaryModel SummaryModel(ModelEndpoint endpoint) => Agent.Compression.SummaryModel.For(endpoint, _environment, Config());

    /// <summary>Why the first message would fail; null when nothing speaks against it.</summary>
    public string? CredentialWarning() => _config.Read().Problem is null ? ModelResolver.Resolve(_environment, Config()).Problem : null;

    /// <summary>What is wrong with config.yaml; null when nothing is (WIRE 7.5).</summary>
    public string? ConfigWarning()
    {
        var snapshot = _config.Read();
        if (snapshot.Problem is not null) return snapshot.Problem;
        if (TerminalBackend.Problem(snapshot.Root.Expand(_environment), _environment) is { } elsewhere) return elsewhere;
        string[] empty = [.. snapshot.Root.Entries.Where(entry => entry.Value.IsNull).Select(entry => $"`{entry.Key}`").Order(StringComparer.Ordinal)];
        return empty.Length == 0
            ? WebBackend.Problem(_environment, snapshot.Root)
            : $"config.yaml has empty section(s): {string.Join(", ", empty)}. Remove the line(s) or set them to `{{}}`: an empty section hides the settings below it.";
    }

    /// <summary>Installed skills.</summary>
    public IReadOnlyList<Skill> Skills() => _skills.Read(_config.Read().Root);

    /// <summary>Whether tool events are shown (display.tool_progress).</summary>
    public bool ShowsTools() => ConfigValues.ToolProgress(Config()) != "off";

    /// <summary>Longest argument in tool.progress in characters (display.tool_preview_length; 0, which is the default, stands for all of it).</summary>
    public int PreviewLength() => Math.Max(0, Config().Find("display", "tool_preview_length").AsInt() ?? 0);

    /// <summary>Captions of the busy indicator from the active skin: "face verb...".</summary>
    public Func<string> Captions()
    {
        var skin = Skin();
        return () => $"{Pick(skin.ThinkingFaces)} {Pick(skin.ThinkingVerbs)}...".Trim();
    }

    /// <summary>How dangerous commands are dealt with.</summary>
    public ApprovalPolicy ApprovalPolicy()
    {
        var settings = Settings();
        bool everything = settings.ApprovalMode == "off" || IsOn(_environment.Get("HERMES_YOLO_MODE"));
        return new(everything, settings.ApprovalMode == "smart", TimeSpan.FromSeconds(settings.ApprovalTimeoutSeconds));
    }

    /// <summary>How long the model's questions to the user stay open (clarify.timeout in seconds; 300 unless set).</summary>
    public TimeSpan AnswerTime() => TimeSpan.FromSeconds(Config().Find("clarify", "timeout").AsInt() is > 0 and var seconds ? seconds : 300);

    /// <summary>Approvals kept in command_allowlist of config.yaml.</summary>
    public PermanentGrants PermanentGrants() => new(
        () => [.. Config().Find("command_allowlist").Items.Select(item => item.AsText()).OfType<string>()],
        Store,
        ApprovalKeys.IsGranted);

    /// <summary>Decides what a turn runs with.</summary>
    public TurnPlan Plan(Session session, RunningTurn turn, string text)
    {
        var (found, problem) = Endpoint();
        if (found is not { } endpoint) return new TurnPlan(null, problem);
        if (session.Conversation.SmallerWindow is { } smaller && smaller.Model == endpoint.Model && smaller.BaseUrl == endpoint.BaseUrl) endpoint = endpoint with { ContextLength = smaller.Window };
        string prompt = session.Conversation.SystemPrompt ??= Instructions(session, endpoint);
        var state = session.Conversation.ToolState ??= new ToolState(session.WorkingDirectory);
        state.Todos.Restore(turn.History.Where(message => message.Role == Role.Tool).Select(message => message.Content ?? ""));
        state.Processes = Processes(session);
        var request = Request(session, endpoint, session.Key, state, prompt, turn.History, text) with
        {
            Guidance = turn.Guidance,
            Compaction = _compaction is null ? null : new TurnCompaction(session, turn, _compaction, model =>
            {
                string fresh = Instructions(session, model);
                return (fresh, WithPersonality(fresh));
            }),
        };
        return new TurnPlan(request, null);
    }

    /// <summary>Decides what a prompt beside the session runs with: nothing of its history, but its user.</summary>
    /// <param name="session">The session whose user is asked.</param>
    /// <param name="key">Stored key that the prompt is stored under.</param>
    /// <param name="text">The prompt.</param>
    public TurnPlan PlanBeside(Session session, string key, string text)
    {
        var (found, problem) = Endpoint();
        if (found is not { } endpoint) return new TurnPlan(null, problem);
        string prompt = Instructions(session, endpoint);
        var request = Request(session, endpoint, key, new ToolState(session.WorkingDirectory) { Processes = Processes(session) }, prompt, [], text);
        return new TurnPlan(request with { Compaction = _compaction is null ? null : new InMemoryCompaction(_compaction.Compressor, _kit) }, null);
    }

    /// <summary>How often conversations are looked back over (memory.nudge_interval and skills.creation_nudge_interval, each 10 unless set).</summary>
    public ReviewIntervals ReviewIntervals() =>
        new(Config().Find("memory", "nudge_interval").AsInt() ?? 10, Config().Find("skills", "creation_nudge_interval").AsInt() ?? 10);

    /// <summary>Decides what an agent runs with that looks back over a session, with nobody to ask.</summary>
    /// <param name="session">The session.</param>
    /// <param name="task">What it is told behind the conversation.</param>
    /// <param name="names">The only tools it gets, as far as they are on offer.</param>
    /// <returns>Null when there is no model, or none of the tools.</returns>
    public TurnRequest? PlanReview(Session session, string task, IReadOnlyCollection<string> names)
    {
        if (Endpoint().Endpoint is not { } endpoint) return null;
        var request = Request(session, endpoint, session.Key, new ToolState(session.WorkingDirectory), session.Conversation.SystemPrompt ?? "", session.History(), task);
        ITool[] tools = [.. request.Tools.Where(tool => names.Contains(tool.Name))];
        return tools.Length == 0 ? null : request with { Tools = tools, ToolContext = request.ToolContext with { Tools = tools, Questions = null, Subagents = null } };
    }

    // The same owner before and after a compression, and when the conversation is closed and taken up again.
    private ProcessOwner Processes(Session session)
    {
        var owner = _kit.Background.OwnerOf(Root(session.Key));
        if (Deliver is { } deliver) owner.Listen(notice => deliver(session, notice));
        return owner;
    }

    private string Root(string key)
    {
        try
        {
            return new SessionRecords(_kit.State, _time).Root(key);
        }
        catch (SessionDatabaseException)
        {
            return key;
        }
    }

    private string Instructions(Session session, ModelEndpoint endpoint)
    {
        var offered = Tools().All;
        string[] tools = [.. offered.Select(tool => tool.Name)];
        var skills = tools.Contains("skill_view") ? SkillPrompt.Build(SkillPrompt.Fitting(Skills(), offered), _skills.Categories(Config())) : null;

        // Who cannot change the notes can still be helped by them.
        var parts = new PromptParts(tools, MemorySnapshot.Blocks(_environment, Config()), skills, Enforcement(endpoint.Model))
        {
            Zone = TimeZoneSetting.Read(_environment, Config(), _time.LocalTimeZone, out _),
            Surroundings = Surroundings.Hint(),
        };
        return SystemPrompt.Build(session.WorkingDirectory, _environment.HermesHome, endpoint, parts, _time);
    }

    private string WithPersonality(string prompt) =>
        Config().Find("agent", "system_prompt").Expand(_environment).AsText() is { Length: > 0 } personality ? $"{prompt}\n\n{personality}" : prompt;

    // auto, a switch, or a list of pieces of model names.
    private bool? Enforcement(string model)
    {
        var setting = Config().Find("agent", "tool_use_enforcement");
        if (setting.Kind == ConfigKind.List) return setting.Items.Any(item => item.AsText() is { Length: > 0 } part && model.Contains(part, StringComparison.OrdinalIgnoreCase));
        return setting.Kind == ConfigKind.Boolean ? setting.AsBool(true) : null;
    }

    private TurnRequest Request(
        Session session, ModelEndpoint endpoint, string key, ToolState state, string prompt, IReadOnlyList<ConversationMessage> history, string text)
    {
        var tools = Tools().All;
        var context = new ToolContext(key, session.WorkingDirectory, session.Approvals!)
        {
            State = state,
            UserHome = _environment.UserHome,
            DiffColours = DiffColours.Of(Skin()),
            Questions = session.Questions,
            Auxiliary = _auxiliary,
            Tools = tools,
            RedactsSecrets = SecretSettings.Redacts(Config(), _environment),
            Secrets = _kit.Secrets.Values,
            Subagents = _subagents is null ? null : new SubagentRunner(_subagents, session.Events, key == session.Key ? session.Spend : null, endpoint, null),
        };
        return new TurnRequest(endpoint, WithPersonality(prompt), history, text, tools, context, Settings())
        {
            Fallbacks = FallbackModels.Read(_environment, Config()),
        };
    }

    // The reference takes any text for yes; a switch that opens everything must not read "0" or "false" that way.
    private static bool IsOn(string? value) => value?.Trim().ToLowerInvariant() is not (null or "" or "0" or "false" or "no" or "off");

    private static string Pick(IReadOnlyList<string> words) => words.Count == 0 ? "" : words[Random.Shared.Next(words.Count)];

    private Skin Skin() => SkinCatalog.Resolve(ConfigValues.Get("skin", Config())?.Value ?? "default", _environment.HermesHome);

    private ConfigNode Config() => _config.Read().Root;

    private void Store(IReadOnlyList<string> keys)
    {
        try
        {
            _ = new ConfigEditor(_environment).AddToAllowlist(_config.FilePath, keys);
        }
        catch (ConfigEditException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }
}
