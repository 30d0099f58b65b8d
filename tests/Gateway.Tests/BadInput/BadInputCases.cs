using System.Text;
using Gateway.Protocol;
using Gateway.Transport;
using static Gateway.Tests.BadInput.BadInputCase;

namespace Gateway.Tests.BadInput;

/// <summary>Every kind of bad input that has a written outcome. <c>voice.toggle</c> and <c>terminal.resize</c> stand for
/// any method: they answer at once and in order.</summary>
internal static class BadInputCases
{
    private const string Json = "parse error: invalid JSON near byte";
    private const string Utf8 = "parse error: the line is not valid UTF-8";
    private const string Rest = "\"method\":\"voice.toggle\",\"params\":{\"action\":\"status\"}}";
    private const int Megabyte = 1 << 20;

    /// <summary>The cases, made one by one: some are large.</summary>
    public static IEnumerable<BadInputCase> All() =>
        Bytes().Concat(Documents()).Concat(Ids()).Concat(Methods()).Concat(Params()).Concat(Sizes());

    private static IEnumerable<BadInputCase> Bytes() =>
    [
        Ignored("empty, or only blanks, Unicode ones included", L(""), L(" \t \r"), L("\v\f"), L("\u00a0\u2003\u3000\u0085\u2028")),
        CarriedOut("ends in CR LF", "1", L($"{{\"id\":1,{Rest}\r")),
        CarriedOut("Unicode blanks around the document", "1", L($"\u00a0\u3000 {{\"id\":1,{Rest}\u2003\u2029")),
        Refused("not valid UTF-8", ErrorCode.ParseError, Utf8, "null", With(0xC3, 0x28), With(0xFF), With(0xC0, 0x80), With(0xED, 0xA0, 0x80), With(0xF4, 0x90, 0x80, 0x80), With(0xE2, 0x82)),
        Refused("UTF-16", ErrorCode.ParseError, Json, "null", Encoding.Unicode.GetBytes($"{{\"id\":1,{Rest}")),
        Refused("a byte order mark", ErrorCode.ParseError, Json, "null", L($"\ufeff{{\"id\":1,{Rest}"), L("\ufeff")),
        Refused("a NUL byte, or another control character, raw", ErrorCode.ParseError, Json, "null", L("\0"), L($"\0{{\"id\":1,{Rest}"), L($"{{\"id\":\"\0\",{Rest}"), L($"{{\"id\":\"\u001b\",{Rest}"), L($"{{\"id\":\"\t\",{Rest}")),
        Refused("such a byte behind the id", ErrorCode.ParseError, Json, "1", L($"{{\"id\":1,{Rest}\0"), L($"{{\"id\":1,\0{Rest}"), L("{\"id\":1,\"method\":\"voice.\u0001toggle\"}")),
        CarriedOut("CR between tokens", "1", L($"{{\"id\":1,\r{Rest}")),
    ];

