using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Gateway.Protocol;

/// <summary>JSON text that other programs wrote, on its way into a frame.</summary>
internal static class ForeignJson
{
    /// <summary>Makes of JSON text what may stand in a frame: one line for every reader of lines, and every text in it real
    /// text. Values, their order and the spelling of numbers stay.</summary>
    /// <param name="json">The text; its bytes may be changed.</param>
    /// <returns>Null when it is no JSON object, or nested deeper than requests may be.</returns>
    public static byte[]? OnOneLine(byte[] json)
    {
        if (!Utf8.IsValid(json)) return null;
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = RequestFrame.MaxDepth });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            while (reader.Read())
            {
            }
        }
        catch (JsonException)
        {
            return null;
        }

        // Inside texts these are always escaped, so what is left stands between tokens.
        json.AsSpan().Replace((byte)'\n', (byte)' ');
        json.AsSpan().Replace((byte)'\r', (byte)' ');
        var whole = LoneSurrogates.Replace(json);
        if (whole.IndexOf("\u2028"u8) >= 0 || whole.IndexOf("\u2029"u8) >= 0)
            return Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(whole).Replace("\u2028", "\\u2028").Replace("\u2029", "\\u2029"));
        return whole == json ? json : whole.ToArray();
    }
}
