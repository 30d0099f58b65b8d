namespace Gateway.Rpc;

/// <summary>Where a method runs, and what order holds there. A column of the method table.</summary>
internal enum Lane
{
    /// <summary>On the dispatcher loop, at once, overtaking whatever waits in other lanes. Must not block or touch the disk:
    /// answers to questions, interrupts.</summary>
    Control,

    /// <summary>On the dispatcher loop, in arrival order. Memory only, quick.</summary>
    Inline,

    /// <summary>In arrival order per session; other sessions run on. Requests without a session share one queue,
    /// which also is the place of short work on files.</summary>
    Session,

    /// <summary>Side by side with everything else, at most so many at a time, in no order: searches and listings.</summary>
    Worker,

    /// <summary>Like <see cref="Worker"/>, with places of its own, for what waits on a child process or a model: a listing never
    /// waits behind a command.</summary>
    Child,
}
