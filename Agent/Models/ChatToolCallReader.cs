using System.Text.Json;

namespace Gateway.Agent.Models;

/// <summary>Reads the <c>tool_calls</c> array of a chat-completions delta or message.</summary>
internal static class ChatToolCallReader
{
    /// <summary>Takes all fragments of the array the reader stands on.</summary>
    public static void Read(ref Utf8JsonReader reader, ToolCallAssembler calls, JsonText text)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            ReadFragment(ref reader, calls, text);
        }
    }

    private static void ReadFragment(ref Utf8JsonReader reader, ToolCallAssembler calls, JsonText text)
    {
        int? index = null;
        string? id = null, extra = null;
        Utf8JsonReader function = default;
        var hasFunction = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIndex = reader.ValueTextEquals("index"u8);
            var isId = reader.ValueTextEquals("id"u8);
            var isFunction = reader.ValueTextEquals("function"u8);
            var isExtra = reader.ValueTextEquals("extra_content"u8);
            reader.Read();
            if (isIndex && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number))
            {
                index = number;
            }
            else if (isId && reader.TokenType == JsonTokenType.String)
            {
                id = new string(text.Decode(ref reader));
            }
            else if (isFunction && reader.TokenType == JsonTokenType.StartObject)
            {
                function = reader;
                hasFunction = true;
                reader.Skip();
            }
            else if (isExtra && reader.TokenType == JsonTokenType.StartObject)
            {
                extra = Raw(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        if (hasFunction)
        {
            ReadFunction(ref function, index, id, extra, calls, text);
        }
    }

    private static void ReadFunction(ref Utf8JsonReader reader, int? index, string? id, string? extra, ToolCallAssembler calls, JsonText text)
    {
        string? name = null;
        Utf8JsonReader arguments = default;
        var hasArguments = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isName = reader.ValueTextEquals("name"u8);
            var isArguments = reader.ValueTextEquals("arguments"u8);
            reader.Read();
            if (isName && reader.TokenType == JsonTokenType.String)
            {
                name = new string(text.Decode(ref reader));
            }
            else if (isArguments)
            {
                arguments = reader;
                hasArguments = true;
            }

            reader.Skip();
        }

        var slot = calls.Locate(index, id, !string.IsNullOrEmpty(name));
        slot.ExtraContentJson ??= extra;
        if (name is not null)
        {
            calls.AddName(slot, name);
        }

        if (!hasArguments)
        {
            return;
        }

        if (arguments.TokenType == JsonTokenType.String)
        {
            calls.AddArguments(slot, text.Decode(ref arguments));
        }
        else if (arguments.TokenType == JsonTokenType.StartObject && slot.Arguments.Length == 0)
        {
            calls.AddArguments(slot, Raw(ref arguments));
        }
    }

    private static string Raw(ref Utf8JsonReader reader)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return document.RootElement.GetRawText();
    }
}
