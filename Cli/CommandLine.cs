using System.Text;
using Gateway.Rpc;
using Gateway.Transport;

namespace Gateway.Cli;

/// <summary>What the process was asked to be.</summary>
internal enum Verb
{
    /// <summary>The gateway, over standard input and output.</summary>
    Serve,

    /// <summary>The plain terminal client.</summary>
    Chat,

    /// <summary>Logs in to an MCP server.</summary>
    McpLogin,

    /// <summary>Checks what the gateway finds around it.</summary>
    Doctor,

    /// <summary>Prints the help text.</summary>
    Help,

    /// <summary>Prints the version.</summary>
    Version,

    /// <summary>The arguments make no sense; prints why and exits with 2.</summary>
    Usage,
}

/// <summary>The parsed command line.</summary>
/// <param name="Verb">What to be.</param>
/// <param name="Chat">Options of chat.</param>
/// <param name="Problem">What is wrong with the arguments.</param>
/// <param name="Server">Name of the MCP server to log in to.</param>
internal sealed record CommandLine(Verb Verb, ChatOptions? Chat = null, string? Problem = null, string? Server = null)
{
    private const string HelpText = """
        tui-gateway: the process between a terminal UI and an AI agent

        Usage:
          tui-gateway                          serve one client: JSON-RPC 2.0, one JSON document per line,
                                               requests on standard input, answers and events on standard output
          tui-gateway chat [options] [PROMPT]  talk to the agent in this terminal; without PROMPT, prompts are
                                               read line by line; options come first, what follows
                                               the first word of PROMPT belongs to it
          tui-gateway mcp login SERVER         log in to the MCP server of that name in config.yaml (auth: oauth);
                                               prints an address to open in a browser and waits
          tui-gateway doctor                   check the home and what the gateway needs of the system: permissions,
                                               files that cannot be used, OpenSSL
          tui-gateway --help | --version

        A Hermes TUI uses this program when HERMES_PYTHON names it; the arguments "-m tui_gateway.entry"
        that it passes are accepted and ignored.

        Options of chat:
          --yes            approve every command that needs approval, once each
          --approve WORD   answer every approval with once, session, always or deny
          --quiet          print the answer only, no tool activity
          --               what follows is the prompt

        Exit status of chat: 0 answered, 1 failed, 130 interrupted; of mcp login: 0 logged in, the others alike;
        of doctor: 0 all is well, 1 there are problems.

        State lives in $HERMES_HOME (default ~/.hermes): config.yaml names the model, .env holds keys,
        logs/tui_gateway_crash.log tells how the gateway ended.

        """;

    /// <summary>Reads the arguments (without the program's name).</summary>
    public static CommandLine Parse(string[] arguments) => arguments switch
    {
        [] or ["-m", "tui_gateway.entry", ..] => new(Verb.Serve),
        ["-h" or "--help" or "help", ..] => new(Verb.Help),
        ["--version" or "-V", ..] => new(Verb.Version),
        ["chat", .. var rest] => ParseChat(rest),
        ["mcp", .. var rest] when rest.Any(word => word is "-h" or "--help") => new(Verb.Help),
        ["mcp", "login", var server] when server.Length > 0 && !server.StartsWith('-') => new(Verb.McpLogin, Server: server),
        ["mcp", ..] => new(Verb.Usage, Problem: "mcp takes the word login and the name of one server"),
        ["doctor"] => new(Verb.Doctor),
        ["doctor", "-h" or "--help"] => new(Verb.Help),
        ["doctor", var unknown, ..] => new(Verb.Usage, Problem: $"doctor takes no arguments; '{unknown}' is one"),
        [var unknown, ..] => new(Verb.Usage, Problem: $"unknown argument '{unknown}'"),
    };

    /// <summary>Prints help, version or what is wrong.</summary>
    /// <returns>The exit status.</returns>
    public int Print()
    {
        bool usage = Verb == Verb.Usage;
        string text = Verb switch
        {
            Verb.Version => $"tui-gateway {BuildInfo.Version}\n",
            Verb.Usage => $"tui-gateway: {Problem}; see tui-gateway --help\n",
            _ => HelpText,
        };
        try
        {
            bool written = FileDescriptor.Write(usage ? 2 : 1, Encoding.UTF8.GetBytes(text));
            return usage ? 2 : written ? 0 : 1;
        }
        catch (IOException)
        {
            // A full disk behind standard output: the text did not arrive, which is all that is left to say.
            return usage ? 2 : 1;
        }
    }

    private static CommandLine ParseChat(string[] arguments)
    {
        string? approve = null;
        bool quiet = false;
        int at = 0;
        for (; at < arguments.Length && arguments[at].StartsWith('-'); at++)
        {
            switch (arguments[at])
            {
                case "--yes" or "-y":
                    approve = "once";
                    break;
                case "--approve" when at + 1 < arguments.Length && arguments[at + 1] is "once" or "session" or "always" or "deny":
                    approve = arguments[++at];
                    break;
                case "--approve":
                    return new(Verb.Usage, Problem: "--approve needs one of once, session, always, deny");
                case "--quiet" or "-q":
                    quiet = true;
                    break;
                case "-h" or "--help":
                    return new(Verb.Help);
                case "--":
                    return Chat(at + 1);
                case var unknown:
                    return new(Verb.Usage, Problem: $"unknown option of chat: '{unknown}'");
            }
        }

        return Chat(at);

        CommandLine Chat(int from)
        {
            string prompt = string.Join(' ', arguments.Skip(from));
            // "$QUESTION" with an empty variable must not wait for a prompt from the keyboard.
            if (from < arguments.Length && string.IsNullOrWhiteSpace(prompt)) return new(Verb.Usage, Problem: "the prompt is empty");
            return new(Verb.Chat, new ChatOptions(prompt.Length == 0 ? null : prompt, approve, quiet));
        }
    }
}

/// <summary>Options of <c>tui-gateway chat</c>.</summary>
/// <param name="Prompt">The one prompt; null reads prompts line by line.</param>
/// <param name="Approve">The answer to every approval; null asks on a terminal and denies elsewhere.</param>
/// <param name="Quiet">No tool activity.</param>
internal sealed record ChatOptions(string? Prompt, string? Approve, bool Quiet);
