using System.Text;
using Gateway.Config;
using Gateway.Diagnostics;
using Gateway.Rpc;
using Gateway.Tests.Shared;
using Gateway.Transport;

namespace Gateway.Tests;

/// <summary>The real loop in memory: dispatcher, lanes, sessions and engine, with a stage instead of a machine.</summary>
public sealed class GatewayHarness : IGatewayClient
{
    private readonly QueuedLines _input = new();
    private readonly GatewayServer _server;
    private readonly Thread _loop;

    public GatewayHarness(Stage stage)
        : this(stage, null)
    {
    }

    /// <summary>Takes its lines from elsewhere than <see cref="Send(string)"/>; the source must end.</summary>
    internal GatewayHarness(Stage stage, ILineSource? input)
    {
        var environment = new GatewayEnvironment(stage.Environment, stage.Work, stage.Home);
        var log = new GatewayLog(() => Path.Combine(stage.Home, "logs"), SecretMask.Redact);
        var outbox = new Outbox(new MemoryTransport(frame => Conversation.Received(frame)));
        Greeting.Send(outbox, environment);
        _server = new GatewayServer(environment, log, TimeProvider.System, outbox);
        _loop = new Thread(() => _server.Serve(input ?? _input)) { IsBackground = true, Name = "dispatcher" };
        _loop.Start();
    }

    public Conversation Conversation { get; } = new();

    internal RouteTable Table => _server.Table;

    public void Send(string line) => Send(Encoding.UTF8.GetBytes(line));

    public void Send(ReadOnlySpan<byte> line) => _input.Put(line);

    public ValueTask DisposeAsync()
    {
        _input.End();
        _loop.Join();
        _server.Shutdown(TimeSpan.FromSeconds(2), drain: false);
        _server.Dispose();
        return ValueTask.CompletedTask;
    }
}
