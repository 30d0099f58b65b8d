using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

// The newest revision of the protocol gives sampling up; servers of the ones before go on using it.
#pragma warning disable MCP9005

namespace Gateway.Mcp;

/// <summary>What a server may ask of us. Only what is handled here is offered to it.</summary>
internal static class McpHandlers
{
    /// <summary>How we introduce ourselves to a server.</summary>
    /// <param name="server">The server.</param>
    /// <param name="sampling">Answers for the model; null when the server may not ask it.</param>
    /// <param name="elicitation">Asks the user; null when the server may not.</param>
    /// <param name="toolsChanged">The server has other tools now; returns at once.</param>
    public static McpClientOptions Options(McpServerConfig server, McpSampling? sampling, McpElicitation? elicitation, Action toolsChanged) => new()
    {
        ClientInfo = new Implementation { Name = "tui-gateway", Version = "1" },
        InitializationTimeout = server.ConnectTimeout,

        // A login that is renewed must not be cut off: its old token is worthless then, and the new one lost.
        DiscoverProbeTimeout = server.OAuth is null ? TimeSpan.FromSeconds(5) : server.ConnectTimeout,

        // Addresses to open are not shown to anybody, so only forms are offered.
        Capabilities = new ClientCapabilities
        {
            Sampling = sampling is null ? null : new SamplingCapability { Tools = sampling.OffersTools ? new SamplingToolsCapability() : null },
            Elicitation = elicitation is null ? null : new ElicitationCapability { Form = new FormElicitationCapability() },
        },
        Handlers = new McpClientHandlers
        {
            NotificationHandlers = [new(NotificationMethods.ToolListChangedNotification, (_, _) =>
            {
                toolsChanged();
                return ValueTask.CompletedTask;
            })],
            SamplingHandler = sampling is null ? null : (request, _, cancellationToken) => sampling.AnswerAsync(request!, cancellationToken),
            ElicitationHandler = elicitation is null ? null : (request, cancellationToken) => elicitation.AnswerAsync(request!, cancellationToken),
        },
    };
}
