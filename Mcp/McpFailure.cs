using System.Net;
using System.Text.Json;
using Gateway.Config;
using Gateway.Processes;
using ModelContextProtocol;

namespace Gateway.Mcp;

/// <summary>What goes wrong with servers: which failures are theirs, and how they are put to people.</summary>
internal static class McpFailure
{
    private const int LongestMessage = 300;

    /// <summary>Whether a server, or the way to it, can cause this; anything else is a bug of ours.</summary>
    public static bool IsExpected(Exception exception) => exception is IOException or TimeoutException or OperationCanceledException or HttpRequestException or JsonException
        or McpException or McpBlockedException or ChildStartException or InvalidOperationException or ObjectDisposedException or ArgumentException or NotSupportedException or UnauthorizedAccessException or FormatException;

    /// <summary>Whether a server on the network is not there any more, or does not know us any more.</summary>
    public static bool IsLoss(Exception exception) => exception is HttpRequestException { StatusCode: null or HttpStatusCode.NotFound or HttpStatusCode.Unauthorized };

    /// <summary>The failure in words.</summary>
    public static string Words(Exception exception) => exception switch
    {
        ChildStartException or McpBlockedException or McpFloodException or McpCertificateException or TimeoutException or PlatformNotSupportedException => exception.Message,
        OperationCanceledException => "the connection was given up",
        HttpRequestException { StatusCode: { } status } => $"HTTP {(int)status}{(status == HttpStatusCode.Unauthorized ? ", a login is needed" : "")}",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "its certificate is not trusted; ssl_verify can name the file of those that are",
        HttpRequestException => "it cannot be reached",
        McpException => SecretMask.Redact(exception.Message.Length > LongestMessage ? exception.Message[..LongestMessage] : exception.Message),
        IOException => "it ended or closed the connection",
        _ => "it does not speak the protocol",
    };
}
