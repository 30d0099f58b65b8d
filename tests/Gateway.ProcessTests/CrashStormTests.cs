using System.Globalization;
using System.Text.Json;
using Gateway.Tests.Shared;
using ModelServer.Script;

namespace Gateway.ProcessTests;

/// <summary>Kills a conversing gateway at random instants, again and again. GATEWAY_CRASH_KILLS says how often (default 25),
/// GATEWAY_CRASH_SEED repeats a storm.</summary>
public class CrashStormTests
{
    private const string Script = """
        {"replies":[
          {"when":{"last_user_contains":"tool","last_role":"user"},"steps":[{"text":"Looking."},{"delay_ms":20},
             {"tool_calls":[{"id":"c{{call}}","name":"terminal","arguments":{"command":"sleep 0.03; echo out"}},{"id":"d{{call}}","name":"terminal","arguments":{"command":"echo more"}}]}]},
          {"when":{"last_user_contains":"slow"},"steps":[{"repeat":12,"text":"piece {{n}} "},{"delay_ms":120},{"repeat":12,"text":"piece {{n}} "},{"delay_ms":1100},{"text":"end of {{last_user_text}}"}]}],
         "fallback":{"steps":[{"text":"Answer "},{"delay_ms":5},{"text":"to {{last_user_text}}"}]}}
        """;

    private readonly List<Talk> _talks = [];
    private int _prompts;
    private int _checked;

    // Alone: a process between fork and exec holds the pipes of every other test for a moment, and this one starts many.
    [Test]
    [NotInParallel]
    public async Task Nothing_acknowledged_is_lost()
    {
        int kills = Setting("GATEWAY_CRASH_KILLS") ?? 25;
        int seed = Setting("GATEWAY_CRASH_SEED") ?? Environment.TickCount & 0xffff;
        var random = new Random(seed);
        await using var stage = await Stage.SetAsync(ModelScript.Parse(Script));
        for (int kill = 0; kill < kills; kill++)
        {
            try
            {
                await LiveAndDieAsync(stage, random);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {seed}, kill {kill}: {exception.Message}", exception);
            }
        }

        await using (var last = GatewayProcess.Start(stage))
        {
            int id = 1;
            foreach (var talk in _talks) await CheckAsync(last, talk, id++);
            foreach (var talk in _talks.Where(talk => talk.Key is not null)) await CheckResumedAsync(last, talk, id++);
            await Assert.That(Refusals(last)).IsEqualTo("");
        }

        await Assert.That(DiskFacts.Faults(stage)).IsEqualTo("");
        int acknowledged = _talks.Sum(talk => talk.Prompts.Count(prompt => prompt.Acknowledged));
        int answered = _talks.Sum(talk => talk.Prompts.Count(prompt => prompt.Answer is not null));
        await Assert.That(acknowledged).IsGreaterThan(kills / 2);
        Endings.Note($"CRASHES | seed {seed}, {kills} kills, {_talks.Count} sessions | {acknowledged} prompts acknowledged, {answered} answers complete | {_checked} checks, 0 lost");
    }

