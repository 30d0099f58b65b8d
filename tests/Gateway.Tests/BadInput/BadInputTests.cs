using System.Text;
using System.Text.Json;
using Gateway.Tests.Shared;
using Gateway.Tests.Wire;
using Gateway.Transport;

namespace Gateway.Tests.BadInput;

/// <summary>Bad input through a real pipe, reader and loop: each line has its written outcome, and the request after it is
/// answered as if it had not been.</summary>
public class BadInputTests
{
    [Test]
    public async Task Every_kind_has_its_outcome_and_harms_nothing_after_it()
    {
        await using var stage = await Stage.SetAsync();
        var (reading, writing) = Descriptors.Pipe();
        using var _ = reading;
        var input = new StdioInput(Descriptors.Number(reading), LineReader.DefaultMaxLineBytes);
        await using var gateway = new GatewayHarness(stage, input);
        using var closed = writing;
        int position = 1 + await gateway.Conversation.WaitForAsync(0, _ => true, "gateway.ready");
        int number = 0;
        var wrong = new List<string>();
        foreach (var badInput in BadInputCases.All())
        {
            foreach (byte[] line in badInput.Lines)
            {
                string probe = $"\"after {++number}\"";
                string shown = $"{badInput.What}: {Encoding.UTF8.GetString(line.AsSpan(0, Math.Min(line.Length, 100)))}";
                Descriptors.Write(writing, line);
                Descriptors.Write(writing, $$"""{{"\n"}}{"id":{{probe}},"method":"voice.toggle"}{{"\n"}}""");
                int end = await gateway.Conversation.WaitForAsync(position, frame => IdOf(frame) == probe, $"the answer to what follows {shown}");
                var answers = gateway.Conversation.Frames.Take(end).Skip(position).ToList();
                position = end + 1;
                if (ProblemWith(answers, badInput) is string problem) wrong.Add($"{shown}\n  {problem}");
            }
        }

        await Assert.That(wrong).IsEmpty();

        // The last line needs no newline.
        Descriptors.Write(writing, """{"id":"last","method":"voice.toggle"}""");
        writing.Dispose();
        await gateway.Conversation.WaitForAsync(position, frame => IdOf(frame) == "\"last\"", "the answer to the last line");
    }

    private static string? ProblemWith(List<JsonElement> answers, BadInputCase badInput)
    {
        if (answers.Count != (badInput.Answers ? 1 : 0)) return $"{answers.Count} answers";
        if (!badInput.Answers) return null;
        if (IdOf(answers[0]) != badInput.Id) return $"id {IdOf(answers[0])}";
        if (badInput.Code is null) return answers[0].TryGetProperty("result", out _) ? null : answers[0].GetRawText();
        var error = answers[0].GetProperty("error");
        return error.GetProperty("code").GetInt32() == badInput.Code && error.GetProperty("message").GetString()!.StartsWith(badInput.Message, StringComparison.Ordinal)
            ? null
            : answers[0].GetRawText();
    }

    private static string? IdOf(JsonElement frame) => frame.TryGetProperty("id", out var id) ? id.GetRawText() : null;
}
