using System.Text;
using Gateway.Tests.Shared;
using Gateway.Transport;

namespace Gateway.Tests.Wire;

/// <summary>A sidecar with a clock that only moves when told to, and its notes.</summary>
internal sealed class SidecarRig : IDisposable
{
    private readonly object _gate = new();
    private readonly List<string> _notes = [];
    private int _offered;

    public SidecarRig(string url, bool openSsl = true) => Sidecar = new Sidecar(url, () => openSsl, Note, Time) { DrainLimit = TimeSpan.FromMinutes(1) };

    public ManualTime Time { get; } = new();

    public Sidecar Sidecar { get; }

    public IReadOnlyList<string> Notes
    {
        get
        {
            lock (_gate) return [.. _notes];
        }
    }

    /// <summary>Offers frames, numbered from 1 over the rig's life.</summary>
    public void Offer(int count = 1)
    {
        for (int i = 0; i < count; i++) Sidecar.Offer(Encoding.UTF8.GetBytes($"{{\"n\":{++_offered}}}\n"));
    }

    /// <summary>The messages that these frames become.</summary>
    public static IEnumerable<string> Numbered(int first, int count) => Enumerable.Range(first, count).Select(n => $"{{\"n\":{n}}}");

    /// <summary>Waits for a note with this text.</summary>
    /// <param name="text">Part of the note.</param>
    /// <param name="times">How many such notes there must be.</param>
    public Task NotedAsync(string text, int times = 1) => Waiting.UntilAsync(
        () => Notes,
        notes => notes.Count(note => note.Contains(text, StringComparison.Ordinal)) >= times,
        $"the note '{text}'",
        notes => string.Join(" | ", notes));

    /// <summary>Passes the pauses between attempts, one after the other.</summary>
    public async Task FailAsync(string what, params double[] pauses)
    {
        foreach (double pause in pauses)
        {
            await NotedAsync(FormattableString.Invariant($"{what}, next attempt in {pause} s"));
            Time.Advance(TimeSpan.FromSeconds(pause));
        }
    }

    public void Dispose() => Sidecar.Close(TimeSpan.Zero);

    private void Note(string text)
    {
        lock (_gate) _notes.Add(text);
    }
}
