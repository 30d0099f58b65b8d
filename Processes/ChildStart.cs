namespace Gateway.Processes;

/// <summary>How much of one output stream is kept: its first and its last characters. What lies between is only counted.</summary>
/// <param name="Head">UTF-16 code units kept from the start.</param>
/// <param name="Tail">UTF-16 code units kept from the end.</param>
internal readonly record struct OutputLimit(int Head, int Tail);

/// <summary>Receives decoded output as it comes, on the child's own thread. The span is only valid during the call.</summary>
internal delegate void ChildOutputHandler(ReadOnlySpan<char> text);

/// <summary>What to start and under which limits.</summary>
internal sealed record ChildStart
{
    /// <summary>Absolute path of the program; the search path is not consulted (see <see cref="ExecutablePath"/>).
    /// Also the child's argument zero.</summary>
    public required string Path { get; init; }

    /// <summary>Arguments after argument zero.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The child's whole environment; nothing is inherited beside it.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Absolute directory the child starts in.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>Whether standard error goes to the same pipe as standard output, in the order written.</summary>
    public bool MergeStandardError { get; init; }

    /// <summary>What is kept of standard output. Default: the first 20 000 and the last 30 000 characters.</summary>
    public OutputLimit OutputLimit { get; init; } = new(20_000, 30_000);

    /// <summary>What is kept of standard error when it is not merged. Same default.</summary>
    public OutputLimit ErrorLimit { get; init; } = new(20_000, 30_000);

    /// <summary>Time from start after which the child is ended; null: none.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Time since the start that does not count towards <see cref="Timeout"/>, such as what a user took to answer; asked
    /// again and again, on the child's own thread. Null: all counts.</summary>
    public Func<TimeSpan>? NotCounted { get; init; }

    /// <summary>Time between SIGTERM and SIGKILL. Default 1 s.</summary>
    public TimeSpan GracePeriod { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether what the child still has running when it ends by itself ends with it. Default false: a command may leave
    /// something running.</summary>
    public bool LeavesNothing { get; init; }

    /// <summary>What the kernel keeps it from; null for nothing.</summary>
    public Confinement? Confinement { get; init; }

    /// <summary>Bytes the child can read from standard input before the end of file. Default none.</summary>
    public ReadOnlyMemory<byte> StandardInput { get; init; }

    /// <summary>Standard input that is written while the child runs, instead of <see cref="StandardInput"/>; null: none.</summary>
    public InputPipe? Input { get; init; }

    /// <summary>Called with the process id once the child runs, on the child's own thread.</summary>
    public Action<int>? OnStarted { get; init; }

    /// <summary>Called with every piece of output of both streams; null: nobody listens.</summary>
    public ChildOutputHandler? OnOutput { get; init; }

    /// <summary>Called with standard error instead, when it is not merged; null: <see cref="OnOutput"/> hears both.</summary>
    public ChildOutputHandler? OnErrorOutput { get; init; }
}

/// <summary>How a child ended and what it printed.</summary>
/// <param name="ExitCode">Exit status 0 to 255, or minus the number of the signal that ended it.</param>
/// <param name="Output">Standard output, with standard error when merged.</param>
/// <param name="ErrorOutput">Standard error; empty when merged.</param>
/// <param name="TimedOut">Whether it was ended because its time was up.</param>
/// <param name="Interrupted">Whether it was ended because the caller cancelled.</param>
internal sealed record ChildResult(int ExitCode, CapturedText Output, CapturedText ErrorOutput, bool TimedOut, bool Interrupted)
{
    /// <summary>Ids of descendants that run on although the child was ended: they run as another user, who may not be signalled.
    /// Empty when the caller cancelled and went on before that was known.</summary>
    public IReadOnlyList<int> Survivors { get; init; } = [];

    /// <summary>Whether somebody killed the process that watches over the child, and the kernel the child with it.</summary>
    public bool IsLost { get; init; }

    /// <summary>Characters that the child printed on both streams, kept or not.</summary>
    public long TotalOutputChars => Output.Total + ErrorOutput.Total;
}

/// <summary>A child could not be started. The message names the program and the reason and may be shown to users.</summary>
internal sealed class ChildStartException : Exception
{
    /// <summary>Describes the failure.</summary>
    /// <param name="path">The program that was to run.</param>
    /// <param name="reason">Why it could not.</param>
    /// <param name="isTransient">See <see cref="IsTransient"/>.</param>
    public ChildStartException(string path, string reason, bool isTransient = false) : base($"cannot start {path}: {reason}")
    {
        Path = path;
        Reason = reason;
        IsTransient = isTransient;
    }

    /// <summary>The program that was to run.</summary>
    public string Path { get; }

    /// <summary>Why it could not.</summary>
    public string Reason { get; }

    /// <summary>Whether the machine was short of something (processes, memory, open files), so that it may go well in a moment.</summary>
    public bool IsTransient { get; }
}
