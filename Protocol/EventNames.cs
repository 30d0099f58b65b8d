using System.Text.Json;

namespace Gateway.Protocol;

/// <summary>The names of the events the gateway sends (events.json), encoded once.</summary>
/// <param name="encoder">The encoder of the wire; the framework's own would cost more to set up than all names.</param>
internal sealed class EventNames(WireEncoder encoder)
{
    /// <summary>First frame of a connection; carries the skin.</summary>
    public JsonEncodedText GatewayReady { get; } = JsonEncodedText.Encode("gateway.ready", encoder);

    /// <summary>Model, tools, usage and warnings of a session.</summary>
    public JsonEncodedText SessionInfo { get; } = JsonEncodedText.Encode("session.info", encoder);

    /// <summary>A prompt was accepted.</summary>
    public JsonEncodedText MessageStart { get; } = JsonEncodedText.Encode("message.start", encoder);

    /// <summary>A chunk of the answer.</summary>
    public JsonEncodedText MessageDelta { get; } = JsonEncodedText.Encode("message.delta", encoder);

    /// <summary>The turn ended; carries the whole answer.</summary>
    public JsonEncodedText MessageComplete { get; } = JsonEncodedText.Encode("message.complete", encoder);

    /// <summary>Caption of the busy indicator, "" to clear it.</summary>
    public JsonEncodedText ThinkingDelta { get; } = JsonEncodedText.Encode("thinking.delta", encoder);

    /// <summary>A chunk of the model's reasoning.</summary>
    public JsonEncodedText ReasoningDelta { get; } = JsonEncodedText.Encode("reasoning.delta", encoder);

    /// <summary>Start of the visible reply, for clients that saw no reasoning.</summary>
    public JsonEncodedText ReasoningAvailable { get; } = JsonEncodedText.Encode("reasoning.available", encoder);

    /// <summary>Retries, back-off and the like.</summary>
    public JsonEncodedText StatusUpdate { get; } = JsonEncodedText.Encode("status.update", encoder);

    /// <summary>The reply being streamed has begun a tool call.</summary>
    public JsonEncodedText ToolGenerating { get; } = JsonEncodedText.Encode("tool.generating", encoder);

    /// <summary>What a tool is about to work on.</summary>
    public JsonEncodedText ToolProgress { get; } = JsonEncodedText.Encode("tool.progress", encoder);

    /// <summary>A tool call runs.</summary>
    public JsonEncodedText ToolStart { get; } = JsonEncodedText.Encode("tool.start", encoder);

    /// <summary>A tool call ended.</summary>
    public JsonEncodedText ToolComplete { get; } = JsonEncodedText.Encode("tool.complete", encoder);

    /// <summary>A dangerous command waits for the user's word.</summary>
    public JsonEncodedText ApprovalRequest { get; } = JsonEncodedText.Encode("approval.request", encoder);

    /// <summary>The model asks the user something.</summary>
    public JsonEncodedText ClarifyRequest { get; } = JsonEncodedText.Encode("clarify.request", encoder);

    /// <summary>A command needs the password of sudo.</summary>
    public JsonEncodedText SudoRequest { get; } = JsonEncodedText.Encode("sudo.request", encoder);

    /// <summary>A tool needs the value of a secret variable.</summary>
    public JsonEncodedText SecretRequest { get; } = JsonEncodedText.Encode("secret.request", encoder);

    /// <summary>A subagent waits for its turn.</summary>
    public JsonEncodedText SubagentRequested { get; } = JsonEncodedText.Encode("subagent.spawn_requested", encoder);

    /// <summary>A subagent begins.</summary>
    public JsonEncodedText SubagentStart { get; } = JsonEncodedText.Encode("subagent.start", encoder);

    /// <summary>A subagent said something beside its work.</summary>
    public JsonEncodedText SubagentThinking { get; } = JsonEncodedText.Encode("subagent.thinking", encoder);

    /// <summary>A subagent calls a tool.</summary>
    public JsonEncodedText SubagentTool { get; } = JsonEncodedText.Encode("subagent.tool", encoder);

    /// <summary>A subagent has called some tools.</summary>
    public JsonEncodedText SubagentProgress { get; } = JsonEncodedText.Encode("subagent.progress", encoder);

    /// <summary>A subagent ended.</summary>
    public JsonEncodedText SubagentComplete { get; } = JsonEncodedText.Encode("subagent.complete", encoder);

    /// <summary>A prompt that ran in the background is over.</summary>
    public JsonEncodedText BackgroundComplete { get; } = JsonEncodedText.Encode("background.complete", encoder);

    /// <summary>A turn failed and is over.</summary>
    public JsonEncodedText Error { get; } = JsonEncodedText.Encode("error", encoder);

    /// <summary>All names, in the order above.</summary>
    public IReadOnlyList<JsonEncodedText> All =>
    [
        GatewayReady, SessionInfo, MessageStart, MessageDelta, MessageComplete, ThinkingDelta, ReasoningDelta, ReasoningAvailable,
        StatusUpdate, ToolGenerating, ToolProgress, ToolStart, ToolComplete, ApprovalRequest,
        ClarifyRequest, SudoRequest, SecretRequest,
        SubagentRequested, SubagentStart, SubagentThinking, SubagentTool, SubagentProgress, SubagentComplete, BackgroundComplete, Error,
    ];
}
