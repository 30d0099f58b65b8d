namespace Gateway.Protocol.Messages;

/// <summary>insights.get</summary>
/// <param name="Days">How far back to look, more than 0; absent means 30.</param>
internal sealed record InsightsParams(double? Days = null);

/// <summary>insights.get</summary>
/// <param name="Days">How far back it looked.</param>
/// <param name="Sessions">Conversations that started since then, among the newest 500.</param>
/// <param name="Messages">Their messages.</param>
internal sealed record InsightsResult(double Days, long Sessions, long Messages);
