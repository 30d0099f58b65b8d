using System.Net.Sockets;
using System.Security.Authentication;

namespace Gateway.Agent.Models;

/// <summary>Says in words for people why a connection to a model failed.</summary>
internal static class ConnectionFailure
{
    /// <summary>The connection ended in the middle of an answer.</summary>
    public static ModelError Dropped =>
        new(ModelErrorKind.Timeout, "The connection to the model endpoint was closed before the answer was complete.") { Disconnected = true };

    /// <summary>The error for what the network threw.</summary>
    /// <param name="failure">What it threw.</param>
    /// <param name="uri">Where the request went.</param>
    public static ModelError Explain(Exception failure, Uri? uri)
    {
        var host = uri?.Host ?? "the endpoint";
        var kind = failure is HttpRequestException request ? request.HttpRequestError : HttpRequestError.Unknown;
        var timedOut = failure is SocketException { SocketErrorCode: SocketError.TimedOut }
            || failure.InnerException is SocketException { SocketErrorCode: SocketError.TimedOut } or TimeoutException;
        var refused = failure.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused };
        var message = kind switch
        {
            _ when timedOut => $"Connecting to {host} took too long.",
            _ when refused => $"Nothing answers at {host} port {uri?.Port} (connection refused).",
            HttpRequestError.NameResolutionError => $"The name {host} could not be resolved.",
            HttpRequestError.ConnectionError => $"No connection to {host} could be made.",
            _ when failure is AuthenticationException || failure.InnerException is AuthenticationException => $"No secure connection to {host} could be made (TLS).",
            HttpRequestError.SecureConnectionError => $"No secure connection to {host} could be made (TLS).",
            HttpRequestError.ProxyTunnelError => $"The proxy did not let the connection to {host} through.",
            HttpRequestError.InvalidResponse => $"{host} did not answer with valid HTTP.",
            _ => null,
        };
        return message is null ? Dropped : new ModelError(ModelErrorKind.Timeout, message);
    }
}
