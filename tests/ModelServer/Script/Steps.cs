using System.Text.Json;

namespace ModelServer.Script;

/// <summary>One thing a reply does, in no provider's terms; the wire format comes from the request.</summary>
internal abstract record Step;

/// <summary>Visible text, sent in pieces of <paramref name="Chunk"/> characters (0: all at once).</summary>
internal sealed record TextStep(string Text, int Chunk) : Step;

/// <summary>How chat completions spell reasoning; the other formats know one spelling only.</summary>
internal enum ReasoningSpelling
{
    /// <summary><c>delta.reasoning_content</c> (DeepSeek, Qwen, vLLM).</summary>
    ReasoningContent,

    /// <summary><c>delta.reasoning</c> (OpenRouter's plain field, Groq).</summary>
    Reasoning,

    /// <summary><c>delta.reasoning_details</c>, a list of typed parts.</summary>
    ReasoningDetails,

    /// <summary>Both of the above in every chunk, the way OpenRouter sends them; a client must not read the text twice.</summary>
    OpenRouter,

    /// <summary>Inside the text, between think tags.</summary>
    Think,
}

/// <summary>Reasoning ahead of the answer.</summary>
internal sealed record ReasoningStep(string Text, int Chunk, ReasoningSpelling Spelling, string? Signature) : Step;

/// <summary>Reasoning that the provider keeps to itself and wants back unread.</summary>
internal sealed record RedactedReasoningStep(string Data) : Step;

/// <summary>One tool call. Arguments are kept as text, so that a script can also send text that is not JSON.</summary>
/// <param name="Id">Call id; null leaves it out of chat chunks.</param>
/// <param name="Name">Tool name.</param>
/// <param name="Arguments">Arguments as text, template values not yet filled in.</param>
/// <param name="Fragment">Characters per fragment of the arguments (0: all at once).</param>
/// <param name="Whole">Chat only: id, name and arguments in a single chunk, as several providers do.</param>
/// <param name="Index">Chat only: an index other than the running number; some providers repeat 0.</param>
internal sealed record ScriptedCall(string? Id, string Name, string Arguments, int Fragment, bool Whole, int? Index);

/// <summary>One or several tool calls; interleaved ones send their fragments by turns (chat only).</summary>
internal sealed record ToolCallsStep(IReadOnlyList<ScriptedCall> Calls, bool Interleave) : Step;

/// <summary>The tokens to report. Input counts neither cached nor written tokens.</summary>
internal sealed record ScriptedUsage(long Input, long Output, long Cached, long CacheWritten, long Reasoning);

/// <summary>Sets the usage that the reply reports; null reports none at all.</summary>
internal sealed record UsageStep(ScriptedUsage? Usage) : Step;

/// <summary>Sets why the reply ends: stop, tool_calls, length, content_filter, or "missing" for a stream that just stops.</summary>
internal sealed record FinishStep(string Reason) : Step;

/// <summary>Waits before the next step.</summary>
internal sealed record DelayStep(TimeSpan Delay) : Step;

/// <summary>Waits until the test opens the gate of this name.</summary>
internal sealed record GateStep(string Name) : Step;

/// <summary>Sends nothing more and keeps the connection open until the client leaves.</summary>
internal sealed record HoldStep : Step;

/// <summary>Ends the connection under the reply: by reset, or by an orderly close ahead of the end of the stream.</summary>
internal sealed record DropStep(bool Reset) : Step;

/// <summary>Answers with an HTTP error in the provider's shape (or with the body given).</summary>
internal sealed record StatusStep(
    int Status,
    string? Message,
    string? ErrorType,
    string? RetryAfter,
    string? Body,
    string? ContentType,
    IReadOnlyDictionary<string, string> Headers) : Step;

/// <summary>An error event inside a stream that has begun.</summary>
internal sealed record ErrorStep(string ErrorType, string Message) : Step;

/// <summary>Bytes as they are, in pieces of <paramref name="Chunk"/> bytes (0: all at once).</summary>
internal sealed record RawStep(ReadOnlyMemory<byte> Bytes, int Chunk) : Step;

/// <summary>Sends the response headers and nothing else.</summary>
internal sealed record HeadersStep : Step;

/// <summary>Comments (OpenAI) or ping events (Anthropic) that carry nothing.</summary>
internal sealed record KeepAliveStep(int Count) : Step;

/// <summary>Steps played several times; <c>{{n}}</c> counts from 1.</summary>
internal sealed record RepeatStep(int Count, IReadOnlyList<Step> Steps) : Step;

/// <summary>What a request must look like for a reply; conditions left out hold for every request.</summary>
internal sealed record Conditions
{
    /// <summary>Any of these occurs in the last thing the user said, whatever its case.</summary>
    public IReadOnlyList<string> LastUserContains { get; init; } = [];

    /// <summary>Any of these occurs in the last tool result.</summary>
    public IReadOnlyList<string> ToolResultContains { get; init; } = [];

    /// <summary>Who spoke last: user, assistant, tool or system.</summary>
    public string? LastRole { get; init; }

    /// <summary>The requested model.</summary>
    public string? Model { get; init; }

    /// <summary>A tool of this name is on offer.</summary>
    public string? HasTool { get; init; }

    /// <summary>The last message of the user brings an image of this media type.</summary>
    public string? Image { get; init; }

    /// <summary>The wire format: chat, messages or responses.</summary>
    public string? Api { get; init; }

    /// <summary>The running number of the model call, from 1.</summary>
    public int? Call { get; init; }
}

/// <summary>One reply of a script.</summary>
/// <param name="When">Conditions on the request.</param>
/// <param name="Times">How often it may be used.</param>
/// <param name="BytesPerWrite">Cuts every write into pieces of so many bytes (0: does not).</param>
/// <param name="Steps">What it does.</param>
internal sealed record Reply(Conditions When, int Times, int BytesPerWrite, IReadOnlyList<Step> Steps);

/// <summary>A script file says something it should not.</summary>
public sealed class ScriptException(string message) : Exception(message)
{
    internal static ScriptException At(string where, string problem) => new($"{where}: {problem}");

    internal static ScriptException Unknown(string where, string name, JsonValueKind kind) =>
        new($"{where}: unknown field \"{name}\" ({kind})");
}
