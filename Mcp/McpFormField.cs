using System.Globalization;
using System.Text.Json;
using Gateway.Tools;
using static ModelContextProtocol.Protocol.ElicitRequestParams;

// Servers still name the entries of a list the way of earlier revisions of the protocol.
#pragma warning disable MCP9001

namespace Gateway.Mcp;

/// <summary>One field of a form that a server wants filled in: how it is asked for, and what an answer means.</summary>
/// <param name="name">Its name in the form.</param>
/// <param name="schema">What may stand in it.</param>
/// <param name="required">Whether the form needs it.</param>
internal sealed class McpFormField(string name, PrimitiveSchemaDefinition schema, bool required)
{
    private const int MostChoices = 4;
    private const int LongestText = 1000;
    private const string Skip = "skip";

    /// <summary>Its name in the form.</summary>
    public string Name => name;

    /// <summary>Whether a password or the like is asked for, which must not travel this way.</summary>
    public bool IsSecret => schema is StringSchema { Format: "password" } || SoundsSecret($"{name} {schema.Title} {schema.Description}");

    /// <summary>Answers to choose from; null for an open question.</summary>
    public IReadOnlyList<string>? Choices
    {
        get
        {
            string[] words = schema is BooleanSchema ? ["yes", "no"] : IsList ? [] : [.. Options().Select(option => option.Label)];
            if (words.Length is 0 or > MostChoices) return null;
            return required || words.Length == MostChoices ? words : [.. words, Skip];
        }
    }

    private bool IsList => schema is UntitledMultiSelectEnumSchema or TitledMultiSelectEnumSchema;

    /// <summary>Whether a text speaks of a password or the like.</summary>
    public static bool SoundsSecret(string text)
    {
        string plain = string.Concat(text.Where(char.IsLetterOrDigit)).ToLowerInvariant();
        string[] words = ["password", "passwd", "passphrase", "passcode", "secret", "token", "apikey", "accesskey", "privatekey", "credential", "pincode", "cvv", "cvc"];
        return words.Any(word => plain.Contains(word, StringComparison.Ordinal));
    }

    /// <summary>What a server wrote, as a client may show it.</summary>
    public static string Shown(string text)
    {
        string plain = string.Concat(AnsiText.Strip(text).Where(letter => letter == '\n' || !char.IsControl(letter))).Trim();
        return plain.Length <= LongestText ? plain : plain[..LongestText] + "…";
    }

    /// <summary>The question for the user.</summary>
    public string Question()
    {
        string question = Shown(string.IsNullOrWhiteSpace(schema.Title) ? name : schema.Title);
        if (!string.IsNullOrWhiteSpace(schema.Description)) question += $": {Shown(schema.Description)}";
        string[] hints = [.. Hints().OfType<string>()];
        return hints.Length == 0 ? question : $"{question} ({string.Join("; ", hints)})";
    }

    /// <summary>Reads an answer.</summary>
    /// <param name="answer">What the user said, not empty.</param>
    /// <param name="value">The value for the form; null when the field is left out.</param>
    /// <returns>What is wrong with the answer; null when nothing is.</returns>
    public string? Read(string answer, out JsonElement? value)
    {
        value = null;
        answer = answer.Trim();
        if (!required && answer.Equals(Skip, StringComparison.OrdinalIgnoreCase)) return null;
        switch (schema)
        {
            case BooleanSchema:
                bool? flag = answer.ToLowerInvariant() switch { "yes" or "y" or "true" => true, "no" or "n" or "false" => false, _ => null };
                value = flag is { } known ? Json(json => json.WriteBooleanValue(known)) : null;
                return flag is null ? "the answer must be yes or no" : null;
            case NumberSchema number:
                return ReadNumber(number, answer, out value);
            case StringSchema text:
                value = Json(json => json.WriteStringValue(answer));
                return answer.Length < (text.MinLength ?? 0) || answer.Length > (text.MaxLength ?? int.MaxValue)
                    ? $"the answer must have {text.MinLength ?? 0} to {text.MaxLength?.ToString(CultureInfo.InvariantCulture) ?? "any number of"} characters"
                    : null;
            default:
                return ReadOptions(answer, out value);
        }
    }

    private static string? ReadNumber(NumberSchema schema, string answer, out JsonElement? value)
    {
        value = null;
        if (!double.TryParse(answer, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) || !double.IsFinite(number)) return "the answer must be a number";
        if (schema.Type == "integer" && number != Math.Floor(number)) return "the answer must be a whole number";
        if (number < schema.Minimum || number > schema.Maximum) return "the number is out of bounds";
        value = schema.Type == "integer" && Math.Abs(number) < long.MaxValue ? Json(json => json.WriteNumberValue((long)number)) : Json(json => json.WriteNumberValue(number));
        return null;
    }

    private string? ReadOptions(string answer, out JsonElement? value)
    {
        value = null;
        var options = Options();
        string[] words = IsList ? answer.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [answer];
        string?[] chosen = [.. words.Select(word => options.FirstOrDefault(option => Is(option.Label, word) || Is(option.Value, word)).Value)];
        if (chosen.Length == 0 || chosen.Contains(null)) return $"the answer must be {(IsList ? "some" : "one")} of {string.Join(", ", options.Select(option => option.Label))}";
        value = Json(json =>
        {
            if (!IsList)
            {
                json.WriteStringValue(chosen[0]);
                return;
            }

            json.WriteStartArray();
            foreach (string? one in chosen.Distinct()) json.WriteStringValue(one);
            json.WriteEndArray();
        });
        return null;
    }

    private IEnumerable<string?> Hints()
    {
        if (schema is NumberSchema number)
        {
            yield return number.Type == "integer" ? "a whole number" : "a number";
            if (number.Minimum is { } least) yield return string.Create(CultureInfo.InvariantCulture, $"at least {least}");
            if (number.Maximum is { } most) yield return string.Create(CultureInfo.InvariantCulture, $"at most {most}");
        }

        if (schema is StringSchema { Format: { Length: > 0 } format }) yield return format;
        if (Choices is null && Options() is { Count: > 0 } options) yield return $"{(IsList ? "any of" : "one of")} {string.Join(", ", options.Select(option => option.Label))}{(IsList ? ", with commas between them" : "")}";
        if (!required) yield return $"{Skip} leaves it out";
    }

    private IReadOnlyList<(string Value, string Label)> Options() => schema switch
    {
        UntitledSingleSelectEnumSchema one => [.. one.Enum.Select(value => (value, Shown(value)))],
        TitledSingleSelectEnumSchema one => [.. one.OneOf.Select(option => (option.Const, Shown(option.Title)))],
        UntitledMultiSelectEnumSchema some => [.. some.Items.Enum.Select(value => (value, Shown(value)))],
        TitledMultiSelectEnumSchema some => [.. some.Items.AnyOf.Select(option => (option.Const, Shown(option.Title)))],
        LegacyTitledEnumSchema old => [.. old.Enum.Select((value, at) => (value, Shown(old.EnumNames?.ElementAtOrDefault(at) ?? value)))],
        _ => [],
    };

    private static bool Is(string option, string word) => option.Equals(word, StringComparison.OrdinalIgnoreCase);

    private static JsonElement Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer)) write(json);
        return JsonElement.Parse(buffer.WrittenSpan);
    }
}
