using System.Text;
using Gateway.Protocol;
using Gateway.Tests.Shared;

namespace Gateway.Tests.Fuzz;

/// <summary>The envelope reader against <see cref="System.Text.Json.JsonDocument"/>.</summary>
public class EnvelopeFuzzTests
{
    private static readonly string[] _methods = ["m", "voice.toggle", "a\\u002eb", "\\ud800", "", "é", "\\ud83d\\ude00"];

    [Test]
    public Task Envelopes_are_read_as_JsonDocument_reads_them() => FuzzRun.PlayAsync(20_000, random =>
    {
        Check(new JsonGenerator(random).Line(_methods));
        return Task.CompletedTask;
    });

    [Test]
    public async Task Values_that_are_valid_are_accepted()
    {
        foreach (string value in JsonCorpus.Accepted.Concat(JsonCorpus.AcceptedByChoice))
        {
            foreach (string line in Documents(value))
            {
                byte[] bytes = Encoding.UTF8.GetBytes(line);
                Check(bytes);
                await Assert.That(RequestFrame.Read(bytes, Encoding.UTF8.GetString).Kind).IsEqualTo(FrameKind.Request).Because(line);
            }
        }
    }

    [Test]
    public async Task Values_that_are_invalid_are_refused()
    {
        foreach (string value in JsonCorpus.Refused)
        {
            foreach (string line in Documents(value))
            {
                byte[] bytes = Encoding.UTF8.GetBytes(line);
                Check(bytes);
                await Assert.That(RequestFrame.Read(bytes, Encoding.UTF8.GetString).Problem?.Code).IsEqualTo(ErrorCode.ParseError).Because(line);
            }
        }
    }

    private static IEnumerable<string> Documents(string value) =>
    [
        $"{{\"id\":{value},\"method\":\"m\"}}",
        $"{{\"method\":\"m\",\"id\":{value}}}",
        $"{{\"id\":1,\"method\":\"m\",\"params\":{{\"x\":{value}}}}}",
        $"{{\"id\":1,\"x\":{value},\"method\":\"m\"}}",
    ];

    private static void Check(byte[] line)
    {
        var expected = EnvelopeOracle.Of(line);
        var frame = RequestFrame.Read(line, Encoding.UTF8.GetString);
        string? problem =
            frame.Kind != expected.Kind ? $"kind {frame.Kind} instead of {expected.Kind}"
            : frame.Kind == FrameKind.Invalid && frame.Problem!.Code != expected.Code ? $"error {frame.Problem.Code} instead of {expected.Code}"
            : expected.Id is not null && frame.Id.ToString() != expected.Id ? $"id {frame.Id} instead of {expected.Id}"
            : frame.Kind == FrameKind.Request && frame.Method != expected.Method ? $"method {frame.Method} instead of {expected.Method}"
            : frame.Kind == FrameKind.Request && Encoding.UTF8.GetString(frame.Params) != expected.Params ? $"params {Encoding.UTF8.GetString(frame.Params)} instead of {expected.Params}"
            : null;

        // Whatever the outcome, the answer to it is a frame that the strictest of clients can read.
        using var buffer = new FrameBuffer(new WireEncoder());
        problem ??= StrictFrame.ProblemOf(buffer.Error(frame.Id, ErrorCode.InternalError, frame.Problem?.Message ?? frame.Method));
        if (problem is not null) throw new InvalidOperationException($"{problem}\n{Encoding.UTF8.GetString(line)}\n{Convert.ToHexString(line)}");
    }
}
