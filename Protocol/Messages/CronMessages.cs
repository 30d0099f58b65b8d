using System.Text.Json.Serialization;

namespace Gateway.Protocol.Messages;

/// <summary>cron.manage</summary>
/// <param name="Action">list, add, remove, pause or resume; absent and blank mean list.</param>
/// <param name="Name">add: name of the job, blank for one made of its prompt. remove, pause, resume: id of the job.</param>
/// <param name="Schedule">add: when it runs.</param>
/// <param name="Prompt">add: what it is told.</param>
internal sealed record CronManageParams(string? Action = null, string? Name = null, string? Schedule = null, string? Prompt = null);

/// <summary>cron.manage: what the tool cronjob answers to the same action is the result.</summary>
/// <param name="Json">A JSON object on one line.</param>
[JsonConverter(typeof(CronManageResultConverter))]
internal sealed record CronManageResult(byte[] Json);
