using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Protocol.Messages;

/// <summary>Params that name a session; its requests keep their order (lane Session).</summary>
internal interface ISessionScoped
{
    /// <summary>Live session id; null when the client sent none.</summary>
    string? SessionId { get; }
}

/// <summary>Params of a method that takes none.</summary>
internal sealed record NoParams;

/// <summary>Params of a method that takes a session and nothing else.</summary>
internal sealed record SessionParams(string? SessionId = null) : ISessionScoped;

/// <summary>session.create</summary>
/// <param name="Cols">Terminal width in columns; default 80.</param>
internal sealed record SessionCreateParams([property: JsonConverter(typeof(LenientInt32Converter))] int? Cols = null);

/// <summary>session.create: the id, and everything session.info says, so that a fast answer cannot overtake it.</summary>
internal sealed record SessionCreateResult(string SessionId, SessionInfo Info);

/// <summary>session.resume</summary>
/// <param name="SessionId">Stored key or exact title.</param>
/// <param name="Cols">Terminal width in columns; default 80.</param>
internal sealed record SessionResumeParams(string? SessionId = null, [property: JsonConverter(typeof(LenientInt32Converter))] int? Cols = null);

/// <summary>session.resume: the new live id, the stored key, and the whole transcript.</summary>
internal sealed record SessionResumeResult(string SessionId, string Resumed, int MessageCount, IReadOnlyList<TranscriptRow> Messages, SessionInfo Info);

/// <summary>session.events.since</summary>
/// <param name="SessionId">Live or stored id.</param>
/// <param name="LastSeen">Number (seq) of the newest event that the client has; default 0, everything that is kept.</param>
internal sealed record EventsSinceParams(string? SessionId = null, long? LastSeen = null) : ISessionScoped;

/// <summary>session.events.since</summary>
/// <param name="Events">Params objects of the events that came after, oldest first.</param>
/// <param name="Count">How many.</param>
/// <param name="LatestSeq">Number of the session's newest event.</param>
/// <param name="Truncated">Whether some that the client has not seen are no longer kept, or its number is of another epoch; it should
/// then read session.history.</param>
/// <param name="Epoch">The epoch of these numbers (replay_epoch of gateway.ready).</param>
internal sealed record EventsSinceResult(
    [property: JsonConverter(typeof(RawJsonConverter))] byte[] Events,
    int Count,
    long LatestSeq,
    bool Truncated,
    string Epoch);

/// <summary>session.title</summary>
/// <param name="SessionId">Live or stored id.</param>
/// <param name="Title">The new title; absent asks for the present one, null counts as blank.</param>
internal sealed record SessionTitleParams(string? SessionId = null, JsonElement Title = default) : ISessionScoped;

/// <summary>session.title</summary>
/// <param name="Title">The title as it is stored; "" when there is none.</param>
/// <param name="SessionKey">Stored key; when the title was asked for.</param>
/// <param name="Pending">Whether the title still has to be stored: never, since every session has its row; when it was set.</param>
internal sealed record SessionTitleResult(string Title, string? SessionKey = null, bool? Pending = null);

/// <summary>session.compress</summary>
/// <param name="SessionId">Live or stored id.</param>
/// <param name="FocusTopic">What the summary should favour; default nothing.</param>
internal sealed record SessionCompressParams(string? SessionId = null, string? FocusTopic = null) : ISessionScoped;

/// <summary>session.compress</summary>
/// <param name="Status">"compressed".</param>
/// <param name="Removed">By how many messages the conversation became shorter.</param>
/// <param name="Usage">Tokens so far.</param>
/// <param name="Info">Everything a client shows about the session.</param>
/// <param name="Messages">Transcript rows of the shorter conversation (WIRE 8.3).</param>
internal sealed record SessionCompressResult(string Status, int Removed, UsageResult Usage, SessionInfo Info, IReadOnlyList<TranscriptRow> Messages);

/// <summary>session.branch</summary>
/// <param name="SessionId">Live or stored id.</param>
/// <param name="Name">Title of the branch; default: the next in the line of the present title.</param>
internal sealed record SessionBranchParams(string? SessionId = null, string? Name = null) : ISessionScoped;

/// <summary>session.branch</summary>
/// <param name="SessionId">Live id of the branch.</param>
/// <param name="Title">Its title.</param>
/// <param name="Parent">Stored key of the session it was made from.</param>
internal sealed record SessionBranchResult(string SessionId, string Title, string Parent);

/// <summary>session.undo</summary>
/// <param name="Removed">Messages that went.</param>
internal sealed record SessionUndoResult(int Removed);

/// <summary>What a client shows about a session (events.json session.info; TUI_CONTRACT section 5).</summary>
internal sealed record SessionInfo
{
    /// <summary>Model id.</summary>
    public required string Model { get; init; }

    /// <summary>Effort word, "" when unset.</summary>
    public required string ReasoningEffort { get; init; }

    /// <summary>"priority" or "".</summary>
    public required string ServiceTier { get; init; }

    /// <summary>Whether the service tier is priority.</summary>
    public required bool Fast { get; init; }

    /// <summary>Toolset to tool names.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Tools { get; init; }

