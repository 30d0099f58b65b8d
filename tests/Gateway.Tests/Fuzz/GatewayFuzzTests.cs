using System.Text.Json;
using Gateway.Protocol;
using Gateway.Tests.Shared;
using Gateway.Tests.Wire;
using Gateway.Transport;

namespace Gateway.Tests.Fuzz;

/// <summary>Lines through a pipe into the real loop, in pieces of any size: each gets exactly the answers it should, each
/// answer has the right id, and everything that comes out is a strict frame.</summary>
public class GatewayFuzzTests
{
    private const int LinesPerRound = 300;

    [Test]
    public Task Every_request_gets_exactly_one_answer() => FuzzRun.PlayAsync(20, async random =>
    {
        await using var stage = await Stage.SetAsync();
        var (reading, writing) = Descriptors.Pipe();
        using var _ = reading;
        var gateway = new GatewayHarness(stage, new StdioInput(Descriptors.Number(reading), LineReader.DefaultMaxLineBytes));

        // Damage makes no command out of another name; shell.exec is left out because what it is given would run.
        string[] methods = [.. gateway.Table.Routes.Select(route => route.Method).Where(method => method != "shell.exec"), "no.such"];
        var generator = new JsonGenerator(random);
        byte[][] lines = [.. Enumerable.Range(0, LinesPerRound).Select(_ => generator.Line(methods))];
        var expected = lines.Select(EnvelopeOracle.Of).Where(line => line.Kind is FrameKind.Request or FrameKind.Invalid).ToList();
        using (writing) await Task.Run(() => Send(writing, [.. lines.SelectMany(line => (byte[])[.. line, (byte)'\n'])], random));

        var conversation = gateway.Conversation;
        await conversation.WaitForAsync(0, _ => conversation.Frames.Count(IsAnswer) >= expected.Count, $"{expected.Count} answers");
        await gateway.DisposeAsync();

        // Ids that the oracle leaves open are those of parse errors, found before or behind the id.
        var ids = conversation.Frames.Where(IsAnswer).Select(frame => frame.GetProperty("id").GetRawText()).ToList();
        if (ids.Count != expected.Count) throw new InvalidOperationException($"{ids.Count} answers instead of {expected.Count}\n{conversation.Talk()}");
        foreach (string id in expected.Select(line => line.Id).OfType<string>())
            if (!ids.Remove(id.Replace("\u2028", "\\u2028").Replace("\u2029", "\\u2029"))) throw new InvalidOperationException($"no answer has the id {id}\n{conversation.Talk()}");
        foreach (var frame in conversation.Frames)
            if (frame.TryGetProperty("error", out var error) && error.GetProperty("code").GetInt32() == (int)ErrorCode.InternalError) throw new InvalidOperationException(frame.GetRawText());
    });

    private static bool IsAnswer(JsonElement frame) => frame.TryGetProperty("id", out _);

    private static void Send(Microsoft.Win32.SafeHandles.SafeFileHandle writing, byte[] bytes, Random random)
    {
        int most = random.Next(3) switch { 0 => 20, 1 => 2000, _ => 100_000 };
        for (int at = 0; at < bytes.Length;)
        {
            int length = Math.Min(bytes.Length - at, random.Next(1, most));
            Descriptors.Write(writing, bytes.AsSpan(at, length));
            at += length;
        }
    }
}
