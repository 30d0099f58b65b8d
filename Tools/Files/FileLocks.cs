using System.Collections.Concurrent;

namespace Gateway.Tools.Files;

/// <summary>Keeps agents that run side by side from changing one file at a time.</summary>
internal sealed class FileLocks
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _locks = new(StringComparer.Ordinal);

    /// <summary>Waits until nobody else changes these files. Always taken in the same order, so that no two wait for each other.</summary>
    /// <returns>Gives them back when disposed.</returns>
    public async Task<IDisposable> TakeAsync(IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        var taken = new Stack<SemaphoreSlim>();
        try
        {
            foreach (string path in paths.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                var one = _locks.GetOrAdd(path, _ => new SemaphoreSlim(1));
                await one.WaitAsync(cancellationToken);
                taken.Push(one);
            }
        }
        catch (OperationCanceledException)
        {
            new Held(taken).Dispose();
            throw;
        }

        return new Held(taken);
    }

    private sealed class Held(Stack<SemaphoreSlim> taken) : IDisposable
    {
        public void Dispose()
        {
            while (taken.TryPop(out var one)) one.Release();
        }
    }
}
