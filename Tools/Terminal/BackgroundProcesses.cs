using Gateway.Processes;

namespace Gateway.Tools.Terminal;

/// <summary>The commands that run in the background, of all conversations. They end with the gateway. Safe from any thread.</summary>
internal sealed class BackgroundProcesses(ChildProcesses children, TimeProvider time)
{
    private const int Most = 64;
    private static TimeSpan KeptAfterEnd => TimeSpan.FromSeconds(1800);

    private readonly Lock _gate = new();
    private readonly List<BackgroundProcess> _all = [];

    /// <summary>Those of a conversation, oldest first; of all when none is named.</summary>
    public IReadOnlyList<BackgroundProcess> Of(object? owner)
    {
        lock (_gate)
        {
            Sweep();
            return [.. _all.Where(process => owner is null || process.Owner == owner)];
        }
    }

    /// <summary>One of a conversation; null when it has none of that id.</summary>
    public BackgroundProcess? Find(object owner, string id) => Of(owner).FirstOrDefault(process => process.Id == id);

    /// <summary>Starts a command.</summary>
    /// <param name="process">Its description.</param>
    /// <param name="start">How; output, input and process id are taken care of here.</param>
    /// <param name="watch">Sees its output; null for nobody.</param>
    /// <param name="ended">Called when it has ended; null for nobody.</param>
    /// <returns>Why it was not started; null when it was.</returns>
    public async Task<string?> StartAsync(BackgroundProcess process, ChildStart start, OutputWatch? watch, Action<BackgroundProcess>? ended)
    {
        lock (_gate)
        {
            Sweep();
            if (_all.Count(one => one.ExitCode is null) >= Most) return $"{Most} background processes run already. End some with the process tool first.";
            _all.Add(process);
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
        _ = FollowAsync(process, run, ended);
        await Task.WhenAny(started.Task, run);
        if (!run.IsFaulted) return null;
        lock (_gate) _all.Remove(process);
        return run.Exception.InnerException is ChildStartException failure ? failure.Message : "the process could not be started";
    }

    /// <summary>Ends all that run.</summary>
    /// <returns>How many.</returns>
    public int KillAll()
    {
        BackgroundProcess[] running = [.. Of(null).Where(process => process.ExitCode is null)];
        foreach (var process in running) process.Kill();
        return running.Length;
    }

    private async Task FollowAsync(BackgroundProcess process, Task<ChildResult> run, Action<BackgroundProcess>? ended)
    {
        await ((Task)run).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        process.End(run.IsCompletedSuccessfully ? run.Result.ExitCode : -1, time.GetUtcNow());
        if (run.IsCompletedSuccessfully) ended?.Invoke(process);
    }

    private void Sweep() => _all.RemoveAll(process => process.EndedAt is { } end && time.GetUtcNow() - end > KeptAfterEnd);
}
