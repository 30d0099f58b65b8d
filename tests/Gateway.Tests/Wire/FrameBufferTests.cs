using System.Text;
using System.Text.Json;
using Gateway.Protocol;
using Gateway.Protocol.Messages;

namespace Gateway.Tests.Wire;

public class FrameBufferTests
{
    private static readonly EventNames Events = new(new WireEncoder());

    [Test]
    [Arguments("plain", "plain")]
    [Arguments("é☃ 日本 😀 \u00a0\u007f", "é☃ 日本 😀 \u00a0\u007f")]
    [Arguments("a\"b\\c/d", "a\\\"b\\\\c/d")]
    [Arguments("\n\r\t\b\f\0\u001f", "\\n\\r\\t\\b\\f\\u0000\\u001f")]
    [Arguments("one\u2028two\u2029three", "one\\u2028two\\u2029three")]
    [Arguments("half \ud800 pair", "half \ufffd pair")]
    [Arguments("end \ud83d", "end \ufffd")]
    [Arguments("\udc00 start", "\ufffd start")]
    public async Task Text_goes_out_unescaped_except_what_must_be(string text, string onTheWire)
    {
        using var buffer = new FrameBuffer(new WireEncoder());
        string frame = Encoding.UTF8.GetString(buffer.TextEvent(Events.MessageDelta, "s", text));
        await Assert.That(frame).IsEqualTo(
            $$$$"""{"jsonrpc":"2.0","method":"event","params":{"type":"message.delta","session_id":"s","payload":{"text":"{{{{onTheWire}}}}"}}}""" + "\n");
    }

    [Test]
    public async Task Every_character_survives_the_way_out_and_back()
    {
        var all = new StringBuilder();
        for (int c = 0; c <= 0x10FFFF; c += c < 0x3000 ? 1 : 61)
            if (c is < 0xD800 or > 0xDFFF) all.Append(char.ConvertFromUtf32(c));
        using var buffer = new FrameBuffer(new WireEncoder());
        byte[] frame = buffer.TextEvent(Events.MessageDelta, "s", all.ToString()).ToArray();
        await Assert.That(frame.Count(b => b == '\n')).IsEqualTo(1);
        using var document = JsonDocument.Parse(frame);
        await Assert.That(document.RootElement.GetProperty("params").GetProperty("payload").GetProperty("text").GetString()).IsEqualTo(all.ToString());
    }

    [Test]
    [Arguments("1")]
    [Arguments("\"1\"")]
    [Arguments("1E400")]
    [Arguments("{\"a\" : [1, 2]}")]
    public async Task Ids_come_back_as_they_were_sent(string id)
    {
        using var buffer = new FrameBuffer(new WireEncoder());
        string frame = Encoding.UTF8.GetString(buffer.Result(new RequestId(Encoding.UTF8.GetBytes(id)), new StatusResult("ok"), GatewayJson.Default.StatusResult));
        await Assert.That(frame).IsEqualTo($$$"""{"jsonrpc":"2.0","id":{{{id}}},"result":{"status":"ok"}}""" + "\n");
    }

    [Test]
    public async Task Separators_in_an_id_are_escaped_too()
    {
        using var buffer = new FrameBuffer(new WireEncoder());
        string frame = Encoding.UTF8.GetString(buffer.Error(new RequestId("\"a\u2028b\""u8), ErrorCode.ParseError, "x"));
        await Assert.That(frame).Contains("\"id\":\"a\\u2028b\"");
    }

    [Test]
    public async Task Events_without_payload_or_session_leave_the_members_out()
    {
        using var buffer = new FrameBuffer(new WireEncoder());
        await Assert.That(Encoding.UTF8.GetString(buffer.Event(Events.MessageStart, "s")))
            .IsEqualTo("""{"jsonrpc":"2.0","method":"event","params":{"type":"message.start","session_id":"s"}}""" + "\n");
        string error = Encoding.UTF8.GetString(buffer.Event(Events.Error, null, new ErrorEvent("m"), GatewayJson.Default.ErrorEvent));
        await Assert.That(error).IsEqualTo("""{"jsonrpc":"2.0","method":"event","params":{"type":"error","payload":{"message":"m"}}}""" + "\n");
    }

    [Test]
    public async Task A_delta_costs_no_allocation()
    {
        using var buffer = new FrameBuffer(new WireEncoder());
        const string Text = "A chunk of an answer, with é and \"quotes\" and 😀.";
        Count();
        // The best of a few: the runtime may compile or count something of its own in between.
        await Assert.That(Enumerable.Range(0, 5).Min(_ => Count())).IsEqualTo(0);

        long Count()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++) buffer.TextEvent(Events.MessageDelta, "01234567", Text);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }
}
