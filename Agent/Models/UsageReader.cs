using System.Text.Json;

namespace Gateway.Agent.Models;

/// <summary>Reads the usage objects of the wire formats into the canonical buckets (AGENT.md section 20).</summary>
internal static class UsageReader
{
    /// <summary>Reads a chat-completions usage object; the reader stands on its start and ends on its end.</summary>
    public static TokenUsage ReadChat(ref Utf8JsonReader reader)
    {
        long prompt = 0, completion = 0, cached = 0, written = 0, topCached = 0, topWritten = 0, reasoning = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("prompt_tokens"u8))
            {
                prompt = Number(ref reader);
            }
            else if (reader.ValueTextEquals("completion_tokens"u8))
            {
                completion = Number(ref reader);
            }
            else if (reader.ValueTextEquals("cache_read_input_tokens"u8) || reader.ValueTextEquals("prompt_cache_hit_tokens"u8))
            {
                topCached = Number(ref reader);
            }
            else if (reader.ValueTextEquals("cache_creation_input_tokens"u8))
            {
                topWritten = Number(ref reader);
            }
            else if (reader.ValueTextEquals("prompt_tokens_details"u8))
            {
                (cached, written) = Details(ref reader, "cached_tokens"u8, "cache_write_tokens"u8);
            }
            else if (reader.ValueTextEquals("completion_tokens_details"u8) || reader.ValueTextEquals("output_tokens_details"u8))
            {
                (reasoning, _) = Details(ref reader, "reasoning_tokens"u8, default);
            }
            else
            {
                reader.Skip();
            }
        }

        cached = cached != 0 ? cached : topCached;
        written = written != 0 ? written : topWritten;
        var input = Math.Max(0, prompt - cached - written);
        return new TokenUsage(input, completion, cached, written, reasoning, Calls: 1, LastPrompt: input + cached + written);
    }

    /// <summary>Reads an Anthropic usage object over what is known already: it comes in pieces, later ones with fewer members.</summary>
    public static TokenUsage ReadAnthropic(ref Utf8JsonReader reader, TokenUsage known)
    {
        var (input, output, read, written) = (known.Input, known.Output, known.CacheRead, known.CacheWrite);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("input_tokens"u8))
            {
                input = Math.Max(input, Number(ref reader));
            }
            else if (reader.ValueTextEquals("output_tokens"u8))
            {
                output = Math.Max(output, Number(ref reader));
            }
            else if (reader.ValueTextEquals("cache_read_input_tokens"u8))
            {
                read = Math.Max(read, Number(ref reader));
            }
            else if (reader.ValueTextEquals("cache_creation_input_tokens"u8))
            {
                written = Math.Max(written, Number(ref reader));
            }
            else
            {
                reader.Skip();
            }
        }

        return new TokenUsage(input, output, read, written, 0, Calls: 1, LastPrompt: input + read + written);
    }

    /// <summary>Reads a Responses usage object; the reader stands on its start and ends on its end.</summary>
    public static TokenUsage ReadResponses(ref Utf8JsonReader reader)
    {
        long prompt = 0, output = 0, cached = 0, written = 0, reasoning = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("input_tokens"u8))
            {
                prompt = Number(ref reader);
            }
            else if (reader.ValueTextEquals("output_tokens"u8))
            {
                output = Number(ref reader);
            }
            else if (reader.ValueTextEquals("input_tokens_details"u8))
            {
                (cached, written) = Details(ref reader, "cached_tokens"u8, "cache_creation_tokens"u8);
            }
            else if (reader.ValueTextEquals("output_tokens_details"u8))
            {
                (reasoning, _) = Details(ref reader, "reasoning_tokens"u8, default);
            }
            else
            {
                reader.Skip();
            }
        }

        var input = Math.Max(0, prompt - cached - written);
        return new TokenUsage(input, output, cached, written, reasoning, Calls: 1, LastPrompt: input + cached + written);
    }

    private static (long First, long Second) Details(ref Utf8JsonReader reader, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        long a = 0, b = 0;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return default;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(first))
            {
                a = Number(ref reader);
            }
            else if (!second.IsEmpty && reader.ValueTextEquals(second))
            {
                b = Number(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return (a, b);
    }

    // Some servers write 12.0; anything that is no number counts as nothing.
    private static long Number(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.Number)
        {
            reader.Skip();
            return 0;
        }

        return reader.TryGetInt64(out var whole) ? Math.Max(0, whole)
            : reader.TryGetDouble(out var real) && real is > 0 and < 1e15 ? (long)real
            : 0;
    }
}
