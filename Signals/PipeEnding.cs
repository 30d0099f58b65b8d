namespace Gateway.Signals;

/// <summary>Puts what became of the client's pipes into words that existing tools read (WIRE 1.3).</summary>
internal static class PipeEnding
{
    /// <summary>The ending that follows from a failed write.</summary>
    /// <param name="method">What was being written: the answer of this method; "" the answer to something unreadable; null an event.</param>
    /// <param name="first">Whether nothing at all had gone out before.</param>
    /// <param name="failure">What failed on this machine; null when the client is gone.</param>
    public static Ending OfOutput(string? method, bool first, IOException? failure)
    {
        string what = method switch
        {
            _ when first => "startup write failed",
            null => "event write failed",
            "" => "parse-error-response write failed",
            _ => $"response write failed for method='{method}'",
        };
        if (failure is not null) return new Ending(ExitReason.OutputFailed, $"{what}: {failure.Message}, standard output cannot be written on this machine");
        return first
            ? new Ending(ExitReason.PeerGoneAtStart, $"{what} (broken stdout pipe before first event)")
            : new Ending(ExitReason.PeerGone, $"{what} (broken stdout pipe)");
    }

    /// <summary>The ending that follows when there are no more requests.</summary>
    /// <param name="failure">What failed on this machine; null when the client closed its end.</param>
    public static Ending OfInput(IOException? failure) => failure is null
        ? new Ending(ExitReason.StdinEof, "stdin EOF (TUI closed the command pipe)")
        : new Ending(ExitReason.InputFailed, $"stdin failed: {failure.Message}");
}