    /// <summary>Category to skill names.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Skills { get; init; }

    /// <summary>Working directory.</summary>
    public required string Cwd { get; init; }

    /// <summary>Gateway version; its presence tells the client that the session is ready.</summary>
    public required string Version { get; init; }

    /// <summary>Release date; "" when the build carries none.</summary>
    public required string ReleaseDate { get; init; }

    /// <summary>Commits behind; always null here, the gateway does not look on the network.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public int? UpdateBehind { get; init; }

    /// <summary>How to update; "" since packages are updated by their package manager.</summary>
    public required string UpdateCommand { get; init; }

    /// <summary>Tokens so far.</summary>
    public required UsageResult Usage { get; init; }

    /// <summary>Configured MCP servers.</summary>
    public required IReadOnlyList<McpServerEntry> McpServers { get; init; }

    /// <summary>Shown as a warning when no credential was found.</summary>
    public string? CredentialWarning { get; init; }

    /// <summary>Shown as a warning when config.yaml has a problem.</summary>
    public string? ConfigWarning { get; init; }
}

/// <summary>The usage object (WIRE 8.1).</summary>
internal sealed record UsageResult(
    string Model,
    long Input,
    long Output,
    long CacheRead,
    long CacheWrite,
    long Prompt,
    long Completion,
    long Total,
    long Calls,
    long Compressions,
    string CostStatus)
{
    /// <summary>Dollars spent; present only when the price of every call is known.</summary>
    public double? CostUsd { get; init; }

    /// <summary>Tokens in the context; present only with a known context length.</summary>
    public long? ContextUsed { get; init; }

    /// <summary>Context length in tokens.</summary>
    public long? ContextMax { get; init; }

    /// <summary>Share of the context in use, 0 to 100.</summary>
    public int? ContextPercent { get; init; }
}

/// <summary>One MCP server of a session's info.</summary>
/// <param name="Name">Its name in configuration.</param>
/// <param name="Transport">stdio or http.</param>
/// <param name="Tools">How many tools it has.</param>
/// <param name="Connected">Whether it can be called.</param>
/// <param name="Error">Why not; absent when it can, or is still being tried.</param>
/// <param name="Sampling">How often it used the model; absent when it may not.</param>
internal sealed record McpServerEntry(string Name, string Transport, int Tools, bool Connected, string? Error, McpSamplingEntry? Sampling);

/// <summary>What an MCP server asked of the model.</summary>
/// <param name="Requests">Requests that were answered.</param>
/// <param name="Errors">Requests that were refused or failed.</param>
/// <param name="TokensUsed">Tokens spent.</param>
/// <param name="ToolUseCount">Answers that called tools; none do.</param>
internal sealed record McpSamplingEntry(int Requests, int Errors, long TokensUsed, int ToolUseCount = 0);

/// <summary>session.close</summary>
/// <param name="Closed">False when the id was unknown.</param>
internal sealed record SessionCloseResult(bool Closed);

/// <summary>Results that say one word.</summary>
/// <param name="Status">The word.</param>
internal sealed record StatusResult(string Status);

/// <summary>session.history</summary>
/// <param name="Count">Raw messages, not rows.</param>
/// <param name="Messages">Transcript rows (WIRE 8.3).</param>
internal sealed record SessionHistoryResult(int Count, IReadOnlyList<TranscriptRow> Messages);

/// <summary>One row of a transcript: role and text, or for tools name and context (WIRE 8.3).</summary>
internal sealed record TranscriptRow(
    string Role,
    [property: JsonConverter(typeof(ConversationTextConverter))] string? Text = null,
    string? Name = null,
    string? Context = null);

/// <summary>terminal.resize</summary>
/// <param name="SessionId">Live session id.</param>
/// <param name="Cols">Terminal width in columns; default 80.</param>
internal sealed record TerminalResizeParams(
    string? SessionId = null,
    [property: JsonConverter(typeof(LenientInt32Converter))] int? Cols = null) : ISessionScoped;

/// <summary>terminal.resize</summary>
internal sealed record TerminalResizeResult(int Cols);

/// <summary>session.list</summary>
/// <param name="Limit">Most rows wanted; absent, null or 0 means 200.</param>
internal sealed record SessionListParams([property: JsonConverter(typeof(LenientInt32Converter))] int? Limit = null);

/// <summary>session.list</summary>
internal sealed record SessionListResult(IReadOnlyList<SessionRow> Sessions);

/// <summary>A stored session in a list.</summary>
/// <param name="Id">Stored key.</param>
/// <param name="Title">Title, "" if none.</param>
/// <param name="Preview">Start of the first user message.</param>
/// <param name="StartedAt">Unix seconds.</param>
/// <param name="MessageCount">Stored messages.</param>
/// <param name="Source">Which program made it.</param>
internal sealed record SessionRow(string Id, string Title, string Preview, double StartedAt, long MessageCount, string Source);

/// <summary>session.most_recent; only the id, as null, when there is none.</summary>
internal sealed record MostRecentResult(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? SessionId,
    string? Title = null,
    double? StartedAt = null,
    string? Source = null);

/// <summary>setup.status</summary>
internal sealed record SetupStatusResult(bool ProviderConfigured);
