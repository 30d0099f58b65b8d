namespace Gateway.Tools.Files;

/// <summary>Keeps agents that run side by side from changing one file at a time.</summary>
internal sealed class FileLocks
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _locks = new(StringComparer.Ordinal);

    /// <summary>Files that somebody has, or waits for.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _locks.Count;
        }
    }

    /// <summary>Waits until nobody else changes these files. Always taken in the same order, so that no two wait for each other.</summary>
    /// <param name="keys">What the files are known by (<see cref="FileTarget.Key"/>).</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Gives them back when disposed.</returns>
    public async Task<IDisposable> TakeAsync(IEnumerable<string> keys, CancellationToken cancellationToken)
    {
        var held = new Held(this);
        try
        {
            foreach (string key in keys.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                var entry = Enter(key);
                bool taken = false;
                try
                {
                    await entry.Free.WaitAsync(cancellationToken);
                    taken = true;
                }
                finally
                {
                    if (!taken) Leave(key, entry);
                }

                held.Add(key, entry);
            }

            var given = held;
            held = null;
            return given;
        }
        finally
        {
            held?.Dispose();
        }
    }

    private Entry Enter(string key)
    {
        lock (_gate)
        {
            if (!_locks.TryGetValue(key, out var entry)) _locks[key] = entry = new Entry();
            entry.Users++;
            return entry;
        }
    }

    private void Leave(string key, Entry entry)
    {
        lock (_gate)
            if (--entry.Users == 0) _locks.Remove(key);
    }

    private sealed class Entry
    {
        public SemaphoreSlim Free { get; } = new(1);

        /// <summary>Who has it or waits for it; guarded by the gate.</summary>
        public int Users { get; set; }
    }

    private sealed class Held(FileLocks locks) : IDisposable
    {
        private readonly Stack<(string Key, Entry Entry)> _taken = [];

        public void Add(string key, Entry entry) => _taken.Push((key, entry));

        public void Dispose()
        {
            while (_taken.TryPop(out var one))
            {
                one.Entry.Free.Release();
                locks.Leave(one.Key, one.Entry);
            }
        }
    }
}