    // One life: the sessions of earlier lives are whole and go on, then something is under way when the end comes.
    private async Task LiveAndDieAsync(Stage stage, Random random)
    {
        await using var gateway = GatewayProcess.Start(stage);
        int id = 1;
        while (_talks.Count < 2 || random.Next(12) == 0) _talks.Add(new Talk((await gateway.AskAsync(id++, "session.create")).GetProperty("result").GetProperty("session_id").GetString()!));
        var talks = _talks.OrderBy(_ => random.Next()).Take(2).ToList();
        foreach (var talk in talks) await CheckAsync(gateway, talk, id++);
        var sent = new List<(int Id, Talk Talk, Prompt Prompt)>();
        foreach (var talk in talks)
        {
            string kind = random.Next(3) switch { 0 => "tool", 1 => "slow", _ => "plain" };
            var prompt = new Prompt($"p{_prompts++} {kind}.");
            talk.Prompts.Add(prompt);
            sent.Add((id, talk, prompt));
            gateway.Send(Steps.Request(id++, "prompt.submit", $$"""{"session_id":"{{talk.LiveId}}","text":"{{prompt.Text}}"}"""));
        }

        switch (random.Next(6))
        {
            case 0:
                break;
            case 1:
                await gateway.AnswerAsync(sent[1].Id);
                break;
            case 2:
                await gateway.EventAsync("message.delta");
                break;
            case 3:
                await gateway.EventAsync("message.complete");
                break;
            case 4:
                gateway.Send(Steps.Request(id, "session.create"));
                break;
            default:
                await Task.Delay(random.Next(400));
                break;
        }

        if (random.Next(2) == 0) await Task.Delay(random.Next(30));
        gateway.Signal(Steps.Kill);
        await gateway.ExitAsync();
        await gateway.OutputEndAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Assert.That(Refusals(gateway)).IsEqualTo("");
        foreach (var (number, talk, prompt) in sent)
        {
            prompt.Acknowledged = gateway.Conversation.Frames.Any(frame => EndingTests.Id(frame) == $"{number}");
            prompt.Answer = gateway.Conversation.Frames
                .Where(frame => EndingTests.IsEvent(frame, "message.complete") && frame.GetProperty("params").GetProperty("session_id").GetString() == talk.LiveId)
                .Select(frame => frame.GetProperty("params").GetProperty("payload").GetProperty("text").GetString())
                .SingleOrDefault();
        }
    }

    private async Task CheckAsync(GatewayProcess gateway, Talk talk, int id)
    {
        var answer = await gateway.AskAsync(id, "session.history", $$"""{"session_id":"{{talk.LiveId}}"}""");
        Check(talk, answer, "by its live id");
        talk.Key ??= (await gateway.AskAsync(id + 10_000, "session.title", $$"""{"session_id":"{{talk.LiveId}}"}""")).GetProperty("result").GetProperty("session_key").GetString();
    }

    private async Task CheckResumedAsync(GatewayProcess gateway, Talk talk, int id) =>
        Check(talk, await gateway.AskAsync(id, "session.resume", $$"""{"session_id":"{{talk.Key}}"}"""), "resumed");

    private void Check(Talk talk, JsonElement answer, string how)
    {
        if (!answer.TryGetProperty("result", out var result)) throw new InvalidOperationException($"session {talk.LiveId} {how}: {answer}");
        var rows = result.GetProperty("messages").EnumerateArray()
            .Select(row => (Role: row.GetProperty("role").GetString()!, Text: row.TryGetProperty("text", out var text) ? text.GetString()! : "")).ToList();
        int at = 0;
        foreach (var prompt in talk.Prompts)
        {
            int found = rows.FindIndex(at, row => row.Role == "user" && row.Text == prompt.Text);
            if (found < 0 && !prompt.Acknowledged) continue;
            if (found < 0) throw new InvalidOperationException($"session {talk.LiveId} {how} has lost \"{prompt.Text}\"\n{result}");
            if (rows.FindIndex(found + 1, row => row.Role == "user" && row.Text == prompt.Text) >= 0) throw new InvalidOperationException($"session {talk.LiveId} {how} has \"{prompt.Text}\" twice");
            at = found + 1;
            int next = rows.FindIndex(at, row => row.Role == "user");
            var said = rows[at..(next < 0 ? rows.Count : next)];
            if (prompt.Answer is not null && !said.Any(row => row.Role == "assistant" && row.Text == prompt.Answer))
                throw new InvalidOperationException($"session {talk.LiveId} {how} has lost the answer \"{prompt.Answer}\"\n{result}");
            _checked++;
        }
    }

    // A provider that refuses a history, or a failed request, shows as one of these.
    private static string Refusals(GatewayProcess gateway) => string.Join('\n', gateway.Conversation.Frames.Where(frame =>
        frame.TryGetProperty("error", out _) || EndingTests.IsEvent(frame, "error")
        || (EndingTests.IsEvent(frame, "message.complete") && frame.GetProperty("params").GetProperty("payload").GetProperty("status").GetString() == "error")));

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private sealed class Talk(string liveId)
    {
        public string LiveId { get; } = liveId;

        public string? Key { get; set; }

        public List<Prompt> Prompts { get; } = [];
    }

    private sealed class Prompt(string text)
    {
        public string Text { get; } = text;

        public bool Acknowledged { get; set; }

        public string? Answer { get; set; }
    }
}
