namespace Gateway.Storage;

/// <summary>What calls of one model add to the row of a session.</summary>
/// <param name="Provider">Who is paid.</param>
/// <param name="BaseUrl">Where it was asked.</param>
/// <param name="Calls">How many calls.</param>
internal sealed record StoredUsage(string Provider, string BaseUrl, long Calls)
{
    /// <summary>Prompt tokens outside the provider's cache.</summary>
    public long Input { get; init; }

    /// <summary>Completion tokens.</summary>
    public long Output { get; init; }

    /// <summary>Prompt tokens read from the cache.</summary>
    public long CacheRead { get; init; }

    /// <summary>Prompt tokens written to the cache.</summary>
    public long CacheWrite { get; init; }

    /// <summary>Completion tokens spent on reasoning.</summary>
    public long Reasoning { get; init; }

    /// <summary>Dollars; null where the price is not known.</summary>
    public double? Cost { get; init; }
}
