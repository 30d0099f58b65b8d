using System.Collections.Concurrent;
using Gateway.Processes;

namespace Gateway.Tools.Terminal;

/// <summary>The commands that run in the background, of all conversations. They end with the gateway. Safe from any thread.</summary>
/// <param name="children">Where they are started.</param>
/// <param name="time">The clock.</param>
/// <param name="list">Where those that run are written down for other programs; null for nowhere.</param>
internal sealed class BackgroundProcesses(ChildProcesses children, TimeProvider time, ProcessListFile? list = null)
{
    private const int Most = 64;
    private static TimeSpan KeptAfterEnd => TimeSpan.FromSeconds(1800);

    private readonly Lock _gate = new();
    private readonly List<BackgroundProcess> _all = [];
    private readonly ConcurrentDictionary<string, ProcessOwner> _owners = new(StringComparer.Ordinal);

    /// <summary>How many lines may be told.</summary>
    public NoticeBudget Notices { get; } = new(time);

    /// <summary>The owner of the processes of a conversation, the same one whenever the conversation is taken up again.</summary>
    /// <param name="key">The stored key that the conversation began with.</param>
    public ProcessOwner OwnerOf(string key) => _owners.GetOrAdd(key, first => new ProcessOwner(first));

    /// <summary>Those of a conversation, oldest first; of all when none is named.</summary>
    public IReadOnlyList<BackgroundProcess> Of(ProcessOwner? owner)
    {
        lock (_gate)
        {
            Sweep();
            return [.. _all.Where(process => owner is null || process.Owner == owner)];
        }
    }

    /// <summary>One of a conversation; null when it has none of that id.</summary>
    public BackgroundProcess? Find(ProcessOwner owner, string id) => Of(owner).FirstOrDefault(process => process.Id == id);

    /// <summary>Starts a command.</summary>
    /// <param name="process">Its description.</param>
    /// <param name="start">How; output, input and process id are taken care of here.</param>
    /// <param name="watch">Sees its output; null for nobody.</param>
    /// <param name="ended">Called when it has ended; null for nobody.</param>
    /// <returns>Completes when it runs.</returns>
    /// <exception cref="ChildStartException">It was not started.</exception>
    public async Task StartAsync(BackgroundProcess process, ChildStart start, OutputWatch? watch, Action<BackgroundProcess>? ended)
    {
        lock (_gate)
        {
            Sweep();
            if (_all.Count(one => one.ExitCode is null) >= Most)
                throw new ChildStartException(start.Path, $"{Most} background processes run already. End some with the process tool first");
            _all.Add(process);
            while (_all.Count > Most) _all.Remove(_all.First(one => one.ExitCode is not null));
        }

        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = children.RunAsync(
            start with
            {
                Input = process.Input,
                OutputLimit = new OutputLimit(0, 0),
                Timeout = null,
                OnStarted = id =>
                {
                    process.ProcessId = id;
                    started.TrySetResult();
                },
                OnOutput = text =>
                {
                    process.Append(text);
                    watch?.See(text);
                },
            },
            process.KillToken);
        _ = FollowAsync(process, run, watch, ended);
        await Task.WhenAny(started.Task, run);
        if (!run.IsFaulted)
        {
            list?.Note(Running());
            return;
        }

        lock (_gate) _all.Remove(process);
        await run;
    }

    /// <summary>Ends all that run, at the user's word.</summary>
    /// <returns>How many.</returns>
    public int KillAll()
    {
        var running = Running();
        foreach (var process in running) process.Kill();
        return running.Count;
    }

    /// <summary>The gateway ends, and they with it.</summary>
    public void Close() => list?.Close();

    private IReadOnlyList<BackgroundProcess> Running() => [.. Of(null).Where(process => process.ExitCode is null)];

    private async Task FollowAsync(BackgroundProcess process, Task<ChildResult> run, OutputWatch? watch, Action<BackgroundProcess>? ended)
    {
        await ((Task)run).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (run.IsCompletedSuccessfully) watch?.SeeEnd();
        process.End(run.IsCompletedSuccessfully ? run.Result.ExitCode : -1, time.GetUtcNow());
        list?.Note(Running());
        if (run.IsCompletedSuccessfully) ended?.Invoke(process);
    }

    private void Sweep() => _all.RemoveAll(process => process.EndedAt is { } end && time.GetUtcNow() - end > KeptAfterEnd);
}
