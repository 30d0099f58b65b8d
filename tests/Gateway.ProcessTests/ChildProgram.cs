using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Gateway.Tests.Shared;

namespace Gateway.ProcessTests;

/// <summary>A program under test whose output is text.</summary>
internal sealed partial class ChildProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Task _reading;

    private ChildProgram(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(Read(process.StandardOutput), Read(process.StandardError));
    }

    public static ChildProgram Start(string program, Stage stage, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = stage.Work,
        };
        start.Environment.Clear();
        foreach (var (name, value) in stage.Environment) start.Environment[name] = value;
        return new ChildProgram(Process.Start(start)!);
    }

    public Task<string> WaitForOutputAsync(string text) =>
        Facts.UntilAsync(
            () =>
            {
                lock (_output) return _output.ToString();
            },
            seen => seen.Contains(text, StringComparison.Ordinal),
            $"'{text}' on the screen");

    public void Type(string text)
    {
        _process.StandardInput.Write(text);
        _process.StandardInput.Flush();
    }

    public void CloseInput() => _process.StandardInput.Close();

    public void Signal(int signal) => Signal(_process.Id, signal);

    public static void Signal(int pid, int signal) => _ = Kill(pid, signal);

    public async Task<int> ExitAsync()
    {
        using var patience = new CancellationTokenSource(Conversation.Patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
    }

    private async Task Read(StreamReader reader)
    {
        char[] chunk = new char[4096];
        while (await reader.ReadAsync(chunk) is var count and > 0)
            lock (_output) _output.Append(chunk, 0, count);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
