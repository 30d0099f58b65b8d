using System.Text.Json.Serialization;

namespace Gateway.Protocol.Messages;

/// <summary>message.complete</summary>
/// <param name="Usage">Tokens after the turn.</param>
/// <param name="Status">complete, interrupted or error.</param>
/// <param name="Text">The whole answer; absent rather than empty, since "" would wipe what was streamed.</param>
/// <param name="Reasoning">Reasoning of the newest reply that had any.</param>
/// <param name="Warning">Something to know about the answer.</param>
internal sealed record MessageCompleteEvent(
    UsageResult Usage,
    string Status,
    [property: JsonConverter(typeof(ConversationTextConverter))] string? Text,
    [property: JsonConverter(typeof(ConversationTextConverter))] string? Reasoning,
    string? Warning);

/// <summary>status.update</summary>
internal readonly record struct StatusUpdateEvent(string Kind, string Text);

/// <summary>tool.generating</summary>
internal readonly record struct ToolGeneratingEvent(string Name);

/// <summary>tool.progress</summary>
internal readonly record struct ToolProgressEvent(string Name, string Preview);

/// <summary>tool.start</summary>
internal readonly record struct ToolStartEvent(string ToolId, string Name, string Context);

/// <summary>tool.complete</summary>
/// <param name="ToolId">Pairs with tool.start.</param>
/// <param name="Name">Tool name.</param>
/// <param name="DurationS">Seconds it took.</param>
/// <param name="Error">Why it failed; absent on success.</param>
/// <param name="Summary">What it did in one line.</param>
internal sealed record ToolCompleteEvent(
    string ToolId,
    string Name,
    [property: JsonPropertyName("duration_s")] double DurationS,
    string? Error,
    string? Summary)
{
    /// <summary>Coloured diff of what changed in files; absent when nothing did.</summary>
    [JsonConverter(typeof(ColouredTextConverter))]
    public string? InlineDiff { get; init; }

    /// <summary>The whole task list; absent except for the todo tool.</summary>
    public IReadOnlyList<TodoEntry>? Todos { get; init; }
}

/// <summary>One task of tool.complete.</summary>
internal sealed record TodoEntry(string Id, string Content, string Status);

/// <summary>clarify.request</summary>
/// <param name="Question">The question, trimmed.</param>
/// <param name="Choices">At most four; null for an open question.</param>
/// <param name="RequestId">Names the question in the answer.</param>
internal sealed record ClarifyRequestEvent(
    string Question,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<string>? Choices,
    string RequestId);

/// <summary>sudo.request</summary>
internal sealed record SudoRequestEvent(string RequestId);

/// <summary>secret.request</summary>
/// <param name="EnvVar">Name of the variable.</param>
/// <param name="Prompt">What the user is shown.</param>
/// <param name="RequestId">Names the question in the answer.</param>
internal sealed record SecretRequestEvent(string EnvVar, string Prompt, string RequestId);

/// <summary>approval.request</summary>
/// <param name="Command">The full command.</param>
/// <param name="PatternKey">First key.</param>
/// <param name="PatternKeys">All keys.</param>
/// <param name="Description">All descriptions, joined by "; ".</param>
/// <param name="RequestId">Binds an answer to this question; clients that do not know it may leave it out.</param>
internal sealed record ApprovalRequestEvent(
    string Command,
    string PatternKey,
    IReadOnlyList<string> PatternKeys,
    string Description,
    string RequestId);

/// <summary>error</summary>
internal sealed record ErrorEvent(string Message);
