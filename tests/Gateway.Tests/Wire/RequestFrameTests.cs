using System.Text;
using Gateway.Protocol;

namespace Gateway.Tests.Wire;

public class RequestFrameTests
{
    [Test]
    [Arguments("""{"id":1,"method":"m"}""", "1", "m", "{}")]
    [Arguments("""{"id":"1","method":"m","params":{"a":1}}""", "\"1\"", "m", """{"a":1}""")]
    [Arguments("""  {"method":"m","id":1.0}  """, "1.0", "m", "{}")]
    [Arguments("""{"id":1e-07,"method":"m"}""", "1e-07", "m", "{}")]
    [Arguments("""{"id":123456789012345678901234567890,"method":"m"}""", "123456789012345678901234567890", "m", "{}")]
    [Arguments("""{"id":null,"method":"m"}""", "null", "m", "{}")]
    [Arguments("""{"method":"m"}""", "null", "m", "{}")]
    [Arguments("""{"id":{"deep":[1,{"x":"}"}]},"method":"m"}""", """{"deep":[1,{"x":"}"}]}""", "m", "{}")]
    [Arguments("""{"id":1,"method":"a\u002eb"}""", "1", "a.b", "{}")]
    [Arguments("""{"params":{"a":1},"params":{"b":2},"id":1,"method":"m"}""", "1", "m", """{"b":2}""")]
    [Arguments("""{"\ud800":1,"i\u0064":1,"method":"m","params":{"\udfff":2}}""", "1", "m", """{"\ufffd":2}""")]
    [Arguments("\u00a0\u2003{\"id\":1,\"method\":\"m\"}\u3000\r", "1", "m", "{}")]
    public async Task Requests_are_read(string line, string id, string method, string parameters)
    {
        var (kind, readId, readMethod, readParams, _) = Read(Encoding.UTF8.GetBytes(line));
        await Assert.That(kind).IsEqualTo(FrameKind.Request);
        await Assert.That(readId).IsEqualTo(id);
        await Assert.That(readMethod).IsEqualTo(method);
        await Assert.That(readParams).IsEqualTo(parameters);
    }

    [Test]
    [Arguments("")]
    [Arguments(" \t\r")]
    [Arguments("\u2003\u00a0")]
    public async Task Blank_lines_are_ignored(string line) =>
        await Assert.That(Read(Encoding.UTF8.GetBytes(line)).Kind).IsEqualTo(FrameKind.Blank);

    [Test]
    [Arguments("""{"id":5,"result":{}}""")]
    [Arguments("""{"id":"srq-1","error":{"code":-32601,"message":"no"}}""")]
    public async Task Responses_are_recognised(string line) =>
        await Assert.That(Read(Encoding.UTF8.GetBytes(line)).Kind).IsEqualTo(FrameKind.Response);

    [Test]
    [Arguments("""{"id":7,"method":"m","params":{""", -32700, "7")]
    [Arguments("""{"id":7,"method":"m"} x""", -32700, "7")]
    [Arguments("""{"id":01,"method":"m"}""", -32700, "null")]
    [Arguments("""{"id":NaN,"method":"m"}""", -32700, "null")]
    [Arguments("\ufeff{\"id\":1,\"method\":\"m\"}", -32700, "null")]
    [Arguments("{\"id\":1,\"method\":\"m\",\"params\":{\"a\":\"\u0001\"}}", -32700, "1")]
    [Arguments("[]", -32600, "null")]
    [Arguments("true", -32600, "null")]
    [Arguments("""{"id":1,"method":{}}""", -32600, "1")]
    [Arguments("""{"id":1,"method":5}""", -32601, "1")]
    [Arguments("""{"id":1}""", -32601, "1")]
    [Arguments("""{"id":1,"method":"m","params":"p"}""", -32602, "1")]
    public async Task Mistakes_are_named(string line, int code, string id)
    {
        var (kind, readId, _, _, problem) = Read(Encoding.UTF8.GetBytes(line));
        await Assert.That(kind).IsEqualTo(FrameKind.Invalid);
        await Assert.That((int)problem!.Code).IsEqualTo(code);
        await Assert.That(readId).IsEqualTo(id);
    }

    [Test]
    public async Task Invalid_utf8_is_a_parse_error()
    {
        byte[] line = [.. "{\"id\":\""u8, 0xC3, 0x28, .. "\",\"method\":\"m\"}"u8];
        await Assert.That(Read(line).Problem!.Code).IsEqualTo(ErrorCode.ParseError);
    }

    [Test]
    public async Task Nesting_has_a_limit_and_no_effect_beyond_its_line()
    {
        string deep = """{"id":1,"method":"m","params":{"a":""" + new string('[', 200_000) + new string(']', 200_000) + "}}";
        await Assert.That(Read(Encoding.UTF8.GetBytes(deep)).Problem!.Code).IsEqualTo(ErrorCode.ParseError);
        string fine = """{"id":1,"method":"m","params":{"a":""" + new string('[', 400) + new string(']', 400) + "}}";
        await Assert.That(Read(Encoding.UTF8.GetBytes(fine)).Kind).IsEqualTo(FrameKind.Request);
    }

    [Test]
    public async Task A_known_method_and_a_short_id_cost_no_allocation()
    {
        byte[] line = Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":"r123","method":"m","params":{"session_id":"01234567","cols":80}}""");
        Func<ReadOnlySpan<byte>, string> name = static _ => "m";
        Count();
        // The best of a few: the runtime may compile or count something of its own in between.
        await Assert.That(Enumerable.Range(0, 5).Min(_ => Count())).IsEqualTo(0);

        long Count()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++) _ = RequestFrame.Read(line, name).Kind;
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private static (FrameKind Kind, string Id, string Method, string Params, FrameProblem? Problem) Read(byte[] line)
    {
        var frame = RequestFrame.Read(line, Encoding.UTF8.GetString);
        return (frame.Kind, frame.Id.ToString(), frame.Method, Encoding.UTF8.GetString(frame.Params), frame.Problem);
    }
}
