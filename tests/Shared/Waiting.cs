namespace Gateway.Tests.Shared;

/// <summary>Waiting for facts.</summary>
public static class Waiting
{
    /// <summary>Looks until it is so; a test that waits in vain fails with what was seen last.</summary>
    public static async Task<T> UntilAsync<T>(Func<T> look, Func<T, bool> isSo, string what, Func<T, string>? show = null)
    {
        var deadline = DateTime.UtcNow + Conversation.Patience;
        while (true)
        {
            var seen = look();
            if (isSo(seen)) return seen;
            if (DateTime.UtcNow > deadline) throw new TimeoutException($"waited in vain for {what}; saw {(show is null ? $"{seen}" : show(seen))}");
            await Task.Delay(10);
        }
    }
}
