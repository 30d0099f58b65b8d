namespace Gateway.Protocol.Messages;

/// <summary>process.stop</summary>
/// <param name="Killed">Background processes that were ended.</param>
internal sealed record ProcessStopResult(int Killed);

/// <summary>One process of agents.list.</summary>
/// <param name="SessionId">Its id, "proc_…".</param>
/// <param name="Command">First 80 characters.</param>
/// <param name="Status">running or exited.</param>
/// <param name="Uptime">Seconds.</param>
internal sealed record BackgroundProcessEntry(string SessionId, string Command, string Status, long Uptime);

/// <summary>agents.list</summary>
/// <param name="Processes">Background processes of all sessions, those that ended within 30 minutes included.</param>
internal sealed record AgentsListResult(IReadOnlyList<BackgroundProcessEntry> Processes);
