using System.Text.Json;

namespace Gateway.Cli;

/// <summary>How a turn ended, for the chat client.</summary>
internal enum ChatOutcome
{
    /// <summary>There is an answer.</summary>
    Answered,

    /// <summary>There is none; the reason was printed.</summary>
    Failed,

    /// <summary>The user stopped it.</summary>
    Interrupted,
}

/// <summary>Prints the frames of one turn.</summary>
internal sealed class ChatTurn
{
    private readonly ChatScreen _screen;
    private readonly string _submitted;
    private readonly Action<ChatTurn, string, string> _approve;
    private bool _streamed;

    /// <summary>Creates the turn.</summary>
    /// <param name="screen">Where to print.</param>
    /// <param name="submitted">Id of the prompt.submit request.</param>
    /// <param name="approve">Called with command and description when an approval is asked for.</param>
    public ChatTurn(ChatScreen screen, string submitted, Action<ChatTurn, string, string> approve)
    {
        _screen = screen;
        _submitted = submitted;
        _approve = approve;
    }

    /// <summary>Takes the line the user types next, while a question is open.</summary>
    public Action<string>? Question { get; set; }

    /// <summary>Answers the open question.</summary>
    public void AnswerQuestion(string typed)
    {
        var question = Question;
        Question = null;
        question?.Invoke(typed);
    }

    /// <summary>Prints one frame.</summary>
    /// <returns>How the turn ended, once it has.</returns>
    public ChatOutcome? Show(byte[] bytes)
    {
        using var frame = JsonDocument.Parse(bytes);
        var root = frame.RootElement;
        if (root.TryGetProperty("error", out var error))
        {
            if (root.GetProperty("id").ToString() != _submitted) return null;
            _screen.Notice($"error: {error.GetProperty("message").GetString()}");
            return ChatOutcome.Failed;
        }

        if (!root.TryGetProperty("params", out var parameters)) return null;
        _ = parameters.TryGetProperty("payload", out var payload);
        switch (parameters.GetProperty("type").GetString())
        {
            case "message.delta":
                _screen.Answer(Text(payload, "text"));
                _streamed = true;
                return null;
            case "tool.start":
                _screen.Activity($"· {Text(payload, "name")}: {Text(payload, "context")}");
                _streamed = false;
                return null;
            case "tool.complete":
                string outcome = Text(payload, "error") is { Length: > 0 } failure ? failure : Text(payload, "summary") is { Length: > 0 } summary ? summary : "done";
                _screen.Activity($"  {outcome} ({payload.GetProperty("duration_s").GetDouble():0.0}s)");
                return null;
            case "status.update":
                _screen.Activity(Text(payload, "text"));
                return null;
            case "approval.request":
                _approve(this, Text(payload, "command"), Text(payload, "description"));
                return null;
            case "message.complete":
                return Complete(payload);
            case "error":
                _screen.Notice($"error: {Text(payload, "message")}");
                return ChatOutcome.Failed;
            default:
                return null;
        }
    }

    private ChatOutcome Complete(JsonElement payload)
    {
        bool answered = Text(payload, "status") == "complete";
        // What an unfinished turn says instead of an answer must not end up in the file the answer was meant for.
        if (!_streamed && answered) _screen.Answer(Text(payload, "text"));
        else if (!_streamed && Text(payload, "text") is { Length: > 0 } reason) _screen.Notice(reason);
        _screen.EndAnswer();
        if (Text(payload, "warning") is { Length: > 0 } warning) _screen.Notice($"warning: {warning}");
        return Text(payload, "status") switch
        {
            "complete" => ChatOutcome.Answered,
            "interrupted" => ChatOutcome.Interrupted,
            _ => ChatOutcome.Failed,
        };
    }

    private static string Text(JsonElement payload, string name) =>
        payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";
}
