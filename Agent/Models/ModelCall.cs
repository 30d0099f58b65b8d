using System.Net.ServerSentEvents;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using Gateway.Config;

namespace Gateway.Agent.Models;

/// <summary>Reads the events of one wire format into a reply. One instance serves one call.</summary>
internal interface IEventReader : IDisposable
{
    /// <summary>Whether the provider has said that the answer is complete.</summary>
    bool Done { get; }

    /// <summary>An error the provider sent inside the answer; null while there is none.</summary>
    ModelError? Error { get; }

    /// <summary>Takes the data of one event, or a whole answer that is not a stream.</summary>
    /// <exception cref="JsonException">The data is not JSON.</exception>
    void Read(ReadOnlySpan<byte> data);

    /// <summary>No more events will come: finishes what needs the whole answer.</summary>
    void Finish();
}

/// <summary>The part of a model call that all wire formats share: send, tell errors apart, read events under the call's limits.</summary>
internal static class ModelCall
{
    private const int LargestErrorBody = 64 * 1024;

    /// <summary>Runs a call to its end. A stream that breaks before it has brought anything is asked for again at once.</summary>
    /// <param name="http">Connections.</param>
    /// <param name="endpoint">Where the request goes; its timeouts apply.</param>
    /// <param name="newMessage">Makes the request; disposed here.</param>
    /// <param name="promptBytes">Size of the request body: long prompts may take longer to the first event.</param>
    /// <param name="connectTimeout">Limit for connecting.</param>
    /// <param name="newReader">Makes what takes the events; disposed here.</param>
    /// <param name="reply">What the reader fills.</param>
    /// <param name="cancellationToken">The user's interruption.</param>
    /// <exception cref="ModelException">The call failed.</exception>
    /// <exception cref="OperationCanceledException">The user interrupted.</exception>
    public static async Task RunAsync(
        ModelHttp http,
        ModelEndpoint endpoint,
        Func<HttpRequestMessage> newMessage,
        int promptBytes,
        TimeSpan connectTimeout,
        Func<IEventReader> newReader,
        ReplyAssembler reply,
        CancellationToken cancellationToken)
    {
        for (var retries = 0; ; retries++)
        {
            using var reader = newReader();
            try
            {
                await TryAsync(http, endpoint, newMessage(), promptBytes, connectTimeout, reader, reply, cancellationToken);
                return;
            }
            catch (ModelException failure) when (failure.Error.StreamBroke && retries < endpoint.StreamRetries && !cancellationToken.IsCancellationRequested)
            {
                if (!reply.StartAgain())
                {
                    throw;
                }
            }
        }
    }

    private static async Task TryAsync(
        ModelHttp http,
        ModelEndpoint endpoint,
        HttpRequestMessage message,
        int promptBytes,
        TimeSpan connectTimeout,
        IEventReader reader,
        ReplyAssembler reply,
        CancellationToken cancellationToken)
    {
        var answered = false;
        using var clock = new CallClock(endpoint.RequestTimeout, endpoint.ReadTimeout, StaleTimeout(endpoint, promptBytes), http.Time, cancellationToken);
        using (message)
        {
            try
            {
                using var response = await http.SendAsync(message, connectTimeout, clock.Token);
                clock.Heard();
                if (!response.IsSuccessStatusCode)
                {
                    throw new ModelException(await ReadErrorAsync(response, endpoint, clock, http.Time));
                }

                answered = true;
                await ReadBodyAsync(response, clock, reader, reply);
            }
            catch (OperationCanceledException) when (clock.Expired() is { } expired)
            {
                throw new ModelException(expired);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // The connection limit of the shared handler looks like a cancellation.
                throw new ModelException(new ModelError(ModelErrorKind.Timeout, $"Connecting to {message.RequestUri?.Host} took too long."));
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException or SocketException or AuthenticationException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw new ModelException(clock.Expired() ?? ConnectionFailure.Explain(failure, message.RequestUri) with { StreamBroke = answered });
            }
            catch (Exception failure) when (failure is JsonException or InvalidOperationException)
            {
                throw new ModelException(new ModelError(ModelErrorKind.Malformed, "The endpoint's answer is not in the expected format."));
            }
        }
    }

