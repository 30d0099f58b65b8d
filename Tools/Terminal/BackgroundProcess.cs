using System.Text;
using Gateway.Processes;

namespace Gateway.Tools.Terminal;

/// <summary>A command that runs while the conversation goes on.</summary>
internal sealed class BackgroundProcess : IDisposable
{
    private const int KeptCharacters = 200_000;
    private readonly Lock _gate = new();
    private readonly StringBuilder _output = new();
    private readonly CancellationTokenSource _kill = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;
    private bool _killed;

    /// <summary>Describes a command that is about to start.</summary>
    public BackgroundProcess(string id, ProcessOwner owner, string command, string directory, DateTimeOffset startedAt)
    {
        Id = id;
        Owner = owner;
        Command = command;
        WorkingDirectory = directory;
        Typed = new TypedText(directory);
        StartedAt = startedAt;
    }

    /// <summary>"proc_" and 12 hex digits.</summary>
    public string Id { get; }

    /// <summary>The conversation it belongs to.</summary>
    public ProcessOwner Owner { get; }

    /// <summary>The command.</summary>
    public string Command { get; }

    /// <summary>Where it runs.</summary>
    public string WorkingDirectory { get; }

    /// <summary>When it started.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>Its process id; 0 before it runs.</summary>
    public int ProcessId { get; set; }

    /// <summary>Its standard input.</summary>
    public InputPipe Input { get; } = new();

    /// <summary>What was written to it, for the judge of commands.</summary>
    public TypedText Typed { get; }

    /// <summary>Exit status; null while it runs.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>Whether the model learned of the end by what it or the user did: it was waiting for it, or it was killed.</summary>
    public bool EndIsKnown { get; private set; }

    /// <summary>Completes when it has ended.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Cancelled when it is to end.</summary>
    public CancellationToken KillToken => _kill.Token;

    /// <summary>What it printed, as far as it is kept, without colours.</summary>
    public string Output
    {
        get
        {
            lock (_gate) return AnsiText.Strip(_output.ToString());
        }
    }

    /// <summary>Takes output.</summary>
    public void Append(ReadOnlySpan<char> text)
    {
        lock (_gate)
        {
            _output.Append(text);
            if (_output.Length > KeptCharacters * 5 / 4) _output.Remove(0, _output.Length - KeptCharacters);
        }
    }

    /// <summary>Somebody waits for the end and will tell of it.</summary>
    public void BeginWait()
    {
        lock (_gate) _waiting++;
    }

    /// <summary>The wait is over.</summary>
    /// <returns>Whether it has ended: then nobody else tells of that.</returns>
    public bool EndWait()
    {
        lock (_gate)
        {
            _waiting--;
            return ExitCode is not null;
        }
    }

    /// <summary>It ended.</summary>
    public void End(int exitCode, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (ExitCode is not null) return;
            ExitCode = _killed ? -15 : exitCode;
            EndedAt = now;
            EndIsKnown = _killed || _waiting > 0;
        }

        Input.Close();
        _ended.TrySetResult();
    }

    /// <summary>Ends it and its descendants.</summary>
    public void Kill()
    {
        lock (_gate) _killed = true;
        _ = _kill.CancelAsync();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Input.Dispose();
        _kill.Dispose();
    }
}
