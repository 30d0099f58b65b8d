using System.Text.Json;
using Gateway.Agent;
using Gateway.Agent.Compression;

namespace Gateway.Tests.AgentTests;

/// <summary>What compression keeps, what it shortens, and that pairs of calls and results stay whole.</summary>
public class CompressionTests
{
    // u = user, a = assistant, c = assistant with a call, t = its result; upper case is long.
    [Test]
    [Arguments("uauauau", 10, "")]
    [Arguments("uauauauauaua", 1000, "")]
    [Arguments("uauauaUAUA", 10, "3-7")]
    [Arguments("uctctctctctct", 10, "3-9")]
    [Arguments("uctctctctctctua", 10, "3-11")]
    [Arguments("ucttttauauau", 10, "6-9")]
    [Arguments("uauauactactau", 10, "3-9")]
    public async Task Plan(string shape, long tailTokens, string expected)
    {
        var plan = CompressionPlan.For(Messages(shape), tailTokens);
        await Assert.That(plan is { } found ? $"{found.Head}-{found.Tail}" : "").IsEqualTo(expected);
    }

    [Test]
    public async Task A_plan_never_parts_a_result_from_its_call()
    {
        var random = new Random(5);
        for (int round = 0; round < 2000; round++)
        {
            string shape = "u";
            while (shape.Length < 40) shape += random.Next(4) switch { 0 => "u", 1 => "a", 2 => "ct", _ => "Ctt" };
            var messages = Messages(shape);
            if (CompressionPlan.For(messages, random.Next(0, 5000)) is not { } plan) continue;
            await Assert.That(plan.Head).IsGreaterThanOrEqualTo(3);
            await Assert.That(plan.Tail).IsGreaterThan(plan.Head);
            await Assert.That(messages[plan.Tail].Role).IsNotEqualTo(Role.Tool);
            await Assert.That(messages[plan.Head].Role).IsNotEqualTo(Role.Tool);
        }
    }

    [Test]
    public async Task Old_results_become_one_line_and_repeated_ones_say_so()
    {
        string output = $"\"{new string('x', 300)}\"";
        var messages = new List<ConversationMessage>
        {
            new(Role.User, "go"),
            Call("1", "terminal", """{"command":"make test"}"""),
            Result("1", $$"""{"output":{{output}},"exit_code":2}"""),
            Call("2", "read_file", """{"path":"a.txt"}"""),
            Result("2", new string('r', 250)),
            Call("3", "read_file", """{"path":"a.txt"}"""),
            Result("3", new string('r', 250)),
            Call("4", "write_file", $$"""{"path":"b.txt","content":{{output.Replace("x", "xx")}}}"""),
            Result("4", "short"),
        };
        var pruned = ToolResultPruner.Prune(messages, 6);
        await Assert.That(pruned[2].Content).IsEqualTo("[terminal] ran `make test` -> exit 2, 1 lines output");
        await Assert.That(pruned[4].Content).IsEqualTo("[Duplicate tool output — same content as a more recent call]");
        await Assert.That(pruned[6]).IsEqualTo(messages[6]);
        await Assert.That(pruned[7]).IsEqualTo(messages[7]);

        pruned = ToolResultPruner.Prune(messages, 9);
        await Assert.That(pruned[6].Content).IsEqualTo("[read_file] read a.txt from line 1 (250 chars)");
        using var arguments = JsonDocument.Parse(pruned[7].ToolCalls[0].ArgumentsJson);
        await Assert.That(arguments.RootElement.GetProperty("path").GetString()).IsEqualTo("b.txt");
        await Assert.That(arguments.RootElement.GetProperty("content").GetString()!.Length).IsEqualTo(203);
    }

    [Test]
    [Arguments("read_file", """{"path":"a.txt","offset":40}""", "", "[read_file] read a.txt from line 40 (250 chars)")]
    [Arguments("search_files", """{"pattern":"x","path":"src"}""", """{"total_count":12,"matches":[]}""", "[search_files] content search for 'x' in src -> 12 matches")]
    [Arguments("search_files", """{"pattern":"*.cs","target":"files"}""", "no JSON", "[search_files] files search for '*.cs' in . -> unknown matches")]
    [Arguments("patch", """{"path":"p"}""", "", "[patch] replace in p (250 chars result)")]
    [Arguments("patch", """{"mode":"patch","patch":"x"}""", "", "[patch] patch in several files (250 chars result)")]
    [Arguments("other", "no JSON", "", "[other] no JSON (250 chars result)")]
    public async Task The_line_of_a_result_says_what_was_asked_and_found(string tool, string arguments, string result, string line)
    {
        var messages = new List<ConversationMessage> { Call("1", tool, arguments), Result("1", result.PadRight(250)) };
        await Assert.That(ToolResultPruner.Prune(messages, 2)[1].Content).IsEqualTo(line);
    }

    [Test]
    public async Task A_request_hides_credentials_and_bounds_what_it_repeats()
    {
        string request = SummaryPrompt.Request([new ConversationMessage(Role.User, "my key is sk-proj-abcdefghijklmnopqrstuvwxyz123456 " + new string('x', 50_000))], "colours", 2000);
        await Assert.That(request).DoesNotContain("abcdefghijklmnopqrstuvwxyz123456");
        await Assert.That(request).Contains("colours");
        await Assert.That(request.Length).IsLessThan(9000);
    }

    private static List<ConversationMessage> Messages(string shape)
    {
        var messages = new List<ConversationMessage>();
        string call = "";
        foreach (char kind in shape)
        {
            string text = char.IsUpper(kind) ? new string('x', 400) : "hi";
            if (char.ToLowerInvariant(kind) == 'c') call = $"call_{messages.Count}";
            messages.Add(char.ToLowerInvariant(kind) switch
            {
                'u' => new ConversationMessage(Role.User, text),
                'a' => new ConversationMessage(Role.Assistant, text),
                'c' => Call(call, "terminal", "{}") with { Content = text },
                _ => Result(call, text),
            });
        }

        return messages;
    }

    private static ConversationMessage Call(string id, string name, string arguments) => new(Role.Assistant, "") { ToolCalls = [new StoredToolCall(id, name, arguments)] };

    private static ConversationMessage Result(string id, string content) => new(Role.Tool, content) { ToolCallId = id };
}
