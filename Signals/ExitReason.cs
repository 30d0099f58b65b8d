namespace Gateway.Signals;

/// <summary>Why the process ends. Every ending but <see cref="Fatal"/> exits with status 0: the client asked for it or is gone.</summary>
internal enum ExitReason
{
    /// <summary>The client closed our standard input.</summary>
    StdinEof,

    /// <summary>The client closed our standard output before the first frame.</summary>
    PeerGoneAtStart,

    /// <summary>The client closed our standard output later.</summary>
    PeerGone,

    /// <summary>SIGTERM or SIGHUP.</summary>
    Signal,

    /// <summary>Reading requests failed for a reason that is not the client's.</summary>
    InputFailed,

    /// <summary>A bug of ours reached the top; exit status 1.</summary>
    Fatal,
}

/// <summary>An ending in words.</summary>
/// <param name="Reason">Which ending.</param>
/// <param name="Detail">The text after <c>[gateway-exit]</c> and in the crash log (WIRE 1.3).</param>
internal sealed record Ending(ExitReason Reason, string Detail)
{
    /// <summary>The status the process exits with.</summary>
    public int ExitCode => Reason is ExitReason.Fatal or ExitReason.InputFailed ? 1 : 0;
}
