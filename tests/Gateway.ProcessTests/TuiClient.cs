using System.Diagnostics;
using System.Text.Json;
using Gateway.Tests.Shared;

namespace Gateway.ProcessTests;

/// <summary>The stand-in for the Hermes TUI (tests/tui-client) playing one scenario against a gateway.</summary>
internal sealed class TuiClient : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task _errors;
    private readonly List<string> _errorLines = [];

    private TuiClient(Process process)
    {
        _process = process;
        process.StandardInput.Close();
        _output = process.StandardOutput.ReadToEndAsync();
        _errors = Task.Run(ReadErrors);
    }

    /// <summary>Starts it; the test is skipped where there is no Node.</summary>
    /// <param name="stage">Home directory and model.</param>
    /// <param name="scenario">What the user does.</param>
    /// <param name="gateway">The gateway; the binary under test unless given.</param>
    /// <param name="environment">More variables for client and gateway.</param>
    public static TuiClient Start(Stage stage, string scenario, string? gateway = null, params (string Name, string Value)[] environment)
    {
        string? node = stage.Environment["PATH"].Split(':').Select(folder => Path.Combine(folder, "node")).FirstOrDefault(File.Exists);
        if (node is null) Skip.Test("node is not on the PATH, and the TUI client is written for it");
        gateway ??= GatewayProcess.Binary;
        if (!File.Exists(gateway)) throw new FileNotFoundException("dist/tui-gateway is missing; run ./publish.sh first", gateway);
        var start = new ProcessStartInfo(node!, [Script("client.mjs"), scenario])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = stage.Home,
        };
        start.Environment.Clear();
        foreach (var (name, value) in stage.Environment) start.Environment[name] = value;
        start.Environment["HERMES_PYTHON"] = gateway;
        start.Environment["HERMES_CWD"] = stage.Work;
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return new TuiClient(Process.Start(start)!);
    }

    /// <summary>Path of one of its files.</summary>
    public static string Script(string name) => Path.Combine(Stage.RepositoryRoot, "tests", "tui-client", name);

    /// <summary>Waits until the scenario has come to a point it marks.</summary>
    public Task WaitForMarkAsync(string mark) => Facts.UntilAsync(
        () =>
        {
            lock (_errorLines) return _errorLines.Contains($"mark: {mark}") || _process.HasExited;
        },
        there => there,
        $"the client to mark '{mark}'");

    /// <summary>Waits for the end of the scenario, whatever came of it.</summary>
    public async Task<TuiReport> ReportAsync()
    {
        using var patience = new CancellationTokenSource(Conversation.Patience);
        string output = await _output.WaitAsync(patience.Token);
        await _process.WaitForExitAsync(patience.Token);
        await _errors;
        if (output.Length == 0) throw new InvalidOperationException("the client printed nothing: " + string.Join('\n', _errorLines));
        using var document = JsonDocument.Parse(output);
        return new TuiReport(document.RootElement.Clone());
    }

    /// <summary>Waits for the end of a scenario that must go well: it got through, the gateway sent nothing it must not
    /// send, no message bounced, and the gateway ended with status 0 and is gone.</summary>
    public async Task<TuiReport> SuccessAsync()
    {
        var report = await ReportAsync();
        await Assert.That(report.Text("failure")).IsEqualTo("null").Because(report.ToString());
        await Assert.That(report.Text("violations")).IsEqualTo("[]").Because(report.ToString());
        await Assert.That(report.Text("requeued")).IsEqualTo("[]").Because(report.ToString());
        await Assert.That(report.Text("queue")).IsEqualTo("[]").Because(report.ToString());
        await Assert.That(report.Text("exit.code")).IsEqualTo("0").Because(report.ToString());
        await Assert.That(report.Text("exit.gone")).IsEqualTo("true").Because(report.ToString());
        return report;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _errors;
        _process.Dispose();
    }

    private async Task ReadErrors()
    {
        while (await _process.StandardError.ReadLineAsync() is string line)
            lock (_errorLines) _errorLines.Add(line);
    }
}

/// <summary>What the client printed at its end.</summary>
internal sealed class TuiReport(JsonElement root)
{
    /// <summary>The value at a path of names and indices such as <c>state.overlay</c>.</summary>
    public JsonElement At(string path) => path.Split('.').Aggregate(
        root, (element, name) => int.TryParse(name, out int index) ? element[index] : element.GetProperty(name));

    /// <summary>The value at a path as compact JSON.</summary>
    public string Text(string path) => At(path).GetRawText();

    /// <summary>Names of all frames, in order.</summary>
    public IReadOnlyList<string> Trace => [.. At("trace").EnumerateArray().Select(frame => frame.GetString()!)];

    /// <summary>Rows of the conversation, each as <c>role: text</c>.</summary>
    public IReadOnlyList<string> Rows =>
        [.. At("state.transcript").EnumerateArray().Select(row => $"{row.GetProperty("role").GetString()}: {row.GetProperty("text").GetString()}")];

    /// <inheritdoc/>
    public override string ToString() => root.GetRawText();
}
