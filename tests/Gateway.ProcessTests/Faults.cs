using Gateway.Tests.Shared;

namespace Gateway.ProcessTests;

/// <summary>Switches the faults of <c>tests/FaultInjection/faults.c</c> for one gateway.</summary>
internal sealed class Faults
{
    /// <summary>Variables for the stage of a gateway that faults are injected into.</summary>
    public static readonly string[] Variables = ["FAULTS=$home/faults", "LD_PRELOAD=" + Path.Combine(AppContext.BaseDirectory, "libfaults.so")];

    private readonly string _directory;

    /// <summary>Prepares a stage that was set with <see cref="Variables"/>; all faults are off.</summary>
    public Faults(Stage stage)
    {
        _directory = stage.Environment["FAULTS"];
        Directory.CreateDirectory(_directory);
    }

    /// <summary>Writing frames fails from now on.</summary>
    public void FailOutput(int error) => Switch("stdout", $"{error}");

    /// <summary>The next reads of requests fail.</summary>
    /// <param name="error">Error number; 0: a read of zero bytes.</param>
    /// <param name="count">How many; -1: all.</param>
    public void FailInput(int error, int count) => Switch("stdin", $"{error} {count}");

    /// <summary>Writing to files below a path fails from now on.</summary>
    public void FailFiles(int error, string prefix) => Switch("files", $"{error} {prefix}");

    /// <summary>The next garbage collection hangs.</summary>
    public void HangCollection() => Switch("gc", "");

    /// <summary>A handler that exit(3) runs never returns.</summary>
    public void HangExit() => Switch("exit", "");

    /// <summary>Waits until so many threads hang in a fault (<c>gc</c>, <c>exit</c>, <c>spin</c>, <c>block</c>).</summary>
    public Task ReachedAsync(string fault, int threads = 1) =>
        Facts.UntilAsync(() => Reached(fault), count => count >= threads, $"{threads} threads to reach the fault '{fault}'");

    /// <summary>How many threads hang in a fault.</summary>
    public long Reached(string fault) => new FileInfo(Path.Combine(_directory, fault + ".reached")) is { Exists: true } file ? file.Length : 0;

    private void Switch(string fault, string how)
    {
        string path = Path.Combine(_directory, fault);
        File.WriteAllText(path + ".new", how);
        File.Move(path + ".new", path, overwrite: true);
    }
}
