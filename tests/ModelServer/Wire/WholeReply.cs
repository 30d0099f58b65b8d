using System.Text;
using System.Text.Json;
using ModelServer.Requests;
using ModelServer.Script;

namespace ModelServer.Wire;

/// <summary>Gathers a reply and sends it as one JSON body, for requests that do not stream.</summary>
internal sealed class WholeReply(ReplyOutput output, ModelRequest request) : IReplyWriter
{
    private readonly List<Block> _blocks = [];

    /// <summary>Kinds of content.</summary>
    private enum Kind { Text, Thinking, Redacted, Call }

    public Task BeginAsync() => Task.CompletedTask;

    public Task TextAsync(string piece) => Add(Kind.Text, piece);

    public Task ReasoningAsync(string piece, ReasoningSpelling spelling)
    {
        Add(Kind.Thinking, piece);
        _blocks[^1].Spelling = spelling;
        return Task.CompletedTask;
    }

    public Task EndReasoningAsync(ReasoningSpelling spelling, string? signature)
    {
        if (_blocks is [.., { Kind: Kind.Thinking } thinking]) (thinking.Signature, thinking.Closed) = (signature, signature is not null);
        return Task.CompletedTask;
    }

    public Task RedactedReasoningAsync(string data) => Add(Kind.Redacted, data, closed: true);

    public Task BeginCallAsync(ScriptedCall call, int index, string arguments)
    {
        _blocks.Add(new Block(Kind.Call) { Call = call, CallIndex = index });
        _blocks[^1].Text.Append(arguments);
        return Task.CompletedTask;
    }

    public Task ArgumentsAsync(ScriptedCall call, int index, string piece)
    {
        _blocks.Single(block => block.Kind == Kind.Call && block.CallIndex == index).Text.Append(piece);
        return Task.CompletedTask;
    }

    public Task KeepAliveAsync() => Task.CompletedTask;

    public Task ErrorAsync(ErrorStep error) => output.WriteBodyAsync(
        Errors.Body(request.Api, StatusCodes.Status500InternalServerError, error.ErrorType, error.Message),
        "application/json", StatusCodes.Status500InternalServerError);

    public Task FinishAsync(string reason, ScriptedUsage? usage) => output.WriteBodyAsync(
        request.Api switch
        {
            WireApi.Chat => ChatBody(reason, usage),
            WireApi.Responses => ResponsesBody(reason, usage),
            _ => MessagesBody(reason, usage),
        },
        "application/json", StatusCodes.Status200OK);

    private Task Add(Kind kind, string piece, bool closed = false)
    {
        if (_blocks is not [.., { Closed: false } last] || last.Kind != kind) _blocks.Add(new Block(kind));
        _blocks[^1].Text.Append(piece);
        _blocks[^1].Closed = closed;
        return Task.CompletedTask;
    }

    private ReadOnlyMemory<byte> ChatBody(string reason, ScriptedUsage? usage) => Json.Object(json =>
    {
        ChatJson.Envelope(json, request, "chat.completion");
        json.List("choices", () => json.Item(() =>
        {
            json.WriteNumber("index", 0);
            json.Object("message", () => ChatMessage(json));
            json.WriteString("finish_reason", reason);
        }));
        if (usage is not null) ChatJson.Usage(json, usage);
    });

    private void ChatMessage(Utf8JsonWriter json)
    {
        json.WriteString("role", "assistant");
        string inText = string.Concat(Of(Kind.Thinking).Where(block => block.Spelling == ReasoningSpelling.Think)
            .Select(block => $"<think>{block.Text}</think>\n\n"));
        string text = inText + string.Concat(Of(Kind.Text).Select(block => block.Text.ToString()));
        if (text.Length == 0) json.WriteNull("content");
        else json.WriteString("content", text);
        foreach (Block block in Of(Kind.Thinking)) ChatJson.Reasoning(json, block.Text.ToString(), block.Spelling, block.Signature);
        if (Of(Kind.Redacted).Any())
            json.List("reasoning_details", () =>
            {
                foreach (Block block in Of(Kind.Redacted)) ChatJson.Redacted(json, block.Text.ToString());
            });
        if (!Of(Kind.Call).Any()) return;
        json.List("tool_calls", () =>
        {
            foreach (Block block in Of(Kind.Call)) ChatJson.Call(json, block.Call!.Id, block.Call.Name, block.Text.ToString(), null);
        });
    }

    private ReadOnlyMemory<byte> MessagesBody(string reason, ScriptedUsage? usage) => Json.Object(json =>
    {
        MessagesJson.Head(json, request);
        json.List("content", () =>
        {
            foreach (Block block in _blocks) json.Item(() => MessagesBlock(json, block));
        });
        json.WriteString("stop_reason", MessagesJson.StopReason(reason));
        json.WriteNull("stop_sequence");
        json.Object("usage", () =>
        {
            ScriptedUsage told = usage ?? new ScriptedUsage(0, 0, 0, 0, 0);
            MessagesJson.InputUsage(json, told);
            json.WriteNumber("output_tokens", told.Output);
        });
    });

    private ReadOnlyMemory<byte> ResponsesBody(string reason, ScriptedUsage? usage)
    {
        List<ReadOnlyMemory<byte>> items = [];
        foreach (Block block in _blocks)
        {
            var item = new ResponsesItem(request, items.Count);
            string text = block.Text.ToString();
            items.Add(block.Kind switch
            {
                Kind.Text => item.Message(text),
                Kind.Thinking => item.Reasoning(text, block.Signature),
                Kind.Redacted => item.Reasoning("", text),
                _ => item.Call(block.Call!, text),
            });
        }
        return Json.Object(json => ResponsesJson.Response(json, request, reason, items, usage));
    }

    private void MessagesBlock(Utf8JsonWriter json, Block block)
    {
        string text = block.Text.ToString();
        switch (block.Kind)
        {
            case Kind.Text:
                json.WriteString("type", "text");
                json.WriteString("text", text);
                break;
            case Kind.Thinking:
                json.WriteString("type", "thinking");
                json.WriteString("thinking", text);
                json.WriteString("signature", block.Signature ?? "");
                break;
            case Kind.Redacted:
                json.WriteString("type", "redacted_thinking");
                json.WriteString("data", text);
                break;
            default:
                json.WriteString("type", "tool_use");
                json.WriteString("id", block.Call!.Id ?? $"toolu_scripted_{request.Call}_{block.CallIndex}");
                json.WriteString("name", block.Call.Name);
                json.WritePropertyName("input");
                json.WriteRawValue(text.Length > 0 ? text : "{}");
                break;
        }
    }

    private IEnumerable<Block> Of(Kind kind) => _blocks.Where(block => block.Kind == kind);

    /// <summary>A stretch of one kind of content.</summary>
    private sealed class Block(Kind kind)
    {
        public Kind Kind => kind;

        public StringBuilder Text { get; } = new();

        public bool Closed { get; set; }

        public ReasoningSpelling Spelling { get; set; }

        public string? Signature { get; set; }

        public ScriptedCall? Call { get; init; }

        public int CallIndex { get; init; }
    }
}
