using System.Collections.Concurrent;
using System.Text.Json;
using Gateway.Config;
using Gateway.Tools;
using Gateway.Tools.Web;

namespace Gateway.Mcp;

/// <summary>A server is not started because what it runs is known to be malware.</summary>
internal sealed class McpBlockedException(string message) : Exception(message);

/// <summary>Asks OSV whether a package that a server fetches is known to be malware (CONFIG.md 6). Nothing but that keeps a server from starting:
/// neither other advisories nor an OSV that cannot be asked. Safe from any thread.</summary>
/// <param name="environment">OSV_ENDPOINT names another address to ask.</param>
/// <param name="web">The way to it.</param>
/// <param name="time">The clock.</param>
internal sealed class McpAdvisories(GatewayEnvironment environment, WebHttp web, TimeProvider time)
{
    private const int MostNamed = 3;
    private const string Endpoint = "https://api.osv.dev/v1/query";
    private readonly ConcurrentDictionary<McpPackage, (string? Problem, long At)> _known = new();

    private static TimeSpan Limit => TimeSpan.FromSeconds(5);

    private static TimeSpan Memory => TimeSpan.FromHours(1);

    /// <summary>Lets a command pass, or not.</summary>
    /// <param name="command">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="McpBlockedException">The package is malware.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public async Task CheckAsync(string command, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        if (McpPackage.Of(command, arguments) is not { } package) return;
        if (!_known.TryGetValue(package, out var known) || time.GetElapsedTime(known.At) > Memory)
        {
            try
            {
                _known[package] = known = (await AskAsync(package, cancellationToken), time.GetTimestamp());
            }
            catch (WebException)
            {
                return;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }

        if (known.Problem is not null) throw new McpBlockedException(known.Problem);
    }

    private async Task<string?> AskAsync(McpPackage package, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var answer = await web.PostAsync(
            "OSV",
            environment.Get("OSV_ENDPOINT") ?? Endpoint,
            new Dictionary<string, string>(),
            json =>
            {
                json.WriteStartObject("package");
                json.WriteString("name", package.Name);
                json.WriteString("ecosystem", package.Ecosystem);
                json.WriteEndObject();
                if (package.Version is not null) json.WriteString("version", package.Version);
            },
            either.Token);
        if (answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty("vulns", out var list) || list.ValueKind != JsonValueKind.Array) return null;
        string[] malware = [.. list.EnumerateArray().Where(IsMalware).Select(advisory => ToolJson.Text(advisory, "id")!)];
        if (malware.Length == 0) return null;
        string names = string.Join(", ", malware.Take(MostNamed)) + (malware.Length > MostNamed ? $" and {malware.Length - MostNamed} more" : "");
        return $"{package.Ecosystem} package {package.Name}{(package.Version is null ? "" : " " + package.Version)} is reported as malware ({names}, see osv.dev) and is not started. "
            + (package.Version is null ? "Name a version that is not affected, or remove the server." : "Remove the server, or name a version that is not affected.");
    }

    private static bool IsMalware(JsonElement advisory) =>
        advisory.ValueKind == JsonValueKind.Object && ToolJson.Text(advisory, "id")?.StartsWith("MAL-", StringComparison.Ordinal) == true && ToolJson.Text(advisory, "withdrawn") is null;
}
