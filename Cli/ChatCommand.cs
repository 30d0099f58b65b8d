using System.Text.Json;
using Gateway.Config;
using Gateway.Diagnostics;
using Gateway.Rpc;
using Gateway.Signals;
using Gateway.Transport;
using Mono.Unix.Native;

namespace Gateway.Cli;

/// <summary><c>tui-gateway chat</c>: a client of our own gateway, over the same frames as any other, in one process.</summary>
internal sealed class ChatCommand
{
    private const int Answered = 0;
    private const int Failed = 1;
    private const int Interrupted = 130;
    private readonly ChatOptions _options;
    private readonly GatewayServer _server;
    private readonly ChatInputs _inputs;
    private readonly ChatScreen _screen;
    private readonly Queue<string> _typedAhead = new();
    private bool _typingEnded;
    private bool _typedTooMuch;
    private int _requests;
    private string _session = "";

    private ChatCommand(ChatOptions options, GatewayServer server, ChatInputs inputs)
    {
        _options = options;
        _server = server;
        _inputs = inputs;
        _screen = new ChatScreen(options.Quiet);
    }

    /// <summary>Runs the client to its end.</summary>
    /// <returns>0 answered, 1 failed, 130 interrupted.</returns>
    public static int Run(ChatOptions options, GatewayEnvironment environment)
    {
        using var inputs = new ChatInputs();
        environment.ForgetSecrets();
        var log = new GatewayLog(() => Path.Combine(environment.HermesHome, "logs"), new OwnSecrets(environment, new ConfigFile(environment.ConfigPath)).Redact);
        UnhandledExceptions.Watch(log, static _ => ExitWatchdog.ExitNow(Failed));
        var outbox = new Outbox(new MemoryTransport(frame => inputs.Add(ChatInputKind.Frame, frame)));
        using var server = new GatewayServer(environment, log, TimeProvider.System, outbox);
        _ = new ExitWatchdog(TimeSpan.FromSeconds(1), Interrupted, Path.Combine(environment.HermesHome, "logs", GatewayLog.FileName));
        var signals = new ShutdownSignals(Signum.SIGINT, Signum.SIGTERM, Signum.SIGHUP);
        signals.Listen((signal, count) =>
        {
            if (signal != Signum.SIGINT || count > 2) ExitWatchdog.ExitNow(Interrupted);
            inputs.Add(ChatInputKind.Interrupt);
        });

        Greeting.Send(outbox, environment);
        int status = new ChatCommand(options, server, inputs).Converse();
        server.Shutdown(TimeSpan.FromSeconds(1), drain: false);
        return status;
    }

    private int Converse()
    {
        if (!Open()) return Failed;
        if (_options.Prompt is not null) return Turn(_options.Prompt);

        int status = Answered;
        while (Prompt() is string prompt)
        {
            if (string.IsNullOrWhiteSpace(prompt)) continue;
            int outcome = Turn(prompt);
            if (_screen.OutputLost) return Failed;
            if (outcome != Answered) status = outcome;
            if (outcome == Interrupted && !_screen.Interactive) break;
        }

        if (_typedTooMuch)
        {
            _screen.Notice($"error: a prompt may have {ChatInputs.LongestLine >> 20} MiB at most; this one was not sent");
            return Failed;
        }

        return status == Interrupted && _screen.Interactive ? Answered : status;
    }

    private bool Open()
    {
        string id = Request("session.create", static writer => writer.WriteNumber("cols", 80));
        while (true)
        {
            var input = _inputs.Take();
            if (input.Kind != ChatInputKind.Frame) continue;
            using var frame = JsonDocument.Parse(input.Bytes);
            if (!frame.RootElement.TryGetProperty("id", out var answered) || answered.GetString() != id) continue;
            if (!frame.RootElement.TryGetProperty("result", out var result))
            {
                _screen.Notice($"error: {frame.RootElement.GetProperty("error").GetProperty("message").GetString()}");
                return false;
            }

            _session = result.GetProperty("session_id").GetString()!;
            var info = result.GetProperty("info");
            foreach (string warning in (string[])["credential_warning", "config_warning"])
                if (info.TryGetProperty(warning, out var text)) _screen.Notice($"warning: {text.GetString()}");
            return true;
        }
    }