    private static IEnumerable<BadInputCase> Documents() =>
    [
        Refused("no JSON", ErrorCode.ParseError, Json, "null", L("not json"), L("{"), L("}"), L("\""), L("{id:1}"), L("{'id':1}"), L("nul"), L("// c"), L("{,}"), L("\u200b")),
        Refused("breaks off, or goes on, behind the id", ErrorCode.ParseError, Json, "1", L("{\"id\":1,\"method\":\"m\",\"params\":{"), L("{\"id\":1,\"method\":\"m\",}"), L("{\"id\":1 \"method\":\"m\"}"), L("{\"id\":1,\"method\":\"m\"}}"), L("{\"id\":1,\"method\":\"m\"}x"), L("{\"id\":1,\"method\":\"\\x41\"}"), L("{\"id\":1,\"method\":\"\\ud80\"}")),
        Refused("two documents, also when only a CR is between them", ErrorCode.ParseError, Json, "1", L($"{{\"id\":1,{Rest} {{\"id\":2,{Rest}"), L($"{{\"id\":1,{Rest}\r{{\"id\":2,{Rest}"), L($"{{\"id\":1,{Rest}{{}}")),
        Refused("NaN, Infinity and numbers that JSON does not know", ErrorCode.ParseError, Json, "null", [.. "NaN Infinity -Infinity nan 01 -01 +1 .5 1. 1e 0x10 1_000 --1 -".Split(' ').Select(number => L($"{{\"id\":{number},{Rest}"))]),
        Refused("such a number behind the id", ErrorCode.ParseError, Json, "1", [.. "NaN -Infinity 01 .5 0x10".Split(' ').Select(number => L($"{{\"id\":1,\"method\":\"terminal.resize\",\"params\":{{\"cols\":{number}}}}}"))]),
        Refused("not an object", ErrorCode.InvalidRequest, "a request must be a JSON object; batches are not supported", "null", L("5"), L("\"text\""), L("null"), L("true"), L("1e400"), L("[]"), L("[1,[2]]"), L($"[{{\"id\":1,{Rest}]")),
        Refused("nested deeper than 512 levels", ErrorCode.ParseError, Json, "1", Nested(512, close: true), Nested(200_000, close: true), Nested(200_000, close: false)),
        Refused("nested as deep in front of the id, or as the whole line", ErrorCode.ParseError, Json, "null", L(new string('[', 200_000)), L(new string('[', 513) + new string(']', 513)), L(string.Concat(Enumerable.Repeat("{\"a\":", 200_000)))),
        CarriedOut("nested in 512 levels", "1", Nested(510, close: true)),
        CarriedOut("members repeated: the last one counts", "2", L($"{{\"id\":1,\"id\":2,\"method\":\"nope\",\"params\":5,{Rest}"), L("{\"params\":{\"action\":\"nope\",\"action\":\"status\"},\"method\":null,\"method\":\"voice.toggle\",\"id\":[1],\"id\":2}")),
        CarriedOut("an empty or unknown member", "1", L($"{{\"\":5,\"id\":1,\"x\":[{{}}],{Rest}"), L("{\"id\":1,\"method\":\"voice.toggle\",\"params\":{\"\":1,\"other\":{\"deep\":[1]}}}")),
        CarriedOut("names written with escapes", "1", L("{\"i\\u0064\":1,\"\\u006dethod\":\"voice\\u002etoggle\",\"param\\u0073\":{\"ac\\u0074ion\":\"st\\u0061tus\"}}")),
        CarriedOut("another jsonrpc version, which is not checked", "1", L($"{{\"jsonrpc\":\"1.0\",\"id\":1,{Rest}"), L($"{{\"jsonrpc\":7,\"id\":1,{Rest}")),
        Ignored("a response: it answers nothing we asked", L("{\"id\":5,\"result\":{}}"), L("{\"id\":5,\"error\":{\"code\":1,\"message\":\"m\"}}"), L("{\"jsonrpc\":\"2.0\",\"result\":null,\"id\":null}")),
    ];

    private static IEnumerable<BadInputCase> Ids()
    {
        string[] echoed = ["1", "-1", "-0", "1.0", "1e-07", "1e400", "-1E+999", "123456789012345678901234567890", "true", "false", "\"\"", "\"1\"", "\"\\u0000\\n\"", "\"\\ud83d\\ude00\"", "\"é\\/\"", "[]", "{}", "[1, {\"a\":[null]}]", "{\"a\":1,\"a\":2}", "null"];
        foreach (string id in echoed) yield return CarriedOut("an id of any type", id, L($"{{\"id\":{id},{Rest}"));
        yield return CarriedOut("no id", "null", L($"{{{Rest}"));
        yield return CarriedOut("id of 4,301 digits", new string('7', 4301), L($"{{\"id\":{new string('7', 4301)},{Rest}"));
        yield return CarriedOut("id nested in 400 levels", new string('[', 400) + new string(']', 400), L($"{{\"id\":{new string('[', 400)}{new string(']', 400)},{Rest}"));
        string text = $"\"{new string('i', 10 * Megabyte)}\"";
        yield return CarriedOut("id of 10 MB", text, L($"{{\"id\":{text},{Rest}"));
        yield return CarriedOut("half of a surrogate pair in the id", "\"\\ufffd\"", L($"{{\"id\":\"\\ud800\",{Rest}"), L($"{{\"id\":\"\\uDFff\",{Rest}"));
        yield return CarriedOut("half of a surrogate pair inside an id that is an object", "{\"\\ufffd\":[\"a\\ufffd\\ud83d\\ude00\\\\ud800\"]}", L($"{{\"id\":{{\"\\udc00\":[\"a\\ud83d\\ud83d\\ude00\\\\ud800\"]}},{Rest}"));
        yield return CarriedOut("U+2028 raw in the id", "\"\\u2028\"", L($"{{\"id\":\"\u2028\",{Rest}"));
        yield return CarriedOut("CR inside an id that is an array", "[1, 2]", L($"{{\"id\":[1,\r2],{Rest}"));
    }

