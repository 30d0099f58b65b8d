using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Gateway.Config;

namespace Gateway.Agent.Models;

/// <summary>What an endpoint's list of models says about each (AGENT.md 3.7 and 20). The members have as many names as there are servers.</summary>
internal sealed class ModelListing
{
    private const int LeastContext = 1024;
    private const int GreatestContext = 10_000_000;
    private const double Million = 1e6;

    private readonly Dictionary<string, Entry> _models = new(StringComparer.OrdinalIgnoreCase);

    // What is loaded counts before what the model was made for.
    private static ImmutableArray<string> ContextNames =>
    [
        "loaded_context_length", "context_length", "context_window", "max_context_length", "max_position_embeddings", "max_model_len", "max_input_tokens",
        "max_sequence_length", "max_seq_len", "n_ctx", "n_ctx_train", "ctx_size",
    ];

    private static ImmutableArray<string> Nests => ["meta", "top_provider", "limits", "capabilities", "model_info"];

    /// <summary>Reads <c>{"data":[…]}</c>, <c>{"models":[…]}</c> or the array by itself; anything else is an empty list.</summary>
    public static ModelListing Read(JsonElement root)
    {
        var listing = new ModelListing();
        foreach (var entry in Entries(root))
        {
            if ((Text(entry, "id") ?? Text(entry, "key") ?? Text(entry, "name")) is { Length: > 0 } id)
            {
                listing._models.TryAdd(id, new Entry(Context(entry), Prices(entry)));
            }
        }

        return listing;
    }

    /// <summary>What it says about a model: the entry of that name, else the only one there is.</summary>
    public (int? ContextLength, TokenPrices? Prices) Find(string model)
    {
        if (_models.TryGetValue(model, out var entry) || _models.TryGetValue(model + ":latest", out entry))
        {
            return (entry.ContextLength, entry.Prices);
        }

        // A server with one model answers to any name.
        return _models.Count == 1 ? (_models.Values.First().ContextLength, null) : (null, null);
    }

    /// <summary>The context window that an object names, in tokens; null when it names none that can be.</summary>
    public static int? Context(JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (var name in ContextNames)
        {
            if (entry.TryGetProperty(name, out var value) && Number(value) is >= LeastContext and <= GreatestContext and var tokens)
            {
                return (int)tokens;
            }
        }

        foreach (var nest in Nests)
        {
            if (entry.TryGetProperty(nest, out var inner) && Context(inner) is { } tokens)
            {
                return tokens;
            }
        }

        return null;
    }

    private static TokenPrices? Prices(JsonElement entry)
    {
        if (!entry.TryGetProperty("pricing", out var pricing) || pricing.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        // Prices that depend on the model which is chosen in the end are written as -1.
        return Price(pricing, "prompt", "input") is { } input && Price(pricing, "completion", "output") is { } output
            ? new TokenPrices(
                input * Million,
                output * Million,
                Price(pricing, "input_cache_read", "cache_read", "cached_input") * Million,
                Price(pricing, "input_cache_write", "cache_write", "cache_creation") * Million,
                Price(pricing, "request") ?? 0)
            : null;
    }

    private static double? Price(JsonElement pricing, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (pricing.TryGetProperty(name, out var value) && Number(value) is >= 0 and < 1 and var price)
            {
                return price;
            }
        }

        return null;
    }

    private static IEnumerable<JsonElement> Entries(JsonElement root)
    {
        if (root.ValueKind == JsonValueKind.Object)
        {
            root = root.TryGetProperty("data", out var data) ? data : root.TryGetProperty("models", out var models) ? models : default;
        }

        return root.ValueKind == JsonValueKind.Array ? root.EnumerateArray().Where(entry => entry.ValueKind == JsonValueKind.Object) : [];
    }

    private static double? Number(JsonElement value)
    {
        double number = 0;
        var known = value.ValueKind switch
        {
            JsonValueKind.Number => value.TryGetDouble(out number),
            JsonValueKind.String => double.TryParse(Text(value), NumberStyles.Float, CultureInfo.InvariantCulture, out number),
            _ => false,
        };
        return known && double.IsFinite(number) ? number : null;
    }

    private static string? Text(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? Text(value) : null;

    private static string? Text(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // Lone surrogates: no name that anybody asks for.
            return null;
        }
    }

    private sealed record Entry(int? ContextLength, TokenPrices? Prices);
}
