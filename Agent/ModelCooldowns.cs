using System.Collections.Concurrent;
using Gateway.Config;

namespace Gateway.Agent;

/// <summary>Remembers for a minute which models refused for too many requests, so that the next turns go to their fallbacks at once
/// (AGENT.md 5.2). Safe from any thread.</summary>
internal sealed class ModelCooldowns(TimeProvider time)
{
    /// <summary>How long a model is left alone.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(60);

    // One entry per model that was ever refused: a handful in the life of a process.
    private readonly ConcurrentDictionary<(string Provider, string Model, string Url), DateTimeOffset> _until = [];

    /// <summary>Takes note of a refusal.</summary>
    public void Refused(ModelEndpoint endpoint) => _until[Key(endpoint)] = time.GetUtcNow() + Rest;

    /// <summary>Whether the model is to be left alone.</summary>
    public bool Rests(ModelEndpoint endpoint) => _until.TryGetValue(Key(endpoint), out var until) && time.GetUtcNow() < until;

    private static (string, string, string) Key(ModelEndpoint endpoint) => (endpoint.Provider, endpoint.Model, endpoint.BaseUrl);
}
