using System.Text.Json.Serialization;
using Gateway.Protocol.Messages;

namespace Gateway.Protocol;

/// <summary>Source-generated JSON of everything on the wire. Params are read leniently: unknown members are ignored,
/// so that newer clients work.</summary>
[JsonSourceGenerationOptions(
    MaxDepth = RequestFrame.MaxDepth,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowReadingFromString)]

// Params
[JsonSerializable(typeof(NoParams))]
[JsonSerializable(typeof(SessionParams))]
[JsonSerializable(typeof(SessionCreateParams))]
[JsonSerializable(typeof(SessionResumeParams))]
[JsonSerializable(typeof(SessionResumeResult))]
[JsonSerializable(typeof(EventsSinceParams))]
[JsonSerializable(typeof(EventsSinceResult))]
[JsonSerializable(typeof(SessionTitleParams))]
[JsonSerializable(typeof(SessionTitleResult))]
[JsonSerializable(typeof(SessionBranchParams))]
[JsonSerializable(typeof(SessionBranchResult))]
[JsonSerializable(typeof(SessionCompressParams))]
[JsonSerializable(typeof(SessionCompressResult))]
[JsonSerializable(typeof(SteerParams))]
[JsonSerializable(typeof(SteerResult))]
[JsonSerializable(typeof(SessionUndoResult))]
[JsonSerializable(typeof(SessionListParams))]
[JsonSerializable(typeof(TerminalResizeParams))]
[JsonSerializable(typeof(PromptSubmitParams))]
[JsonSerializable(typeof(DetectDropParams))]
[JsonSerializable(typeof(ApprovalRespondParams))]
[JsonSerializable(typeof(ClarifyRespondParams))]
[JsonSerializable(typeof(SudoRespondParams))]
[JsonSerializable(typeof(SecretRespondParams))]
[JsonSerializable(typeof(ShellExecParams))]
[JsonSerializable(typeof(ConfigGetParams))]
[JsonSerializable(typeof(VoiceToggleParams))]
[JsonSerializable(typeof(CompleteSlashParams))]
[JsonSerializable(typeof(CompletePathParams))]
[JsonSerializable(typeof(SpawnTreeSaveParams))]
[JsonSerializable(typeof(SpawnTreeListParams))]
[JsonSerializable(typeof(SpawnTreeLoadParams))]
[JsonSerializable(typeof(InsightsParams))]

// Results
[JsonSerializable(typeof(SessionCreateResult))]
[JsonSerializable(typeof(SessionCloseResult))]
[JsonSerializable(typeof(SessionHistoryResult))]
[JsonSerializable(typeof(SessionListResult))]
[JsonSerializable(typeof(MostRecentResult))]
[JsonSerializable(typeof(TerminalResizeResult))]
[JsonSerializable(typeof(SetupStatusResult))]
[JsonSerializable(typeof(StatusResult))]
[JsonSerializable(typeof(DetectDropResult))]
[JsonSerializable(typeof(ApprovalRespondResult))]
[JsonSerializable(typeof(ShellExecResult))]
[JsonSerializable(typeof(ConfigGetResult))]
[JsonSerializable(typeof(VoiceToggleResult))]
[JsonSerializable(typeof(CommandsCatalogResult))]
[JsonSerializable(typeof(CompletionResult))]
[JsonSerializable(typeof(SpawnTreeSaveResult))]
[JsonSerializable(typeof(SpawnTreeListResult))]
[JsonSerializable(typeof(SpawnTreeDocument))]
[JsonSerializable(typeof(InsightsResult))]
[JsonSerializable(typeof(SessionSaveResult))]

// Events
[JsonSerializable(typeof(MessageCompleteEvent))]
[JsonSerializable(typeof(StatusUpdateEvent))]
[JsonSerializable(typeof(ToolGeneratingEvent))]
[JsonSerializable(typeof(ToolProgressEvent))]
[JsonSerializable(typeof(ToolStartEvent))]
[JsonSerializable(typeof(ToolCompleteEvent))]
[JsonSerializable(typeof(ApprovalRequestEvent))]
[JsonSerializable(typeof(ClarifyRequestEvent))]
[JsonSerializable(typeof(SudoRequestEvent))]
[JsonSerializable(typeof(SecretRequestEvent))]
[JsonSerializable(typeof(SubagentEventPayload))]
[JsonSerializable(typeof(BackgroundCompleteEvent))]
[JsonSerializable(typeof(BackgroundParams))]
[JsonSerializable(typeof(BackgroundResult))]
[JsonSerializable(typeof(DelegationStatusResult))]
[JsonSerializable(typeof(DelegationPauseParams))]
[JsonSerializable(typeof(DelegationPauseResult))]
[JsonSerializable(typeof(SubagentInterruptParams))]
[JsonSerializable(typeof(SubagentInterruptResult))]
[JsonSerializable(typeof(ProcessStopResult))]
[JsonSerializable(typeof(AgentsListResult))]
[JsonSerializable(typeof(ErrorEvent))]
internal sealed partial class GatewayJson : JsonSerializerContext;
