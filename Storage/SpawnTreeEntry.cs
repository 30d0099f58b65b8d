using System.Text.Json;

namespace Gateway.Storage;

/// <summary>What lists show of a stored tree of sub-agents.</summary>
/// <param name="Path">Absolute path of its file.</param>
/// <param name="SessionId">The id it was saved under, "" if none.</param>
/// <param name="StartedAt">Unix seconds; null when unknown.</param>
/// <param name="FinishedAt">Unix seconds.</param>
/// <param name="Label">Words for people, "" if none.</param>
/// <param name="Count">Sub-agents in it.</param>
internal sealed record SpawnTreeEntry(string Path, string SessionId, double? StartedAt, double FinishedAt, string Label, long Count)
{
    // As deep as what a client may send; deeper trees could not be loaded.
    private const int MaxDepth = 512;

    /// <summary>Reads a line of an index, or a whole tree, which has the same members but for its sub-agents instead of their
    /// number. Nothing is kept but what is returned.</summary>
    /// <param name="json">JSON text, valid or not.</param>
    /// <returns>Null when it is no such thing. A path that it does not name is "", a time 0.</returns>
    public static SpawnTreeEntry? Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        var entry = new SpawnTreeEntry("", "", null, 0, "", 0);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName) entry = entry.With(ref reader);
            while (reader.Read())
            {
            }

            return entry;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The second is for half a surrogate pair, which is valid JSON but no text.
            return null;
        }
    }

    private SpawnTreeEntry With(ref Utf8JsonReader reader)
    {
        string name = reader.GetString()!;
        reader.Read();
        switch (name)
        {
            case "path":
                return this with { Path = Text(ref reader) };
            case "session_id":
                return this with { SessionId = Text(ref reader) };
            case "label":
                return this with { Label = Text(ref reader) };
            case "started_at":
                return this with { StartedAt = Number(ref reader) };
            case "finished_at":
                return this with { FinishedAt = Number(ref reader) ?? 0 };
            case "count":
                return this with { Count = (long)Math.Clamp(Number(ref reader) ?? 0, 0, int.MaxValue) };
            case "subagents":
                return this with { Count = Elements(ref reader) };
            default:
                reader.Skip();
                return this;
        }
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String) return reader.GetString()!;
        reader.Skip();
        return "";
    }

    private static double? Number(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out double number) && double.IsFinite(number)) return number;
        reader.Skip();
        return null;
    }

    private static long Elements(ref Utf8JsonReader reader)
    {
        long count = 0;
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return count;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            reader.Skip();
            count++;
        }

        return count;
    }
}
