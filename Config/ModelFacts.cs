namespace Gateway.Config;

/// <summary>Dollars for a million tokens of each kind, and for a request; null: not known.</summary>
/// <param name="Input">Prompt tokens.</param>
/// <param name="Output">Completion tokens.</param>
/// <param name="CacheRead">Prompt tokens that the provider had in its cache.</param>
/// <param name="CacheWrite">Prompt tokens that it put there.</param>
/// <param name="Request">Dollars for each request beside its tokens.</param>
internal sealed record TokenPrices(double Input, double Output, double? CacheRead = null, double? CacheWrite = null, double Request = 0);

/// <summary>What an endpoint itself says about a model: nothing until it has been asked. May be read while it is being told.</summary>
internal sealed class ModelFacts
{
    private volatile Told _told = new(null, null);

    /// <summary>Context window in tokens; null when it does not say.</summary>
    public int? ContextLength => _told.ContextLength;

    /// <summary>Prices; null when it does not say.</summary>
    public TokenPrices? Prices => _told.Prices;

    /// <summary>Takes what the endpoint said.</summary>
    public void Tell(int? contextLength, TokenPrices? prices) => _told = new Told(contextLength, prices);

    private sealed record Told(int? ContextLength, TokenPrices? Prices);
}
