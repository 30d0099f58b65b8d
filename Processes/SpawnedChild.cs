namespace Gateway.Processes;

/// <summary>A child that was started, and what belongs to it.</summary>
/// <param name="Process">Its process id, which is also that of its session and process group.</param>
/// <param name="Pidfd">A descriptor that is readable once it has ended.</param>
/// <param name="Guardian">Id of the process between it and us (native/guardian.c): its parent, and that of every orphan below it.</param>
/// <param name="Control">A socket to the guardian.</param>
internal readonly record struct SpawnedChild(int Process, int Pidfd, int Guardian, int Control);
