using Gateway.Agent;
using Gateway.Config;
using Gateway.Storage;

namespace Gateway.Sessions;

/// <summary>Spent tokens as they are stored.</summary>
internal static class UsageRows
{
    /// <summary>What calls of a model add to a session's row.</summary>
    public static StoredUsage Of(TokenUsage usage, ModelEndpoint endpoint) => new(endpoint.Provider, endpoint.BaseUrl, usage.Calls)
    {
        Input = usage.Input,
        Output = usage.Output,
        CacheRead = usage.CacheRead,
        CacheWrite = usage.CacheWrite,
        Reasoning = usage.Reasoning,
        Cost = usage.Unpriced > 0 ? null : usage.Cost,
    };
}
