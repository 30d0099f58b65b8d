using System.Text;

namespace Gateway.Agent.Models;

/// <summary>Collects one model reply while passing its text on, and survives the call that feeds it: what had arrived before an
/// interruption or a failure can still be read. Feed it under <see cref="Gate"/> and only while it is not <see cref="Abandoned"/>.</summary>
/// <param name="events">Where deltas go.</param>
/// <param name="isKnownTool">Whether a tool of this name is on offer.</param>
internal sealed class ReplyAssembler(IAgentEvents events, Func<string, bool> isKnownTool) : IThinkTagSink
{
    // Hundreds of times the longest reply of any model; everything in it is held several times over.
    private const int LargestReply = 32 << 20;

    private readonly StringBuilder _text = new();
    private readonly StringBuilder _reasoning = new();
    private ThinkTagFilter? _filter;
    private ToolCallAssembler? _tools;
    private char _heldSurrogate;
    private bool _any;
    private long _taken;

    /// <summary>Taken around everything that feeds or reads, so that nothing is passed on after <see cref="Abandon"/>.</summary>
    public Lock Gate { get; } = new();

    /// <summary>What to put before the first visible text: a paragraph break after a tool round, else "".</summary>
    public string Lead { get; init; } = "";

    /// <summary>Keeps line breaks at the start of the text; for a reply that continues a truncated one.</summary>
    public bool KeepLeadingNewlines { get; init; }

    /// <summary>Nobody waits for this reply any more.</summary>
    public bool Abandoned { get; private set; }

    /// <summary>Whether visible text has been passed on.</summary>
    public bool TextShown { get; private set; }

    /// <summary>Whether anything at all has arrived: text, reasoning or a tool call.</summary>
    public bool AnyContent => _any || Tools.Any;

    /// <summary>Visible text so far.</summary>
    public string Text => JsonText.WithoutLoneSurrogates(_text.ToString());

    /// <summary>Reasoning so far, trimmed; null when there is none.</summary>
    public string? Reasoning
    {
        get
        {
            var text = JsonText.WithoutLoneSurrogates(_reasoning.ToString()).Trim();
            return text.Length == 0 ? null : text;
        }
    }

    /// <summary>The tool calls being put together.</summary>
    public ToolCallAssembler Tools => _tools ??= new ToolCallAssembler(isKnownTool, events.ToolGenerating, Count);

    /// <summary>Tokens as far as the provider has reported them.</summary>
    public TokenUsage Usage { get; set; }

    /// <summary>Why the reply ended, in our words; null until the provider says.</summary>
    public string? FinishReason { get; set; }

    /// <summary>Signed or encrypted reasoning blocks as a JSON array.</summary>
    public string? ReasoningDetailsJson { get; set; }

    /// <summary>Message items of a Responses endpoint as a JSON array.</summary>
    public string? MessageItemsJson { get; set; }

    /// <summary>Whether the reasoning came as <c>reasoning_content</c>, under which its provider wants it back.</summary>
    public bool HasReasoningContent { get; set; }

    /// <summary>Takes message text, which may contain inline reasoning.</summary>
    public void AppendContent(ReadOnlySpan<char> content)
    {
        if (!content.IsEmpty)
        {
            _any = true;
            Count(content.Length);
            (_filter ??= new ThinkTagFilter(this)).Feed(content);
        }
    }

    /// <summary>Takes reasoning that the provider sends apart from the text.</summary>
    public void AppendReasoning(ReadOnlySpan<char> reasoning)
    {
        if (!reasoning.IsEmpty)
        {
            _any = true;
            Count(reasoning.Length);
            _reasoning.Append(reasoning);
            events.ReasoningDelta(reasoning);
        }
    }

    /// <summary>Forgets what a stream said that broke before it brought anything.</summary>
    /// <returns><see langword="false"/> when something had come, or nobody waits any more.</returns>
    public bool StartAgain()
    {
        lock (Gate)
        {
            if (AnyContent || Abandoned)
            {
                return false;
            }

            Usage = default;
            FinishReason = ReasoningDetailsJson = MessageItemsJson = null;
            return true;
        }
    }

    /// <summary>Passes on what was held back, then lets nothing more through.</summary>
    public void Abandon()
    {
        lock (Gate)
        {
            Flush();
            Abandoned = true;
        }
    }

    /// <summary>Waits while the client is too far behind; the limits of the call stand still meanwhile.</summary>
    public ValueTask RoomAsync(CallClock clock)
    {
        var room = events.RoomAsync(clock.Token);
        return room.IsCompleted ? room : HeldAsync(room, clock);
    }

    /// <summary>The stream ended well: passes on what was held back.</summary>
    public void Complete()
    {
        Flush();
        _tools?.AnnounceLast();
    }

    private static async ValueTask HeldAsync(ValueTask room, CallClock clock)
    {
        clock.Pause();
        await room;
        clock.Resume();
    }

    /// <summary>Counts characters that are about to be kept, so that a stream without end cannot fill the memory.</summary>
    /// <exception cref="ModelException">The reply gets too long.</exception>
    public void Count(int characters)
    {
        _taken += characters;
        if (_taken > LargestReply)
        {
            throw new ModelException(new ModelError(ModelErrorKind.Oversized, "The model's reply is longer than 32 million characters and was cut off."));
        }
    }

    private void Flush()
    {
        _filter?.Flush();
        if (_heldSurrogate != '\0')
        {
            _heldSurrogate = '\0';
            Show("\uFFFD");
        }
    }

    /// <summary>The finished reply.</summary>
    public ModelReply ToReply(Func<string> newId)
    {
        var calls = Tools.Finish(newId);
        var reasoning = Reasoning;
        return new ModelReply(Text, reasoning, ReasoningDetailsJson, calls, FinishReason, Usage with { Calls = 1 })
        {
            MessageItemsJson = MessageItemsJson,
            ReasoningContent = HasReasoningContent ? reasoning : null,
        };
    }

    /// <inheritdoc/>
    void IThinkTagSink.OnThought(ReadOnlySpan<char> text)
    {
        _reasoning.Append(text);
        events.ReasoningDelta(text);
    }

    /// <inheritdoc/>
    void IThinkTagSink.OnText(ReadOnlySpan<char> text)
    {
        if (_text.Length == 0 && _heldSurrogate == '\0' && !KeepLeadingNewlines)
        {
            text = text.TrimStart("\r\n");
        }

        if (text.IsEmpty)
        {
            return;
        }

        // Some servers cut between the halves of a surrogate pair; a client must never get half a character.
        if (_heldSurrogate != '\0')
        {
            Span<char> pair = [_heldSurrogate, text[0]];
            _heldSurrogate = '\0';
            if (char.IsLowSurrogate(text[0]))
            {
                Show(pair);
                text = text[1..];
            }
            else
            {
                Show("\uFFFD");
            }
        }

        if (!text.IsEmpty && char.IsHighSurrogate(text[^1]))
        {
            _heldSurrogate = text[^1];
            text = text[..^1];
        }

        Show(text);
    }

    private void Show(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return;
        }

        _text.Append(text);

        // Text behind the first tool call is kept but not streamed (events.json, message.delta).
        if (Tools.Any)
        {
            return;
        }

        if (TextShown || Lead.Length == 0)
        {
            events.TextDelta(text);
        }
        else
        {
            events.TextDelta(string.Concat(Lead, text));
        }

        TextShown = true;
    }
}