    // null: the conversation is over.
    private string? Prompt()
    {
        if (_screen.Interactive) _screen.Ask("> ");
        _inputs.StartTyping();
        while (_typedAhead.Count == 0 && !_typingEnded)
        {
            var input = _inputs.Take();
            if (input.Kind == ChatInputKind.Interrupt) _typingEnded = true;
            else Keep(input);
        }

        if (_typedAhead.TryDequeue(out string? prompt))
        {
            if (!_screen.Interactive) _screen.Activity($"> {prompt}");
            return prompt;
        }

        if (_screen.Interactive) _screen.Notice("");
        return null;
    }

    private int Turn(string prompt)
    {
        string submitted = Request("prompt.submit", writer =>
        {
            writer.WriteString("session_id", _session);
            writer.WriteString("text", prompt);
        });
        var turn = new ChatTurn(_screen, submitted, Decide);
        bool stopping = false;
        while (true)
        {
            var input = _inputs.Take();
            switch (input.Kind)
            {
                case ChatInputKind.Frame:
                    var outcome = turn.Show(input.Bytes);
                    if (_screen.OutputLost)
                    {
                        if (outcome is null) Interrupt();
                        return Failed;
                    }

                    if (outcome is not null) return Status(outcome.Value);
                    break;
                case ChatInputKind.Interrupt when stopping:
                    return Interrupted;
                case ChatInputKind.Interrupt:
                    stopping = true;
                    Interrupt();
                    break;
                case ChatInputKind.Typed when turn.Question is not null:
                    turn.AnswerQuestion(input.Text.Trim());
                    break;
                default:
                    Keep(input);
                    if (_typingEnded) turn.AnswerQuestion("deny");
                    break;
            }
        }
    }

    // What is typed while an answer is on its way is the next prompt.
    private void Keep(ChatInput input)
    {
        // What comes before a line that cannot be sent is still answered, what comes after it would miss its context.
        if (input.Kind == ChatInputKind.TypedTooMuch) _typedTooMuch = true;
        if (input.Kind == ChatInputKind.Typed && !_typedTooMuch) _typedAhead.Enqueue(input.Text);
        if (input.Kind is ChatInputKind.EndOfTyping or ChatInputKind.TypedTooMuch) _typingEnded = true;
    }

    private static int Status(ChatOutcome outcome) => outcome switch
    {
        ChatOutcome.Answered => Answered,
        ChatOutcome.Interrupted => Interrupted,
        _ => Failed,
    };

    // Called when an approval is open; the answer may come at once (flags, no terminal) or from the keyboard.
    private void Decide(ChatTurn turn, string command, string description)
    {
        _screen.Notice($"? the agent wants to run: {command}");
        _screen.Notice($"  ({description})");
        if (_options.Approve is string word) Answer(word, "as asked by --approve or --yes");
        else if (!_screen.Interactive || _typingEnded) Answer("deny", "not a terminal; see --approve");
        else
        {
            _screen.Ask("  [o]nce, [s]ession, [a]lways, [d]eny? ");
            turn.Question = typed => Answer(Word(typed), null);
            _inputs.StartTyping();
        }

        void Answer(string word, string? why)
        {
            _screen.Activity(why is null ? $"  {word}" : $"  {word} ({why})");
            Request("approval.respond", writer =>
            {
                writer.WriteString("session_id", _session);
                writer.WriteString("choice", word);
            });
        }
    }

    private static string Word(string typed) => typed.ToLowerInvariant() switch
    {
        "o" or "once" or "y" or "yes" => "once",
        "s" or "session" => "session",
        "a" or "always" => "always",
        _ => "deny",
    };

    private void Interrupt() => Request("session.interrupt", writer => writer.WriteString("session_id", _session));

    private string Request(string method, Action<Utf8JsonWriter> parameters)
    {
        string id = $"c{++_requests}";
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteString("jsonrpc", "2.0");
            writer.WriteString("id", id);
            writer.WriteString("method", method);
            writer.WriteStartObject("params");
            parameters(writer);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        _server.Dispatch(bytes.ToArray());
        return id;
    }
}
