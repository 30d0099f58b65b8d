namespace Gateway.Tools.Cron;

/// <summary>A scheduled job cannot be made or changed as it was asked for; the message is for the model and the user.</summary>
internal sealed class CronException(string message) : Exception(message);
