namespace Gateway.Signals;

/// <summary>Every way the serving process ends, and its exit status: 0 where the client asked for it or is gone, 1 where
/// something failed here. Wrong usage (status 2) is the command line's and never gets this far; native faults end
/// with 1 from their handler. After the grace time, or a second signal of one kind, the process ends with the status of the ending it is in.</summary>
internal enum ExitReason
{
    /// <summary>0: the client closed our standard input.</summary>
    StdinEof,

    /// <summary>0: the client closed our standard output before the first frame.</summary>
    PeerGoneAtStart,

    /// <summary>0: the client closed our standard output later.</summary>
    PeerGone,

    /// <summary>0: SIGTERM or SIGHUP.</summary>
    Signal,

    /// <summary>0: the process that started us ended, while somebody else still holds our pipes.</summary>
    ParentGone,

    /// <summary>1: reading requests failed for a reason that is not the client's.</summary>
    InputFailed,

    /// <summary>1: writing frames failed for a reason that is not the client's.</summary>
    OutputFailed,

    /// <summary>1: a bug of ours reached the top.</summary>
    Fatal,
}

/// <summary>An ending in words.</summary>
/// <param name="Reason">Which ending.</param>
/// <param name="Detail">The text after <c>[gateway-exit]</c> and in the crash log (WIRE 1.3).</param>
internal sealed record Ending(ExitReason Reason, string Detail)
{
    /// <summary>The status the process exits with.</summary>
    public int ExitCode => Reason is ExitReason.Fatal or ExitReason.InputFailed or ExitReason.OutputFailed ? 1 : 0;
}
