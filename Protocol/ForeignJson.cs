using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Gateway.Display;

namespace Gateway.Protocol;

/// <summary>JSON text that other programs wrote, on its way into a frame.</summary>
internal static class ForeignJson
{
    /// <summary>Makes of JSON text what may stand in a frame: one line for every reader of lines, and every text in it real
    /// text with nothing that a terminal would carry out. Values, their order and the spelling of numbers stay.</summary>
    /// <param name="json">The text; its bytes may be changed.</param>
    /// <returns>Null when it is no JSON object, or nested deeper than requests may be.</returns>
    public static byte[]? OnOneLine(byte[] json)
    {
        if (!Utf8.IsValid(json)) return null;
        var whole = LoneSurrogates.Replace(json);
        byte[] result = whole == json ? json : whole.ToArray();
        try
        {
            var reader = new Utf8JsonReader(result, new JsonReaderOptions { MaxDepth = RequestFrame.MaxDepth });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            result = WithVisibleTexts(result, ref reader);
        }
        catch (JsonException)
        {
            return null;
        }

        // Inside texts these are always escaped, so what is left stands between tokens.
        result.AsSpan().Replace((byte)'\n', (byte)' ');
        result.AsSpan().Replace((byte)'\r', (byte)' ');
        return result;
    }

    // Copies what lies between the texts that have to change, so that everything else keeps its spelling.
    private static byte[] WithVisibleTexts(byte[] json, ref Utf8JsonReader reader)
    {
        ArrayBufferWriter<byte>? result = null;
        int kept = 0;
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName)) continue;
            if (!reader.ValueIsEscaped && !reader.ValueSpan.ContainsAnyExceptInRange((byte)' ', (byte)'~')) continue;
            string text = reader.GetString()!, visible = VisibleText.Of(text);
            if (ReferenceEquals(text, visible)) continue;
            result ??= new ArrayBufferWriter<byte>(json.Length + 256);
            int start = (int)reader.TokenStartIndex + 1;
            result.Write(json.AsSpan(kept, start - kept));
            result.Write(JsonEncodedText.Encode(visible, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
            kept = start + reader.ValueSpan.Length;
        }

        if (result is null) return json;
        result.Write(json.AsSpan(kept));
        return result.WrittenSpan.ToArray();
    }
}
