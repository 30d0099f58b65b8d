using System.Text.Json;

namespace Gateway.Tests.Shared;

/// <summary>Subset matching of JSON: every member the pattern names must be there and match; others may be.
/// A text <c>$name</c> captures a value the first time and demands it afterwards, <c>$*</c> matches anything,
/// <c>$absent</c> demands that a member is missing, <c>$~text</c> demands that a text contains it.</summary>
public static class JsonMatch
{
    /// <summary>Matches and captures; captures are only kept when the whole pattern matches.</summary>
    public static bool Matches(JsonElement pattern, JsonElement actual, Dictionary<string, string> captures)
    {
        var tentative = new Dictionary<string, string>(captures);
        if (!Match(pattern, actual, tentative)) return false;
        foreach (var (name, value) in tentative) captures[name] = value;
        return true;
    }

    private static bool Match(JsonElement pattern, JsonElement actual, Dictionary<string, string> captures)
    {
        if (pattern.ValueKind == JsonValueKind.String && pattern.GetString() is ['$', ..] text) return MatchWord(text, actual, captures);
        if (pattern.ValueKind == JsonValueKind.Number && actual.ValueKind == JsonValueKind.Number) return pattern.GetDouble() == actual.GetDouble();
        if (pattern.ValueKind != actual.ValueKind) return false;
        return pattern.ValueKind switch
        {
            JsonValueKind.Object => pattern.EnumerateObject().All(member =>
                member.Value.ValueKind == JsonValueKind.String && member.Value.GetString() == "$absent"
                    ? !actual.TryGetProperty(member.Name, out _)
                    : actual.TryGetProperty(member.Name, out var value) && Match(member.Value, value, captures)),
            JsonValueKind.Array => pattern.GetArrayLength() == actual.GetArrayLength()
                && pattern.EnumerateArray().Zip(actual.EnumerateArray()).All(pair => Match(pair.First, pair.Second, captures)),
            JsonValueKind.String => pattern.GetString() == actual.GetString(),
            _ => true,
        };
    }

    private static bool MatchWord(string word, JsonElement actual, Dictionary<string, string> captures)
    {
        if (word == "$*") return true;
        string value = actual.ValueKind == JsonValueKind.String ? actual.GetString()! : actual.GetRawText();
        if (word.StartsWith("$~", StringComparison.Ordinal)) return value.Contains(word[2..], StringComparison.Ordinal);
        string name = word[1..];
        if (captures.TryGetValue(name, out string? known)) return known == value;
        captures[name] = value;
        return true;
    }
}
