using System.Text;
using System.Text.Json;

namespace Gateway.Agent.Models;

/// <summary>Collects the <c>reasoning_details</c> of a chat-completions reply (OpenRouter and those that imitate it), whose elements come in
/// pieces: text of the same index and type is joined, everything else is kept as it came. A piece of text allocates nothing.</summary>
/// <param name="reply">Told how much is about to be kept.</param>
internal sealed class ChatReasoningDetails(ReplyAssembler reply)
{
    // Real replies have a handful of each; both are searched one by one.
    private const int MostElements = 2048;
    private const int MostMembers = 64;

    private readonly List<Element> _elements = [];

    /// <summary>Takes the elements of a delta. The reader stands on the start of their array and ends on its end.</summary>
    /// <param name="reader">The array.</param>
    /// <param name="text">Decodes strings.</param>
    /// <param name="shown">Whether their text is passed on as reasoning; not when the delta has the same text elsewhere.</param>
    public void Read(ref Utf8JsonReader reader, JsonText text, bool shown)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                Take(ref reader, text, shown);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    /// <summary>All elements as a JSON array; null when there were none.</summary>
    public string? ToJson() => _elements.Count == 0 ? null : Encoding.UTF8.GetString(RequestJson.Build(writer =>
    {
        writer.WriteStartArray();
        foreach (var element in _elements)
        {
            element.Write(writer);
        }

        writer.WriteEndArray();
    }).Span);

    private void Take(ref Utf8JsonReader reader, JsonText text, bool shown)
    {
        var members = reader;
        Utf8JsonReader type = default;
        bool hasType = false, isSealed = false;
        int? index = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            var isIndex = !isType && reader.ValueTextEquals("index"u8);
            var isData = !isType && !isIndex && reader.ValueTextEquals("data"u8);
            reader.Read();
            if (isType && reader.TokenType == JsonTokenType.String)
            {
                type = reader;
                hasType = true;
            }
            else if (isIndex && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number))
            {
                index = number;
            }

            isSealed |= isData && reader.TokenType == JsonTokenType.String;
            reader.Skip();
        }

        // Sealed data comes whole; two pieces of it are two elements.
        var element = isSealed ? null : Find(ref type, hasType, index);
        if (element is null)
        {
            if (_elements.Count == MostElements)
            {
                return;
            }

            element = new Element(index, hasType ? type.GetString() : null);
            _elements.Add(element);
        }

        while (members.Read() && members.TokenType == JsonTokenType.PropertyName)
        {
            TakeMember(ref members, element, text, shown);
        }
    }

    private void TakeMember(ref Utf8JsonReader reader, Element element, JsonText text, bool shown)
    {
        var isText = reader.ValueTextEquals("text"u8) || reader.ValueTextEquals("summary"u8);
        var member = element.Member(ref reader, reply);
        reader.Read();
        if (member is null)
        {
            reader.Skip();
        }
        else if (isText && reader.TokenType == JsonTokenType.String)
        {
            var piece = text.Decode(ref reader);
            reply.Count(piece.Length);
            (member.Text ??= new StringBuilder()).Append(piece);
            if (shown)
            {
                reply.AppendReasoning(piece);
            }
        }
        else if (member is { Text: null, Raw: null } && reader.TokenType != JsonTokenType.Null)
        {
            using var value = JsonDocument.ParseValue(ref reader);
            member.Raw = value.RootElement.GetRawText();
            reply.Count(member.Raw.Length);
            element.Sealed |= member.Name == "data";
        }
        else
        {
            reader.Skip();
        }
    }

    // Without an index it belongs to the newest element, if that is of the same type.
    private Element? Find(ref Utf8JsonReader type, bool hasType, int? index)
    {
        for (var i = _elements.Count - 1; i >= 0; i--)
        {
            var element = _elements[i];
            if (!element.Sealed && element.Index == index && (!hasType || (element.Type is not null && type.ValueTextEquals(element.Type))))
            {
                return element;
            }

            if (index is null)
            {
                return null;
            }
        }

        return null;
    }

    private sealed class Element(int? index, string? type)
    {
        private readonly List<Part> _members = [];

        public int? Index => index;

        public string? Type => type;

        public bool Sealed { get; set; }

        // Members keep the order in which they first came; null when there are too many.
        public Part? Member(ref Utf8JsonReader name, ReplyAssembler reply)
        {
            foreach (var member in _members)
            {
                if (name.ValueTextEquals(member.Name))
                {
                    return member;
                }
            }

            if (_members.Count == MostMembers)
            {
                return null;
            }

            var added = new Part(name.GetString()!);
            reply.Count(added.Name.Length);
            _members.Add(added);
            return added;
        }

        public void Write(Utf8JsonWriter writer)
        {
            writer.WriteStartObject();
            foreach (var member in _members)
            {
                writer.WritePropertyName(member.Name);
                if (member.Text is { } text)
                {
                    writer.WriteStringValue(JsonText.WithoutLoneSurrogates(text.ToString()));
                }
                else
                {
                    writer.WriteRawValue(member.Raw ?? "null", skipInputValidation: true);
                }
            }

            writer.WriteEndObject();
        }
    }

    private sealed class Part(string name)
    {
        public string Name => name;

        public StringBuilder? Text { get; set; }

        public string? Raw { get; set; }
    }
}
