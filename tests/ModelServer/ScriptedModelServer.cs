using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using ModelServer.Requests;
using ModelServer.Script;

namespace ModelServer;

/// <summary>A model provider that says what a script tells it to, on a loopback port.</summary>
public sealed class ScriptedModelServer : IAsyncDisposable
{
    /// <summary>How long the waiting helpers wait before they say what is missing; no test passes or fails by its length.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly WebApplication _app;
    private readonly ModelEndpoints _endpoints;
    private readonly Gates _gates;
    private readonly CancellationTokenSource _stopping;

    private ScriptedModelServer(WebApplication app, ModelEndpoints endpoints, Gates gates, CancellationTokenSource stopping)
    {
        _app = app;
        _endpoints = endpoints;
        _gates = gates;
        _stopping = stopping;
        Url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
    }

    /// <summary>Root of the server, <c>http://127.0.0.1:PORT</c>.</summary>
    public string Url { get; }

    /// <summary>Every request so far, in order of arrival.</summary>
    public IReadOnlyList<RecordedRequest> Requests => _endpoints.Requests;

    /// <summary>Those requests that asked a model.</summary>
    public IReadOnlyList<RecordedRequest> ModelCalls => [.. Requests.Where(request => request.IsModelCall)];

    /// <summary>Clients that left before their reply was over.</summary>
    public int Disconnects => _endpoints.Disconnects.Count;

    /// <summary>Starts a server for one script.</summary>
    /// <param name="script">What it says.</param>
    /// <param name="port">Port on 127.0.0.1; 0 takes a free one.</param>
    public static async Task<ScriptedModelServer> StartAsync(ModelScript script, int port = 0)
    {
        var gates = new Gates();
        var stopping = new CancellationTokenSource();
        var endpoints = new ModelEndpoints(script, gates, stopping.Token);

        // The empty builder: no configuration from files or environment, no logging, no signal handlers.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            // A client that reads slowly or not at all is part of what is tested.
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
        });
        // With next to no buffer a flush ends when the kernel has the bytes, so that a drop cannot overtake them.
        builder.WebHost.UseSockets(sockets => sockets.MaxWriteBufferSize = 2);

        WebApplication app = builder.Build();
        app.Run(endpoints.AnswerAsync);
        await app.StartAsync();
        return new ScriptedModelServer(app, endpoints, gates, stopping);
    }

    /// <summary>Waits until so many model calls have been received, and returns all requests.</summary>
    public async Task<IReadOnlyList<RecordedRequest>> WaitForRequestsAsync(int count, CancellationToken cancellationToken = default)
    {
        await WaitAsync(_endpoints.Received.ReachAsync(count), $"{count} requests", cancellationToken);
        return Requests;
    }

    /// <summary>Waits until so many clients have left before their reply was over.</summary>
    public Task WaitForDisconnectAsync(int count = 1, CancellationToken cancellationToken = default) =>
        WaitAsync(_endpoints.Disconnects.ReachAsync(count), $"{count} disconnects", cancellationToken);

    /// <summary>Waits until a reply stands at this gate.</summary>
    public Task WaitForGateAsync(string name, CancellationToken cancellationToken = default) =>
        WaitAsync(_gates.ReachedAsync(name), $"a reply at the gate \"{name}\"", cancellationToken);

    /// <summary>Lets replies pass this gate, now and later.</summary>
    public void OpenGate(string name) => _gates.Open(name);

    /// <summary>Ends replies that are still going on, and the server.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        // No grace: whoever still holds a connection is a client under test.
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task WaitAsync(Task awaited, string what, CancellationToken cancellationToken)
    {
        try
        {
            await awaited.WaitAsync(s_patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Waited for {what}; saw {Requests.Count} requests and {Disconnects} disconnects.");
        }
    }
}
