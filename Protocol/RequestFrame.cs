using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Gateway.Protocol;

/// <summary>What one line turned out to be.</summary>
internal enum FrameKind
{
    /// <summary>A request: it has a method name and gets exactly one answer.</summary>
    Request,

    /// <summary>A response of the client to something we asked; never answered.</summary>
    Response,

    /// <summary>Only white space; ignored (WIRE 2.1).</summary>
    Blank,

    /// <summary>Not a request; <see cref="RequestFrame.Problem"/> says why and which error answers it.</summary>
    Invalid,
}

/// <summary>The envelope of one line, read without building a document. Refers to the line's bytes, which must outlive it.</summary>
internal readonly ref struct RequestFrame
{
    /// <summary>Deepest nesting accepted anywhere in a line. Deeper input is answered with a parse error.</summary>
    public const int MaxDepth = 512;

    // A number in the place of a name is echoed for the reader's sake, not to send megabytes back.
    private const int LongestEcho = 200;

    private RequestFrame(FrameKind kind, RequestId id, string method, ReadOnlySpan<byte> parameters, FrameProblem? problem)
    {
        Kind = kind;
        Id = id;
        Method = method;
        Params = parameters;
        Problem = problem;
    }

    /// <summary>What the line is.</summary>
    public FrameKind Kind { get; }

    /// <summary>The id to answer with; <see cref="RequestId.Null"/> when absent or unreadable.</summary>
    public RequestId Id { get; }

    /// <summary>Method name of a request; empty otherwise.</summary>
    public string Method { get; }

    /// <summary>The params object as JSON text, "{}" when absent.</summary>
    public ReadOnlySpan<byte> Params { get; }

    /// <summary>For <see cref="FrameKind.Invalid"/>: the error to answer with.</summary>
    public FrameProblem? Problem { get; }

    /// <summary>Reads the envelope of one line. Never throws for what a client can send. Half of a surrogate pair counts as
    /// U+FFFD wherever it stands.</summary>
    /// <param name="line">One line without its newline.</param>
    /// <param name="methodName">Turns the method's UTF-8 text into a string, so that known names need no allocation.</param>
    public static RequestFrame Read(ReadOnlySpan<byte> line, Func<ReadOnlySpan<byte>, string> methodName)
    {
        line = TrimWhiteSpace(line);
        if (line.IsEmpty) return new(FrameKind.Blank, default, "", default, null);
        if (!Utf8.IsValid(line)) return Invalid(default, ErrorCode.ParseError, "parse error: the line is not valid UTF-8");

        line = LoneSurrogates.Replace(line);
        var members = default(Members);
        try
        {
            var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = MaxDepth });
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                reader.Read();
                return Invalid(default, ErrorCode.InvalidRequest, "a request must be a JSON object; batches are not supported");
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                members.Take(ref reader, line);

            // Whatever follows the closing brace makes the reader throw here, two documents on one line included.
            reader.Read();
        }
        catch (JsonException exception)
        {
            return Invalid(members.Id, ErrorCode.ParseError, $"parse error: invalid JSON near byte {exception.BytePositionInLine ?? 0}");
        }

        return members.ToFrame(methodName);
    }

    private static RequestFrame Invalid(RequestId id, ErrorCode code, string message) =>
        new(FrameKind.Invalid, id, "", default, new FrameProblem(code, message));

    // The reference strips Unicode white space around a document; a byte order mark is an error there and here.
    private static ReadOnlySpan<byte> TrimWhiteSpace(ReadOnlySpan<byte> line)
    {
        line = line.Trim(" \t\r\n\v\f"u8);
        while (Rune.DecodeFromUtf8(line, out var rune, out int length) == System.Buffers.OperationStatus.Done && Rune.IsWhiteSpace(rune))
            line = line[length..];
        while (Rune.DecodeLastFromUtf8(line, out var rune, out int length) == System.Buffers.OperationStatus.Done && Rune.IsWhiteSpace(rune))
            line = line[..^length];
        return line;
    }

    /// <summary>The members seen so far; of a repeated one the last counts, as in the reference.</summary>
    private ref struct Members
    {
        private ReadOnlySpan<byte> _method;
        private ReadOnlySpan<byte> _params;
        private JsonTokenType _methodType;
        private JsonTokenType _paramsType;
        private bool _hasAnswer;
        private string? _escapedMethod;

        public RequestId Id { get; private set; }

        public void Take(ref Utf8JsonReader reader, ReadOnlySpan<byte> line)
        {
            bool id = IsNamed(ref reader, "id"u8);
            bool method = !id && IsNamed(ref reader, "method"u8);
            bool parameters = !id && !method && IsNamed(ref reader, "params"u8);
            _hasAnswer |= !id && !method && !parameters && (IsNamed(ref reader, "result"u8) || IsNamed(ref reader, "error"u8));
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            var type = reader.TokenType;
            if (method)
            {
                _methodType = type;
                _method = type == JsonTokenType.String && !reader.ValueIsEscaped ? reader.ValueSpan : default;
                _escapedMethod = type == JsonTokenType.String && reader.ValueIsEscaped ? reader.GetString() : null;
            }

            reader.Skip();
            var value = line[start..(int)reader.BytesConsumed];
            if (id) Id = type == JsonTokenType.Null ? RequestId.Null : new RequestId(WithoutReturns(value));
            if (parameters)
            {
                _params = value;
                _paramsType = type;
            }

            if (method && type is JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False) _method = value;
        }

        public readonly RequestFrame ToFrame(Func<ReadOnlySpan<byte>, string> methodName)
        {
            switch (_methodType)
            {
                case JsonTokenType.None or JsonTokenType.Null when _hasAnswer:
                    return new(FrameKind.Response, Id, "", default, null);
                case JsonTokenType.None or JsonTokenType.Null:
                    return Invalid(Id, ErrorCode.MethodNotFound, "unknown method: None");
                case JsonTokenType.String:
                    break;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    return Invalid(Id, ErrorCode.InvalidRequest, "method must be a string");
                default:
                    return Invalid(Id, ErrorCode.MethodNotFound, $"unknown method: {PythonText(_method)}");
            }

            if (_paramsType is not (JsonTokenType.None or JsonTokenType.StartObject))
                return Invalid(Id, ErrorCode.InvalidParams, "params must be a JSON object");
            return new(FrameKind.Request, Id, _escapedMethod ?? methodName(_method), _params.IsEmpty ? "{}"u8 : _params, null);
        }

        private static bool IsNamed(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) =>
            reader.ValueIsEscaped ? reader.ValueTextEquals(name) : reader.ValueSpan.SequenceEqual(name);

        // Between the tokens of an id that is an object or array; echoed, it would end the line for some readers.
        private static ReadOnlySpan<byte> WithoutReturns(ReadOnlySpan<byte> json)
        {
            if (!json.Contains((byte)'\r')) return json;
            byte[] copy = json.ToArray();
            copy.AsSpan().Replace((byte)'\r', (byte)' ');
            return copy;
        }

        // Existing clients may match on the reference's spelling of true and false.
        private static string PythonText(ReadOnlySpan<byte> json) =>
            json.SequenceEqual("true"u8) ? "True" : json.SequenceEqual("false"u8) ? "False"
            : json.Length <= LongestEcho ? Encoding.UTF8.GetString(json)
            : Encoding.UTF8.GetString(json[..LongestEcho]) + "…";
    }
}

/// <summary>Why a line is not a request, and what to answer.</summary>
/// <param name="Code">JSON-RPC error code.</param>
/// <param name="Message">Text for the person at the client.</param>
internal sealed record FrameProblem(ErrorCode Code, string Message);