    private static async Task ReadBodyAsync(HttpResponseMessage response, CallClock clock, IEventReader reader, ReplyAssembler reply)
    {
        await using var raw = await response.Content.ReadAsStreamAsync(clock.Token);
        await using var body = new BodyStream(raw, clock);
        var type = response.Content.Headers.ContentType?.MediaType;
        if (type != "text/event-stream")
        {
            switch (await body.PeekAsync())
            {
                case (byte)'{':
                    await ReadPlainAsync(body, clock, reader, reply);
                    return;
                case (byte)'<':
                    throw new ModelException(new ModelError(
                        ModelErrorKind.Format, "The endpoint answered with a web page instead of a model's reply; check the base URL.", (int)response.StatusCode));
            }
        }

        var parser = SseParser.Create(body, (_, data) =>
        {
            body.EventEnded();
            return Take(data, reader, reply);
        });
        await foreach (var item in parser.EnumerateAsync(clock.Token))
        {
            await reply.RoomAsync(clock);
            clock.Progressed();
            if (!item.Data)
            {
                break;
            }
        }

        lock (reply.Gate)
        {
            reader.Finish();
            reply.Complete();
        }

        ThrowIfFailed(reader);

        // A body of known extent that came to its proper end is an answer even when the server does not say so;
        // a body that ends with the connection may as well have been cut off.
        var framed = response.Headers.TransferEncodingChunked == true || response.Content.Headers.ContentLength is not null;
        if (!reader.Done && !framed)
        {
            throw new ModelException(ConnectionFailure.Dropped with { StreamBroke = true });
        }

        if (!reply.AnyContent && reply.FinishReason is null)
        {
            throw new ModelException(new ModelError(ModelErrorKind.Malformed, "The endpoint sent an answer without any content."));
        }
    }

    private static async Task ReadPlainAsync(BodyStream body, CallClock clock, IEventReader reader, ReplyAssembler reply)
    {
        var bytes = await ReadUpToAsync(body, int.MaxValue, clock);
        ReadOnlyMemory<byte> data = bytes;
        if (data.Span.StartsWith("\uFEFF"u8))
        {
            data = data[3..];
        }

        lock (reply.Gate)
        {
            if (!reply.Abandoned)
            {
                reader.Read(data.Span);
                reader.Finish();
                reply.Complete();
            }
        }

        ThrowIfFailed(reader);
        if (!reply.AnyContent && reply.FinishReason is null)
        {
            throw new ModelException(new ModelError(ModelErrorKind.Malformed, "The endpoint sent an answer without any content."));
        }
    }

    /// <summary>Takes one event; false ends the stream.</summary>
    private static bool Take(ReadOnlySpan<byte> data, IEventReader reader, ReplyAssembler reply)
    {
        lock (reply.Gate)
        {
            if (reply.Abandoned)
            {
                return false;
            }

            if (data.IsEmpty)
            {
                return true;
            }

            reader.Read(data);
            return !reader.Done && reader.Error is null;
        }
    }

    private static void ThrowIfFailed(IEventReader reader)
    {
        if (reader.Error is { } error)
        {
            throw new ModelException(error);
        }
    }

    private static async Task<ModelError> ReadErrorAsync(HttpResponseMessage response, ModelEndpoint endpoint, CallClock clock, TimeProvider time)
    {
        var status = (int)response.StatusCode;
        if (status is >= 300 and < 400)
        {
            return new ModelError(ModelErrorKind.Format, "The endpoint redirects to another address; check the base URL.", status);
        }

        byte[] body;
        try
        {
            await using var raw = await response.Content.ReadAsStreamAsync(clock.Token);
            body = await ReadUpToAsync(raw, LargestErrorBody, clock);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            // The status is known; the words are a bonus.
            body = [];
        }

        var (message, code) = ErrorBody.Parse(body);
        var kind = ErrorClassifier.Classify(status, code, message);
        if (status == 404 && kind == ModelErrorKind.Unknown)
        {
            // Usually a path missing from or doubled in the base URL: waiting does not mend it.
            kind = ModelErrorKind.ModelNotFound;
            var host = response.RequestMessage?.RequestUri?.Host ?? "the endpoint";
            message = $"{host} does not know this address or the model {endpoint.Model}; check the base URL and the model's name."
                + (message.Length == 0 ? "" : $" It says: {message}");
        }

        var vague = ProviderError.IsVague(status, kind, message);
        message = message.Length == 0 ? ProviderError.WordsFor(status) : message;
        var wait = kind == ModelErrorKind.RateLimit ? ErrorClassifier.RetryAfter(response.Headers, time) : null;
        return new ModelError(kind, Redaction.Clean(message, endpoint.ApiKey), status, wait) { IsVague = vague };
    }

    private static async Task<byte[]> ReadUpToAsync(Stream stream, int limit, CallClock clock)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (bytes.Length < limit)
        {
            clock.Heard();
            var read = await stream.ReadAsync(buffer, clock.Token);
            if (read == 0)
            {
                break;
            }

            bytes.Write(buffer, 0, read);
        }

        return bytes.ToArray();
    }

    // Long prompts get more (AGENT.md 3.6). Bytes count as a quarter token.
    private static TimeSpan StaleTimeout(ModelEndpoint endpoint, int promptBytes)
    {
        var least = TimeSpan.FromSeconds(promptBytes switch
        {
            > 400_000 => 300,
            > 200_000 => 240,
            _ => 0,
        });
        return endpoint.StaleTimeout > TimeSpan.Zero && endpoint.StaleTimeout < least ? least : endpoint.StaleTimeout;
    }
}
