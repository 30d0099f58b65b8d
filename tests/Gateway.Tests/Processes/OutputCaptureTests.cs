using Gateway.Processes;

namespace Gateway.Tests.ProcessesTests;

public class OutputCaptureTests
{
    [Test]
    [Arguments(1)]
    [Arguments(2)]
    [Arguments(3)]
    [Arguments(7)]
    [Arguments(100)]
    public async Task Keeps_head_and_tail_however_the_text_is_cut(int piece)
    {
        for (var length = 0; length < 60; length++)
        {
            var text = string.Concat(Enumerable.Range(0, length).Select(index => (char)('0' + index)));
            var capture = new OutputCapture(new OutputLimit(5, 9));
            for (var at = 0; at < length; at += piece) capture.Append(text.AsSpan(at, Math.Min(piece, length - at)));
            var kept = capture.ToCaptured();
            await Assert.That(kept.ToText((_, _) => "|")).IsEqualTo(length <= 14 ? text : $"{text[..5]}|{text[^9..]}");
            await Assert.That(kept.Total).IsEqualTo(length);
        }
    }

    [Test]
    public async Task Cuts_leave_no_half_characters()
    {
        var capture = new OutputCapture(new OutputLimit(3, 3));
        capture.Append("🙂🙂🙂🙂🙂");
        var kept = capture.ToCaptured();
        await Assert.That(kept.ToText((omitted, _) => $"<{omitted}>")).IsEqualTo("🙂<6>🙂");
    }

    [Test]
    public async Task A_pair_split_between_head_and_tail_survives_when_nothing_is_missing()
    {
        var capture = new OutputCapture(new OutputLimit(1, 9));
        capture.Append("🙂!");
        await Assert.That(capture.ToCaptured().ToText((_, _) => "?")).IsEqualTo("🙂!");
    }
}