    private static IEnumerable<BadInputCase> Methods()
    {
        foreach (var (json, shown) in ((string, string)[])[("null", "None"), ("5", "5"), ("1.50", "1.50"), ("true", "True"), ("false", "False"), ("\"\"", ""), ("\"Voice.Toggle\"", "Voice.Toggle"), ("\"voice.toggle \"", "voice.toggle "), ("\"voice\\u0000\"", "voice\\x00"), ("\"no\\ud800such\"", "no\ufffdsuch")])
            yield return Refused($"method `{json}`", ErrorCode.MethodNotFound, "unknown method: " + shown, "1", L($"{{\"id\":1,\"method\":{json},\"params\":{{}}}}"));
        yield return Refused("no method", ErrorCode.MethodNotFound, "unknown method: None", "1", L("{\"id\":1}"), L("{\"id\":1,\"params\":[]}"));
        yield return Refused("method is an array or an object", ErrorCode.InvalidRequest, "method must be a string", "1", L("{\"id\":1,\"method\":[\"voice.toggle\"]}"), L("{\"id\":1,\"method\":{}}"));
        yield return Refused("a method name or number of 10 MB", ErrorCode.MethodNotFound, "unknown method: " + new string('7', 200) + "…", "1", L($"{{\"id\":1,\"method\":\"{new string('7', 10 * Megabyte)}\"}}"), L($"{{\"id\":1,\"method\":{new string('7', 10 * Megabyte)}}}"));
    }

    private static IEnumerable<BadInputCase> Params() =>
    [
        Refused("params is null, an array, a text, a number or a truth value", ErrorCode.InvalidParams, "params must be a JSON object", "1", [.. "null [] [1] \"text\" 5 true".Split(' ').Select(json => L($"{{\"id\":1,\"method\":\"voice.toggle\",\"params\":{json}}}"))]),
        CarriedOut("no params", "1", L("{\"id\":1,\"method\":\"voice.toggle\"}")),
        Refused("a text parameter is no text", ErrorCode.InvalidParams, "voice.toggle: params.action must be a string", "1", [.. "5 true [] {} 1e400".Split(' ').Select(json => L($"{{\"id\":1,\"method\":\"voice.toggle\",\"params\":{{\"action\":{json}}}}}"))]),
        Refused("a number parameter is no number", ErrorCode.InvalidParams, "terminal.resize: params.cols must be a whole number", "1", [.. "\"abc\" \"\" \"NaN\" true [] {}".Split(' ').Select(json => L($"{{\"id\":1,\"method\":\"terminal.resize\",\"params\":{{\"cols\":{json}}}}}"))]),
        Refused("a number parameter out of range is brought into range (here the session is refused)", ErrorCode.SessionNotFound, "session not found", "1", [.. new[] { "1e400", "-1E999", new string('7', 4301), "\"1e400\"", "-0", "1.5" }.Select(json => L($"{{\"id\":1,\"method\":\"terminal.resize\",\"params\":{{\"session_id\":\"\",\"cols\":{json}}}}}"))]),
        CarriedOut("such a number in an unknown parameter", "1", L($"{{\"id\":1,\"method\":\"voice.toggle\",\"params\":{{\"x\":[1e400,-0,{new string('7', 4301)}]}}}}")),
        Refused("half of a surrogate pair in a parameter", ErrorCode.UnknownVoiceAction, "unknown voice action: a\ufffdb", "1", L("{\"id\":1,\"method\":\"voice.toggle\",\"params\":{\"action\":\"a\\ud800b\"}}")),
        CarriedOut("half of a surrogate pair in the name of a parameter", "1", L("{\"id\":1,\"method\":\"voice.toggle\",\"params\":{\"\\udfff\":\"\\ud83d\"}}")),
    ];

    private static IEnumerable<BadInputCase> Sizes()
    {
        yield return CarriedOut("a line of 10 MB", "1", L($"{{\"id\":1,\"x\":\"{new string('x', 10 * Megabyte)}\",{Rest}"), L(new string(' ', 10 * Megabyte) + $"{{\"id\":1,{Rest}"));
        yield return Refused(
            "longer than the limit",
            ErrorCode.ParseError,
            $"parse error: the line is longer than {LineReader.DefaultMaxLineBytes} bytes and was skipped",
            "null",
            [.. "{\"id\":1,\"x\":\""u8, .. Enumerable.Repeat((byte)'x', LineReader.DefaultMaxLineBytes), .. L($"\",{Rest}")]);
    }

    private static byte[] L(string line) => Encoding.UTF8.GetBytes(line);

    private static byte[] With(params byte[] bytes) => [.. "{\"id\":\""u8, .. bytes, .. Encoding.UTF8.GetBytes("\"," + Rest)];

    private static byte[] Nested(int levels, bool close) =>
        L("{\"id\":1,\"method\":\"voice.toggle\",\"params\":{\"x\":" + new string('[', levels) + (close ? new string(']', levels) + "}}" : ""));
}
