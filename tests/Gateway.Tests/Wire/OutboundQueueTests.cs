using System.Text;
using Gateway.Protocol;
using Gateway.Transport;

namespace Gateway.Tests.Wire;

/// <summary>What waits for a client that is behind: nothing is lost, order holds per session, text is joined.</summary>
public class OutboundQueueTests
{
    private readonly OutboundQueue _queue = new();
    private readonly FrameBuffer _frames = new(new WireEncoder());
    private readonly EventNames _names = new(new WireEncoder());

    [Test]
    public async Task Text_of_one_session_is_joined()
    {
        Delta("s", "one \"two\"");
        Delta("s", ", three\n");
        Delta("s", "");
        Delta("s", "é — \ud83d\ude00");
        await Assert.That(string.Concat(Drain())).IsEqualTo(string.Concat([DeltaFrame("s", "one \"two\", three\né — \ud83d\ude00")]));
        await Assert.That(_queue.Bytes).IsEqualTo(0);
    }

    [Test]
    public async Task Sessions_are_joined_apart_although_their_frames_alternate()
    {
        Delta("a", "1");
        Delta("b", "x");
        Delta("a", "2");
        Delta("b", "y");
        await Assert.That(string.Concat(Drain())).IsEqualTo(string.Concat([DeltaFrame("a", "12"), DeltaFrame("b", "xy")]));
    }

    [Test]
    public async Task Nothing_is_joined_past_a_control_frame_of_the_same_session()
    {
        Delta("a", "before");
        Control("a", "{\"tool.start\"}\n");
        Delta("a", "after");
        Control("b", "{\"of another session\"}\n");
        Delta("a", " and on");
        await Assert.That(string.Concat(Drain())).IsEqualTo(string.Concat([DeltaFrame("a", "before"), "{\"tool.start\"}\n", DeltaFrame("a", "after and on"), "{\"of another session\"}\n"]));
    }

    [Test]
    public async Task Kinds_of_text_are_not_mixed()
    {
        Text("message.delta", "a", "1");
        Text("reasoning.delta", "a", "2");
        Text("reasoning.delta", "a", "3");
        Text("message.delta", "a", "4");
        await Assert.That(string.Concat(Drain())).IsEqualTo(string.Concat([Frame("message.delta", "a", "1"), Frame("reasoning.delta", "a", "23"), Frame("message.delta", "a", "4")]));
    }

    [Test]
    public async Task Of_captions_the_latest_counts()
    {
        Caption("a", "(face) thinking...");
        Caption("a", "");
        Caption("a", "(another) musing...");
        Delta("a", "text");
        Caption("a", "");
        await Assert.That(string.Concat(Drain())).IsEqualTo(string.Concat([Frame("thinking.delta", "a", "(another) musing..."), DeltaFrame("a", "text"), Frame("thinking.delta", "a", "")]));
    }

    [Test]
    public async Task The_rest_of_a_frame_that_is_half_sent_stays_as_it_is()
    {
        string frame = DeltaFrame("a", "half sent");
        var bytes = _frames.TextEvent(_names.MessageDelta, "a", "half sent");
        _queue.Add(new OutgoingFrame { Bytes = bytes, Session = "a", Joining = Joining.Append, BodyStart = _frames.BodyStart, BodyEnd = _frames.BodyEnd }, sent: 20);
        Delta("a", "next");
        await Assert.That(string.Concat(Drain())).IsEqualTo(string.Concat([frame[20..], DeltaFrame("a", "next")]));
    }

    [Test]
    public async Task Joined_text_keeps_a_size_that_fits_a_batch()
    {
        string piece = new('z', 1000);
        for (int i = 0; i < 200; i++) Delta("a", piece);
        string[] frames = Drain();
        await Assert.That(frames.Max(frame => frame.Length)).IsLessThanOrEqualTo(OutboundQueue.BatchBytes);
        await Assert.That(frames.Length).IsLessThan(5);
        await Assert.That(frames.Sum(frame => frame.Count(letter => letter == 'z'))).IsEqualTo(200_000);
    }

    [Test]
    public async Task A_batch_takes_whole_frames_and_a_large_frame_comes_alone()
    {
        for (int i = 0; i < 1000; i++) Control(null, $"{{{i:0000}}}{new string(' ', 93)}\n");
        string large = new string('y', 300_000) + "\n";
        Control(null, large);
        Control(null, "{last}\n");
        var batch = new OutboundBatch();
        var batches = new List<string>();
        while (!_queue.IsEmpty)
        {
            _queue.Take(batch);
            batches.Add(Encoding.UTF8.GetString(batch.From(0)));
        }

        await Assert.That(batches.Count).IsEqualTo(4);
        await Assert.That(batches[2]).IsEqualTo(large);
        await Assert.That(batches.All(text => text.EndsWith('\n'))).IsTrue();
        await Assert.That(batches[..2].All(text => text.Length <= OutboundQueue.BatchBytes)).IsTrue();
    }

    [Test]
    public async Task Bytes_are_counted_as_they_will_be_sent()
    {
        Delta("a", "one");
        Delta("a", "two");
        Caption("b", "caption");
        Caption("b", "");
        long counted = _queue.Bytes;
        await Assert.That(counted).IsEqualTo(Drain().Sum(Encoding.UTF8.GetByteCount));
    }

    private void Delta(string session, string text) => Text("message.delta", session, text);

    private void Caption(string session, string text) => Add(_names.ThinkingDelta, session, text, Joining.Replace);

    private void Text(string type, string session, string text) =>
        Add(type == "message.delta" ? _names.MessageDelta : _names.ReasoningDelta, session, text, Joining.Append);

    private void Add(System.Text.Json.JsonEncodedText type, string session, string text, Joining joining)
    {
        var bytes = _frames.TextEvent(type, session, text);
        _queue.Add(new OutgoingFrame { Bytes = bytes, Session = session, Joining = joining, BodyStart = _frames.BodyStart, BodyEnd = _frames.BodyEnd });
    }

    private void Control(string? session, string frame) => _queue.Add(new OutgoingFrame { Bytes = Encoding.UTF8.GetBytes(frame), Session = session });

    private string DeltaFrame(string session, string text) => Frame("message.delta", session, text);

    private string Frame(string type, string session, string text)
    {
        var name = type switch
        {
            "message.delta" => _names.MessageDelta,
            "reasoning.delta" => _names.ReasoningDelta,
            _ => _names.ThinkingDelta,
        };
        return Encoding.UTF8.GetString(new FrameBuffer(new WireEncoder()).TextEvent(name, session, text));
    }

    private string[] Drain()
    {
        var batch = new OutboundBatch();
        var text = new StringBuilder();
        while (!_queue.IsEmpty)
        {
            _queue.Take(batch);
            text.Append(Encoding.UTF8.GetString(batch.From(0)));
        }

        return [.. text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line + "\n")];
    }
}
