using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Agent.Models;

/// <summary>Whether the prompt is to be cached up to a place, and for how long.</summary>
internal enum CacheMark
{
    /// <summary>No marker here.</summary>
    None,

    /// <summary>As long as the provider does by itself, which is five minutes.</summary>
    Usual,

    /// <summary>For an hour.</summary>
    Hour,
}

/// <summary>What the request writers share.</summary>
internal static class RequestJson
{
    // Non-ASCII text as it is: smaller requests, and what other clients send.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Runs <paramref name="write"/> on a writer and returns the bytes.</summary>
    public static ReadOnlyMemory<byte> Build(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(16 * 1024);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            write(writer);
        }

        return buffer.WrittenMemory;
    }

    /// <summary>A POST of a JSON body that asks for an event stream.</summary>
    /// <exception cref="ModelException">The address is unusable.</exception>
    public static HttpRequestMessage Post(string address, ReadOnlyMemory<byte> body)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
        {
            throw new ModelException(new ModelError(ModelErrorKind.Local, "The model's base URL is not a valid http or https address."));
        }

        var message = new HttpRequestMessage(HttpMethod.Post, uri) { Content = new ReadOnlyMemoryContent(body) };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json", 0.9));
        return message;
    }

    /// <summary>Adds a header that carries the credential; a key that cannot be a header value is reported without showing it.</summary>
    public static void AddCredential(HttpRequestMessage message, string name, string value)
    {
        // The check is ours: the framework's exception would quote the value.
        foreach (var c in value)
        {
            if (c is < ' ' or > '~')
            {
                message.Dispose();
                throw new ModelException(new ModelError(ModelErrorKind.Auth, "The API key contains characters that a key cannot have; set it again."));
            }
        }

        message.Headers.TryAddWithoutValidation(name, value);
    }

    /// <summary>The marker that a request wants on its system prompt and its last messages (AGENT.md 3.5).</summary>
    public static CacheMark MarkOf(ModelRequest request) => !ModelTraits.WantsCacheMarkers(request.Endpoint) ? CacheMark.None
        : request.Settings.CachesForAnHour ? CacheMark.Hour
        : CacheMark.Usual;

    /// <summary>The marker that lets a provider cache the prompt up to here; nothing for <see cref="CacheMark.None"/>.</summary>
    public static void WriteCacheControl(Utf8JsonWriter writer, CacheMark mark)
    {
        if (mark == CacheMark.None)
        {
            return;
        }

        writer.WriteStartObject("cache_control"u8);
        writer.WriteString("type"u8, "ephemeral"u8);
        if (mark == CacheMark.Hour)
        {
            writer.WriteString("ttl"u8, "1h"u8);
        }

        writer.WriteEndObject();
    }

    /// <summary>A <c>{"type":"text"}</c> part.</summary>
    public static void WriteTextPart(Utf8JsonWriter writer, string text, CacheMark mark)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "text"u8);
        writer.WriteString("text"u8, text);
        WriteCacheControl(writer, mark);
        writer.WriteEndObject();
    }
}
