using System.Text.Json;

namespace Gateway.Agent.Models;

/// <summary>Puts the output items of a response into a reply, streamed in deltas or whole; what came in deltas is not taken again
/// from the item's end.</summary>
/// <param name="reply">What to fill.</param>
internal sealed class ResponsesItemReader(ReplyAssembler reply)
{
    private const string ParagraphBreak = ResponsesMessages.Between;

    private readonly List<string> _reasoning = [];
    private readonly List<(string Text, string? Phase)> _messages = [];
    private bool _anyText;
    private bool _itemHasText;
    private bool _breakText;
    private bool _anyReasoning;
    private bool _itemHasReasoning;
    private bool _breakReasoning;

    /// <summary>Whether anything of any item has come.</summary>
    public bool Any { get; private set; }

    /// <summary>Raw JSON of the reasoning items that can be sent back.</summary>
    public IReadOnlyList<string> Reasoning => _reasoning;

    /// <summary>Text and phase of the message items.</summary>
    public IReadOnlyList<(string Text, string? Phase)> Messages => _messages;

    /// <summary>An item begins.</summary>
    public void Begin(JsonElement item, int? index)
    {
        Any = true;
        switch (Text(item, "type"))
        {
            case "message":
                _itemHasText = false;
                _breakText = _anyText;
                break;
            case "reasoning":
                _itemHasReasoning = false;
                BeginReasoningPart();
                break;
            case "function_call":
                Call(item, index);
                break;
        }
    }

    /// <summary>A piece of message text.</summary>
    public void AddText(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return;
        }

        if (_breakText)
        {
            reply.AppendContent(ParagraphBreak);
        }

        Any = _anyText = _itemHasText = true;
        _breakText = false;
        reply.AppendContent(text);
    }

    /// <summary>What follows of the reasoning is a part of its own.</summary>
    public void BeginReasoningPart() => _breakReasoning = _anyReasoning;

    /// <summary>A piece of reasoning.</summary>
    public void AddReasoning(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return;
        }

        if (_breakReasoning)
        {
            reply.AppendReasoning(ParagraphBreak);
        }

        Any = _anyReasoning = _itemHasReasoning = true;
        _breakReasoning = false;
        reply.AppendReasoning(text);
    }

    /// <summary>A piece of a call's arguments.</summary>
    public void AddArguments(int? index, ReadOnlySpan<char> text)
    {
        Any = true;
        reply.Tools.AddArguments(reply.Tools.Locate(index, null, hasName: false), text);
    }

    /// <summary>A call's arguments, whole.</summary>
    public void EndArguments(int? index, string arguments) => SetArguments(reply.Tools.Locate(index, null, hasName: false), arguments);

    /// <summary>An item is complete.</summary>
    public void End(JsonElement item, int? index)
    {
        Any = true;
        switch (Text(item, "type"))
        {
            case "message":
                EndMessage(item);
                break;
            case "reasoning":
                EndReasoning(item);
                break;
            case "function_call":
                SetArguments(Call(item, index), Text(item, "arguments"));
                break;
        }
    }

    private void EndMessage(JsonElement item)
    {
        string[] texts = [.. Parts(item, "content").Select(part => Text(part, Text(part, "type") == "refusal" ? "refusal" : "text"))];
        if (!_itemHasText)
        {
            foreach (var text in texts)
            {
                AddText(text);
            }
        }

        _itemHasText = false;
        var phase = Text(item, "phase");
        var whole = string.Concat(texts);
        reply.Count(whole.Length);
        _messages.Add((whole, phase.Length == 0 ? null : phase));
    }

    private void EndReasoning(JsonElement item)
    {
        if (!_itemHasReasoning)
        {
            foreach (var part in Parts(item, "summary").Concat(Parts(item, "content")))
            {
                BeginReasoningPart();
                AddReasoning(Text(part, "text"));
            }
        }

        _itemHasReasoning = false;
        if (ResponsesReasoning.IsItem(item))
        {
            var raw = item.GetRawText();
            reply.Count(raw.Length);
            _reasoning.Add(raw);
        }
    }

    private ToolCallAssembler.Slot Call(JsonElement item, int? index)
    {
        var slot = reply.Tools.Locate(index, Text(item, "call_id"), hasName: true);
        slot.ItemId ??= Text(item, "id") is { Length: > 0 } id ? id : null;
        reply.Tools.AddName(slot, Text(item, "name"));
        return slot;
    }

    private void SetArguments(ToolCallAssembler.Slot slot, string arguments)
    {
        if (slot.Arguments.Length == 0)
        {
            reply.Tools.AddArguments(slot, arguments);
        }
    }

    private static List<JsonElement> Parts(JsonElement item, string name) =>
        item.TryGetProperty(name, out var parts) && parts.ValueKind == JsonValueKind.Array ? [.. parts.EnumerateArray()] : [];

    private static string Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() ?? ""
            : "";
}
