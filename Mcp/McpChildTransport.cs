using System.Threading.Channels;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Gateway.Mcp;

/// <summary>A transport to a server that may end at any time. A message goes out whole or not at all: half of one would take the next with it.
/// What nobody waits for an answer to may be lost with the server: the SDK sends some of it without looking at what becomes of it.</summary>
/// <param name="inner">The transport over the server's pipes.</param>
internal sealed class McpChildTransport(IClientTransport inner) : IClientTransport
{
    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <inheritdoc/>
    public async Task<ITransport> ConnectAsync(CancellationToken cancellationToken = default) => new Session(await inner.ConnectAsync(cancellationToken));

    private sealed class Session(ITransport inner) : ITransport
    {
        public string? SessionId => inner.SessionId;

        public ChannelReader<JsonRpcMessage> MessageReader => inner.MessageReader;

        public async Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default)
        {
            try
            {
                // The pipe is closed when the server ends, so this cannot wait for ever.
                await inner.SendMessageAsync(message, CancellationToken.None).OrGiveUpAsync(cancellationToken);
            }
            catch (IOException) when (message is not JsonRpcRequest)
            {
            }
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
