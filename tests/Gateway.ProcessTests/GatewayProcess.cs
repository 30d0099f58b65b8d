using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Gateway.Tests.Shared;

namespace Gateway.ProcessTests;

/// <summary>The published binary as a child over real pipes.</summary>
public sealed partial class GatewayProcess : IGatewayClient
{
    private readonly Process _process;
    private readonly Task _output;
    private readonly Task _errors;
    private readonly ConcurrentQueue<string> _errorLines = new();

    private GatewayProcess(Process process)
    {
        _process = process;
        _output = Task.Run(ReadOutput);
        _errors = Task.Run(ReadErrors);
    }

    /// <summary>Path of the binary under test.</summary>
    public static string Binary => Path.Combine(Stage.RepositoryRoot, "dist", "tui-gateway");

    /// <inheritdoc/>
    public Conversation Conversation { get; } = new();

    /// <summary>Lines of standard error so far.</summary>
    public IReadOnlyCollection<string> ErrorLines => _errorLines;

    /// <summary>Process id.</summary>
    public int Id => _process.Id;

    /// <summary>Starts the binary with the stage's environment.</summary>
    public static GatewayProcess Start(Stage stage, params string[] arguments)
    {
        if (!File.Exists(Binary)) throw new FileNotFoundException("dist/tui-gateway is missing; run ./publish.sh first", Binary);
        var start = new ProcessStartInfo(Binary, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = stage.Work,
        };
        start.Environment.Clear();
        foreach (var (name, value) in stage.Environment) start.Environment[name] = value;
        return new GatewayProcess(Process.Start(start)!);
    }

    /// <inheritdoc/>
    public void Send(string line)
    {
        _process.StandardInput.BaseStream.Write(Encoding.UTF8.GetBytes(line + "\n"));
        _process.StandardInput.BaseStream.Flush();
    }

    /// <summary>Sends bytes as they are.</summary>
    public void SendBytes(ReadOnlySpan<byte> bytes)
    {
        _process.StandardInput.BaseStream.Write(bytes);
        _process.StandardInput.BaseStream.Flush();
    }

    /// <summary>Closes our end of its standard input.</summary>
    public void CloseInput() => _process.StandardInput.Close();

    /// <summary>Sends a signal.</summary>
    public void Signal(int signal) => _ = Kill(_process.Id, signal);

    /// <summary>Waits for the end.</summary>
    /// <returns>Exit status; above 128 when ended by a signal.</returns>
    public async Task<int> ExitAsync()
    {
        using var patience = new CancellationTokenSource(Conversation.Patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"the gateway does not end\n{Conversation.Talk()}");
        }

        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await Task.WhenAll(_output, _errors);
        _process.Dispose();
    }

    private void ReadOutput()
    {
        var stream = _process.StandardOutput.BaseStream;
        var pending = new List<byte>();
        byte[] chunk = new byte[65536];
        try
        {
            while (stream.Read(chunk) is var count and > 0)
            {
                foreach (byte b in chunk.AsSpan(0, count))
                {
                    pending.Add(b);
                    if (b != '\n') continue;
                    Conversation.Received(CollectionsMarshal.AsSpan(pending));
                    pending.Clear();
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The test closed the pipe.
        }
        catch (System.Text.Json.JsonException)
        {
            Conversation.End("a line on standard output is not JSON: " + Encoding.UTF8.GetString([.. pending]));
            return;
        }

        Conversation.End(pending.Count == 0 ? "standard output ended" : "standard output ended inside a line");
    }

    private void ReadErrors()
    {
        while (_process.StandardError.ReadLine() is string line) _errorLines.Enqueue(line);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
