using System.Text.Json;
using System.Text.Unicode;

namespace Gateway.Tests.Shared;

/// <summary>What the strictest of clients demands of a frame: one line for every reader of lines, valid UTF-8, one JSON
/// object, every text in it real text.</summary>
public static class StrictFrame
{
    /// <summary>What is wrong with a frame; null when nothing is.</summary>
    public static string? ProblemOf(ReadOnlySpan<byte> frame)
    {
        if (frame.IsEmpty || frame[^1] != '\n') return "no newline at the end";
        if (frame[..^1].IndexOfAny((byte)'\n', (byte)'\r') >= 0) return "a line break inside";
        if (frame.IndexOf("\u2028"u8) >= 0 || frame.IndexOf("\u2029"u8) >= 0) return "a Unicode line break inside";
        if (!Utf8.IsValid(frame)) return "not UTF-8";
        if (frame[0] != '{') return "no object";
        try
        {
            var reader = new Utf8JsonReader(frame, new JsonReaderOptions { MaxDepth = 2000 });
            while (reader.Read())
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName) _ = reader.GetString();
            return null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return exception.Message;
        }
    }
}
