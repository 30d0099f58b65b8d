using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Gateway.Agent.Models;
using Gateway.Config;
using Gateway.Storage;

namespace Gateway.Agent.Logins;

/// <summary>Remembers which credentials are used up, in this process and, for those of auth.json, in the file, where the other programs
/// look too (STATE.md 5). What cannot be written is only remembered here.</summary>
/// <param name="environment">Where auth.json is.</param>
/// <param name="time">Clock.</param>
internal sealed class PoolMarks(GatewayEnvironment environment, TimeProvider time)
{
    private static readonly TimeSpan Rest = TimeSpan.FromHours(1);

    // A request waits for it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _resting = new();

    /// <summary>Whether a credential was used up lately.</summary>
    public bool Rests(string provider, Credential credential) =>
        (_resting.TryGetValue(Name(provider, credential), out var until) && until > time.GetUtcNow()) || credential.RestsUntil > time.GetUtcNow();

    /// <summary>Takes note that a credential is used up.</summary>
    public async Task UsedUpAsync(string provider, Credential credential, ModelError error, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var until = now + (error.RetryAfter > TimeSpan.Zero ? error.RetryAfter.Value : Rest);
        _resting[Name(provider, credential)] = until;
        await ChangeAsync(
            provider,
            credential,
            entry =>
            {
                entry["last_status"] = "exhausted";
                entry["last_status_at"] = Seconds(now);
                entry["last_error_code"] = error.Status;
                entry["last_error_reason"] = error.Kind switch { ModelErrorKind.Billing => "billing", ModelErrorKind.RateLimit => "rate_limit", _ => "auth" };
                entry["last_error_message"] = error.Message;
                entry["last_error_reset_at"] = error.RetryAfter > TimeSpan.Zero ? Seconds(until) : null;
            },
            cancellationToken);
    }

    /// <summary>Counts that a credential was taken, where its pool goes by that.</summary>
    public Task TakenAsync(string provider, Credential credential, CancellationToken cancellationToken) => credential.IsCounted
        ? ChangeAsync(provider, credential, entry => entry["request_count"] = credential.Uses + 1, cancellationToken)
        : Task.CompletedTask;

    private async Task ChangeAsync(string provider, Credential credential, Action<JsonObject> change, CancellationToken cancellationToken)
    {
        if (credential.Id is not { } id) return;
        try
        {
            var file = new LoginFile(Path.Combine(environment.HermesHome, "auth.json"), Path.Combine(environment.HermesHome, "auth.lock"), Patience);
            await file.ChangeAsync(
                content =>
                {
                    var entry = (LoginJson.Object(content, "credential_pool")?[provider] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(one => LoginJson.Text(one, "id") == id);
                    if (entry is not null) change(entry);
                    return Task.FromResult(entry is not null);
                },
                cancellationToken);
        }
        catch (StoredFileException)
        {
            // The note in memory serves.
        }
    }

    private static string Name(string provider, Credential credential) => $"{provider} {credential.Source} {credential.Id ?? (credential.Login == LoginKind.Key ? credential.Key : "")}";

    private static double Seconds(DateTimeOffset moment) => moment.ToUnixTimeMilliseconds() / 1000.0;
}
