using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.Pipes;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Gateway.Tests.Shared;

namespace Gateway.ProcessTests;

/// <summary>What joins the client and the gateway.</summary>
public enum Channel
{
    /// <summary>One pipe each way.</summary>
    Pipes,

    /// <summary>One Unix stream socket each way, as Node gives its children.</summary>
    Sockets,
}

/// <summary>The published binary as a child over real pipes or sockets.</summary>
public sealed partial class GatewayProcess : IGatewayClient
{
    private readonly Process _process;
    private readonly Stream _input;
    private readonly PausableReader _reader;
    private readonly Task _output;
    private readonly Task _errors;
    private readonly ConcurrentQueue<string> _errorLines = new();

    private GatewayProcess(Process process, Stream input, Stream output, SafeHandle outputHandle)
    {
        _process = process;
        _input = input;
        _reader = new PausableReader(output, outputHandle);
        _output = Task.Factory.StartNew(ReadOutput, TaskCreationOptions.LongRunning);
        _errors = Task.Factory.StartNew(ReadErrors, TaskCreationOptions.LongRunning);
    }

    /// <summary>Path of the binary under test.</summary>
    public static string Binary => Path.Combine(Stage.RepositoryRoot, "dist", "tui-gateway");

    /// <inheritdoc/>
    public Conversation Conversation { get; } = new();

    /// <summary>Lines of standard error so far.</summary>
    public IReadOnlyCollection<string> ErrorLines => _errorLines;

    /// <summary>Process id.</summary>
    public int Id => _process.Id;

    /// <summary>Our end of its standard output.</summary>
    public int OutputDescriptor => _reader.Descriptor;

    /// <summary>Bytes that the gateway has written and we have not read.</summary>
    public int UnreadBytes => _reader.UnreadBytes;

    /// <summary>Starts the binary with the stage's environment.</summary>
    public static GatewayProcess Start(Stage stage, params string[] arguments)
    {
        RequireBinary();
        return StartThrough(stage, Binary, arguments);
    }

    /// <summary>Starts the binary with the stage's environment over a kind of channel.</summary>
    public static GatewayProcess Start(Stage stage, Channel channel) => channel == Channel.Pipes ? Start(stage) : StartOverSockets(stage);

    /// <summary>Starts a program that becomes the gateway with exec.</summary>
    public static GatewayProcess StartThrough(Stage stage, string program, params string[] arguments)
    {
        var process = StartProcess(stage, program, arguments);
        var output = (PipeStream)process.StandardOutput.BaseStream;
        return new GatewayProcess(process, process.StandardInput.BaseStream, output, output.SafePipeHandle);
    }

    /// <summary>Starts a shell command in which <c>$GATEWAY</c> is the path of the binary; it should end in <c>exec "$GATEWAY"</c>.</summary>
    public static GatewayProcess StartInShell(Stage stage, string command)
    {
        RequireBinary();
        return StartThrough(stage, "/bin/sh", "-c", $"GATEWAY='{Binary}'; {command}");
    }

    /// <inheritdoc/>
    public void Send(string line)
    {
        _input.Write(Encoding.UTF8.GetBytes(line + "\n"));
        _input.Flush();
    }

    /// <summary>Sends bytes as they are.</summary>
    public void SendBytes(ReadOnlySpan<byte> bytes)
    {
        _input.Write(bytes);
        _input.Flush();
    }

    /// <summary>Sends for as long as it goes well, on a thread of its own: the gateway may stop reading, or end.</summary>
    /// <param name="next">Gives the next line; null ends it.</param>
    public Task SendInBackground(Func<string?> next) => Task.Factory.StartNew(
        () =>
        {
            try
            {
                while (next() is string line) Send(line);
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                // It has ended.
            }
        },
        TaskCreationOptions.LongRunning);

    /// <summary>Closes our end of its standard input.</summary>
    public void CloseInput() => _input.Close();

    /// <summary>Reads nothing more until <see cref="ResumeReading"/>.</summary>
    public void PauseReading() => _reader.Pause();

    /// <summary>Reads on.</summary>
    public void ResumeReading() => _reader.Resume();

    /// <summary>Closes our end of its standard output.</summary>
    public void CloseOutput() => _reader.Close();

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

    /// <summary>Waits until everything that it wrote has been read: until no process holds its standard output open.</summary>
    public Task OutputEndAsync() => _output.WaitAsync(Conversation.Patience);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _reader.Resume();

        // A descendant may hold the descriptors; whether one does is for tests to say, with OutputEndAsync.
        await Task.WhenAny(Task.WhenAll(_output, _errors), Task.Delay(Conversation.Patience));
        _reader.Close();
        try
        {
            await _input.DisposeAsync();
        }
        catch (IOException)
        {
            // There was nobody left to take the rest.
        }

        _process.Dispose();
    }

    private static GatewayProcess StartOverSockets(Stage stage)
    {
        RequireBinary();
        string path = Path.Combine(stage.Home, "stdio.socket");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        var process = StartProcess(stage, Path.Combine(AppContext.BaseDirectory, "stdio_sockets"), path, Binary);
        process.StandardInput.Close();
        process.StandardOutput.Close();
        var input = listener.Accept();
        var output = listener.Accept();
        File.Delete(path);
        return new GatewayProcess(process, new NetworkStream(input, ownsSocket: true), new NetworkStream(output, ownsSocket: true), output.SafeHandle);
    }

    private static void RequireBinary()
    {
        if (!File.Exists(Binary)) throw new FileNotFoundException("dist/tui-gateway is missing; run ./publish.sh first", Binary);
    }

    private static Process StartProcess(Stage stage, string program, params string[] arguments)
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
        return Process.Start(start)!;
    }

    private void ReadOutput()
    {
        var pending = new List<byte>();
        byte[] chunk = new byte[65536];
        try
        {
            while (_reader.Read(chunk) is var count and > 0)
            {
                var rest = chunk.AsSpan(0, count);
                while (rest.IndexOf((byte)'\n') is var end and >= 0)
                {
                    pending.AddRange(rest[..(end + 1)]);
                    Conversation.Received(CollectionsMarshal.AsSpan(pending));
                    pending.Clear();
                    rest = rest[(end + 1)..];
                }

                pending.AddRange(rest);
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
    internal static partial int Kill(int pid, int signal);
}
