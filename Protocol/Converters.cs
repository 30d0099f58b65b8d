using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Display;
using Gateway.Protocol.Messages;

namespace Gateway.Protocol;

/// <summary>Reads whole numbers the way existing clients send them: numbers (fractions are cut), numeric text, null.</summary>
internal sealed class LenientInt32Converter : JsonConverter<int?>
{
    /// <inheritdoc/>
    public override int? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        double number;
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return null;
            case JsonTokenType.Number when reader.TryGetDouble(out number):
                break;
            case JsonTokenType.String when double.TryParse(reader.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out number) && !double.IsNaN(number):
                break;
            default:
                throw new JsonException();
        }

        return (int)Math.Clamp(number, int.MinValue, int.MaxValue);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, int? value, JsonSerializerOptions options)
    {
        if (value is int number) writer.WriteNumberValue(number);
        else writer.WriteNullValue();
    }
}

/// <summary>Reads numbers the way existing clients send them: numbers, numeric text, and null or empty text for none.</summary>
internal sealed class LenientDoubleConverter : JsonConverter<double?>
{
    /// <inheritdoc/>
    public override double? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.Number when reader.TryGetDouble(out double number) => number,
        JsonTokenType.String when reader.GetString() is var text && string.IsNullOrWhiteSpace(text) => null,
        JsonTokenType.String when double.TryParse(reader.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => number,
        _ => throw new JsonException(),
    };

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, double? value, JsonSerializerOptions options)
    {
        if (value is double number) writer.WriteNumberValue(number);
        else writer.WriteNullValue();
    }
}

/// <summary>Passes JSON text that is already written through to the frame.</summary>
internal sealed class RawJsonConverter : JsonConverter<byte[]>
{
    /// <inheritdoc/>
    public override byte[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("raw JSON is only written");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, byte[] value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value, skipInputValidation: true);
}

/// <summary>Passes a stored tree through to the frame.</summary>
internal sealed class SpawnTreeDocumentConverter : JsonConverter<SpawnTreeDocument>
{
    /// <inheritdoc/>
    public override SpawnTreeDocument Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("stored trees are only written");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, SpawnTreeDocument value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Json, skipInputValidation: true);
}

/// <summary>Passes the answer of a tool through to the frame.</summary>
internal sealed class CronManageResultConverter : JsonConverter<CronManageResult>
{
    /// <inheritdoc/>
    public override CronManageResult Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("answers of tools are only written");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, CronManageResult value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Json, skipInputValidation: true);
}

/// <summary>Writes text that a client draws, which is every text unless its member says otherwise: what a terminal would carry out is
/// shown instead. One place for all events and results, so that a new one cannot forget it.</summary>
internal sealed class DrawnTextConverter : JsonConverter<string>
{
    /// <inheritdoc/>
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(VisibleText.Of(value));

    /// <inheritdoc/>
    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString()!;

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WritePropertyName(VisibleText.Of(value));
}

/// <summary>Writes the words of a conversation as they are: streamed text could not be cleaned chunk by chunk without becoming another than
/// the stored one, so clients render all of it by a rule of their own.</summary>
internal sealed class ConversationTextConverter : JsonConverter<string>
{
    /// <inheritdoc/>
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}

/// <summary>Writes text that is coloured on purpose: of control sequences only those that set colours stay.</summary>
internal sealed class ColouredTextConverter : JsonConverter<string>
{
    /// <inheritdoc/>
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(VisibleText.Coloured(value));
}
