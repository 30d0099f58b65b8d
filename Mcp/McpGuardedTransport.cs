using System.Threading.Channels;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Gateway.Mcp;

/// <summary>A transport to a server that may bring too much: counts what comes before anybody works on it, and ends the connection when it is
/// more than the server may.</summary>
/// <param name="inner">The transport to the server.</param>
/// <param name="traffic">Counts.</param>
internal sealed class McpGuardedTransport(IClientTransport inner, McpTraffic traffic) : IClientTransport
{
    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <inheritdoc/>
    public async Task<ITransport> ConnectAsync(CancellationToken cancellationToken = default) => new Session(await inner.ConnectAsync(cancellationToken), traffic);

    private sealed class Session : ITransport
    {
        private const int MostWaiting = 256;
        private const int MostSending = 256;

        // Answers must not take all connections to a server on the network, or its calls would wait.
        private const int AnswersAtOnce = 4;

        private readonly ITransport _inner;
        private readonly McpTraffic _traffic;
        private readonly Channel<JsonRpcMessage> _messages = Channel.CreateBounded<JsonRpcMessage>(new BoundedChannelOptions(MostWaiting) { SingleWriter = true, SingleReader = true });
        private readonly SemaphoreSlim _answering = new(AnswersAtOnce);
        private int _sending;

        public Session(ITransport inner, McpTraffic traffic)
        {
            (_inner, _traffic) = (inner, traffic);
            _ = PumpAsync();
        }

        public string? SessionId => _inner.SessionId;

        public ChannelReader<JsonRpcMessage> MessageReader => _messages.Reader;

        public async Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default)
        {
            if (message is not (JsonRpcResponse or JsonRpcError))
            {
                await SendAsync(message, cancellationToken);
                return;
            }

            await _answering.WaitAsync(cancellationToken);
            try
            {
                await SendAsync(message, cancellationToken);
            }
            finally
            {
                _answering.Release();
                _traffic.Answered(((JsonRpcMessageWithId)message).Id);
            }
        }

        public async ValueTask DisposeAsync()
        {
            _messages.Writer.TryComplete();
            await _inner.DisposeAsync();
        }

        private async Task SendAsync(JsonRpcMessage message, CancellationToken cancellationToken)
        {
            try
            {
                if (Interlocked.Increment(ref _sending) > MostSending) throw new IOException("the server does not read what it is sent");
                await _inner.SendMessageAsync(message, cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref _sending);
            }
        }

        private async Task PumpAsync()
        {
            try
            {
                while (_traffic.Reason is null && await _inner.MessageReader.WaitToReadAsync())
                {
                    while (_inner.MessageReader.TryRead(out var message) && _traffic.Take(message)) await _messages.Writer.WriteAsync(message);
                }

                _messages.Writer.TryComplete(_traffic.Reason is { } reason ? new McpFloodException(reason) : null);
            }
            catch (Exception exception) when (McpFailure.IsExpected(exception))
            {
                _messages.Writer.TryComplete(exception);
            }
        }
    }
}
