namespace Gateway.Commands;

/// <summary>The slash commands, in catalogue order (WIRE.md 13.2). A property and not a field: a start that shows no catalogue builds none.</summary>
internal static class CommandRegistry
{
    private const string Session = "Session";
    private const string Info = "Info";
    private const string Configuration = "Configuration";
    private const string Tools = "Tools & Skills";

    /// <summary>All 56 commands.</summary>
    public static IReadOnlyList<Command> All =>
    [
        new("new", Session, "Leave this conversation and open an empty one") { Aliases = ["reset"] },
        new("clear", Session, "Wipe the screen and open an empty conversation") { Scope = CommandScope.Terminal },
        new("redraw", Session, "Paint the whole screen again") { Scope = CommandScope.Terminal },
        new("history", Session, "Look back over this conversation") { Scope = CommandScope.Terminal },
        new("save", Session, "Write this conversation to a file") { Scope = CommandScope.Terminal },
        new("retry", Session, "Send your last message once more"),
        new("undo", Session, "Forget the last question and its answer"),
        new("title", Session, "Give this conversation a name") { Hint = "[name]" },
        new("branch", Session, "Continue in a copy and keep the original as it is") { Aliases = ["fork"], Hint = "[name]" },
        new("compress", Session, "Shorten the history to a summary now") { Hint = "[focus topic]" },
        new("rollback", Session, "Show file checkpoints or go back to one") { Hint = "[number]" },
        new("snapshot", Session, "Keep or bring back a copy of the Hermes settings and state")
        {
            Aliases = ["snap"], Hint = "[create|restore <id>|prune]", Subcommands = ["create", "restore"], Scope = CommandScope.Terminal,
        },
        new("stop", Session, "End every process running in the background"),
        new("approve", Session, "Allow the command that waits in a chat")
        {
            Hint = "[session|always]", Subcommands = ["session", "always"], Scope = CommandScope.Chat, Hidden = true,
        },
        new("deny", Session, "Refuse the command that waits in a chat") { Scope = CommandScope.Chat, Hidden = true },
        new("background", Session, "Let a prompt run on the side") { Aliases = ["bg", "btw"], Hint = "<prompt>" },
        new("agents", Session, "See which agents and tasks are at work") { Aliases = ["tasks"] },
        new("queue", Session, "Hold a prompt until the current turn is over") { Aliases = ["q"], Hint = "<prompt>" },
        new("steer", Session, "Slip a remark in after the next tool call, without stopping") { Hint = "<prompt>" },
        new("status", Session, "Summarise this conversation's state") { Hidden = true },
        new("profile", Info, "Name the active profile and its home directory"),
        new("sethome", Session, "Make this chat the home channel") { Aliases = ["set-home"], Scope = CommandScope.Chat, Hidden = true },
        new("resume", Session, "Go on with an earlier conversation") { Hint = "[name]" },
        new("config", Configuration, "Print the settings in effect") { Scope = CommandScope.Terminal },
        new("model", Configuration, "Talk to another model") { Aliases = ["provider"], Hint = "[model] [--provider name] [--global]" },
        new("gquota", Info, "How much of the Gemini Code Assist quota is left") { Scope = CommandScope.Terminal },
        new("personality", Configuration, "Choose a manner of speaking") { Hint = "[name]" },
        new("statusbar", Configuration, "Show or hide the status line") { Aliases = ["sb"], Scope = CommandScope.Terminal },
        new("verbose", Configuration, "Step through the amounts of tool detail: off, new, all, verbose") { Scope = CommandScope.Terminal },
        new("footer", Configuration, "Add run details below chat replies, or not") { Hint = "[on|off|status]", Subcommands = ["on", "off", "status"] },
        new("yolo", Configuration, "Run risky commands without asking, or ask again"),
        new("reasoning", Configuration, "How hard to think, and whether to show it")
        {
            Hint = "[level|show|hide]", Subcommands = ["none", "minimal", "low", "medium", "high", "xhigh", "show", "hide", "on", "off"],
        },
        new("fast", Configuration, "Pay for quicker answers where the provider offers it")
        {
            Hint = "[normal|fast|status]", Subcommands = ["normal", "fast", "status", "on", "off"],
        },
        new("skin", Configuration, "See or switch the colours") { Hint = "[name]", Scope = CommandScope.Terminal },
        new("voice", Configuration, "Speak instead of typing") { Hint = "[on|off|tts|status]", Subcommands = ["on", "off", "tts", "status"] },
        new("busy", Configuration, "Decide what Enter does during a turn")
        {
            Hint = "[queue|steer|interrupt|status]", Subcommands = ["queue", "steer", "interrupt", "status"], Scope = CommandScope.Terminal,
        },
        new("tools", Tools, "See the tools, switch some on or off")
        {
            Hint = "[list|disable|enable] [name...]", Subcommands = ["list", "disable", "enable"], Scope = CommandScope.Terminal,
        },
        new("toolsets", Tools, "Show how tools are grouped") { Scope = CommandScope.Terminal },
        new("skills", Tools, "Find, add and look into skills") { Subcommands = ["search", "browse", "inspect", "install"], Scope = CommandScope.Terminal },
        new("cron", Tools, "Jobs that run at set times")
        {
            Hint = "[subcommand]", Subcommands = ["list", "add", "create", "edit", "pause", "resume", "run", "remove"], Scope = CommandScope.Terminal,
        },
        new("reload", Tools, "Read the .env file again") { Scope = CommandScope.Terminal },
        new("reload-mcp", Tools, "Connect to the MCP servers afresh") { Aliases = ["reload_mcp"] },
        new("browser", Tools, "Let the browser tools use a Chrome that is already open")
        {
            Hint = "[connect|disconnect|status]", Subcommands = ["connect", "disconnect", "status"], Scope = CommandScope.Terminal,
        },
        new("plugins", Tools, "Which plugins there are and how they fare") { Scope = CommandScope.Terminal },
        new("commands", Info, "Page through the commands of a chat") { Hint = "[page]", Scope = CommandScope.Chat, Hidden = true },
        new("help", Info, "This list of commands"),
        new("restart", Session, "Restart the chat gateway once running work is done") { Scope = CommandScope.Chat },
        new("usage", Info, "Tokens spent in this conversation, and the limits"),
        new("insights", Info, "Figures on how Hermes has been used") { Hint = "[days]" },
        new("platforms", Info, "How the chat platforms are doing") { Aliases = ["gateway"], Scope = CommandScope.Terminal },
        new("copy", Info, "Put an answer on the clipboard") { Hint = "[number]", Scope = CommandScope.Terminal },
        new("paste", Info, "Attach the picture on the clipboard") { Scope = CommandScope.Terminal },
        new("image", Info, "Attach a picture file to the next message") { Hint = "<path>", Scope = CommandScope.Terminal },
        new("update", Info, "Bring Hermes up to date from a chat") { Scope = CommandScope.Chat, Hidden = true },
        new("debug", Info, "Send a report with logs and get links to share"),
        new("quit", "Exit", "Leave Hermes") { Aliases = ["exit"], Scope = CommandScope.Terminal },
    ];

    /// <summary>Commands the terminal client handles itself; listed after the registry (WIRE.md 13.2).</summary>
    public static IReadOnlyList<(string Name, string Description)> TerminalExtras =>
    [
        ("compact", "Tighter or roomier display"),
        ("logs", "The gateway's latest log lines"),
        ("mouse", "Mouse and wheel support [on|off|toggle]"),
    ];

    /// <summary>The command of a name or alias without the slash, case ignored; null when there is none.</summary>
    public static Command? Find(string name) => All.FirstOrDefault(command =>
        command.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || command.Aliases.Contains(name, StringComparer.OrdinalIgnoreCase));
}
