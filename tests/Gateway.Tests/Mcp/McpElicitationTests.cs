using Gateway.Mcp;
using Gateway.Tests.Shared;
using Gateway.Tools;

namespace Gateway.Tests.McpTests;

[NotInParallel("children")]
public class McpElicitationTests
{
    private const string Method = "elicitation/create";
    private const string On = ", elicitation: {enabled: true}";

    [Test]
    public async Task A_form_becomes_questions_of_the_session_that_calls()
    {
        const string form = """
            {"message":"Where \u001b[31mto?","requestedSchema":{"type":"object","properties":{
            "city":{"type":"string","title":"City","description":"in Europe","minLength":2},
            "nights":{"type":"integer","minimum":1,"maximum":9},
            "late":{"type":"boolean"},
            "class":{"type":"string","enum":["a","b"],"enumNames":["First","Second"]},
            "extras":{"type":"array","items":{"type":"string","enum":["meal","seat"]}},
            "note":{"type":"string"}},"required":["city","nights","class","extras"]}}
            """;
        var user = new AnsweringUser("Rome", "0", "3", "yes", "second", "seat, MEAL", "skip");
        using var server = await AskingServer.StartAsync(Method, form.ReplaceLineEndings(""), On);
        var answer = (await server.AskAsync(user))["result"]!;
        await Assert.That((string)answer["action"]!).IsEqualTo("accept");
        await Assert.That(answer["content"]!.ToJsonString()).IsEqualTo("""{"city":"Rome","nights":3,"late":true,"class":"b","extras":["seat","meal"]}""");
        await Assert.That(string.Join('\n', user.Asked)).IsEqualTo(
            """
            MCP server 'srv' asks: Where to?
            City: in Europe
            MCP server 'srv' asks: Where to?
            nights (a whole number; at least 1; at most 9)
            MCP server 'srv' asks: Where to?
            nights (a whole number; at least 1; at most 9)
            the number is out of bounds
            MCP server 'srv' asks: Where to?
            late (skip leaves it out) [yes|no|skip]
            MCP server 'srv' asks: Where to?
            class [First|Second]
            MCP server 'srv' asks: Where to?
            extras (any of meal, seat, with commas between them)
            MCP server 'srv' asks: Where to?
            note (skip leaves it out)
            """);
        await Assert.That(server.Offered["elicitation"]!.ToJsonString()).IsEqualTo("""{"form":{}}""");
    }

    [Test]
    [Arguments("yes", "accept")]
    [Arguments("no", "decline")]
    public async Task A_form_without_fields_wants_agreement(string said, string action)
    {
        var user = new AnsweringUser(said);
        using var server = await AskingServer.StartAsync(Method, """{"message":"Go on?","requestedSchema":{"type":"object","properties":{}}}""", On);
        await Assert.That((string)(await server.AskAsync(user))["result"]!["action"]!).IsEqualTo(action);
        await Assert.That(user.Asked.Single()).IsEqualTo("MCP server 'srv' asks: Go on? [yes|no]");
    }

    [Test]
    [Arguments("""{"message":"Sign in","requestedSchema":{"type":"object","properties":{"user":{"type":"string"},"pass_word":{"type":"string"}}}}""", "something secret")]
    [Arguments("""{"message":"Your API key?","requestedSchema":{"type":"object","properties":{"value":{"type":"string"}}}}""", "something secret")]
    [Arguments("""{"message":"Open it","mode":"url","url":"https://x.invalid/","elicitationId":"1"}""", "only forms")]
    [Arguments("""{"message":"n","requestedSchema":{"type":"object","properties":{"n":{"type":"number"}},"required":["n"]}}""", "must be a number")]
    public async Task What_must_not_be_asked_or_is_answered_wrongly_twice_is_declined(string form, string why)
    {
        var user = new AnsweringUser("many", "very many", "never asked");
        using var server = await AskingServer.StartAsync(Method, form, On);
        await Assert.That((string)(await server.AskAsync(user))["result"]!["action"]!).IsEqualTo("decline");
        await Assert.That(server.Log).Contains(why);
        await Assert.That(user.Asked.Count).IsEqualTo(why == "must be a number" ? 2 : 0);
    }

    [Test]
    public async Task Without_a_user_or_an_answer_it_is_declined()
    {
        const string form = """{"message":"Name?","requestedSchema":{"type":"object","properties":{"name":{"type":"string"}}}}""";
        using var server = await AskingServer.StartAsync(Method, form, ", elicitation: {enabled: true, timeout: 0.2}, timeout: 60");
        await Assert.That((string)(await server.AskAsync())["result"]!["action"]!).IsEqualTo("decline");
        await Assert.That(server.Log).Contains("no session");
        await Assert.That((string)(await server.AskAsync(new AnsweringUser("")))["result"]!["action"]!).IsEqualTo("decline");
        var absent = new AnsweringUser();
        await Assert.That((string)(await server.AskAsync(absent))["result"]!["action"]!).IsEqualTo("decline");
        await Assert.That(absent.Asked.Count).IsEqualTo(1);
        await Assert.That(absent.Withdrawn).IsTrue();
    }

    [Test]
    public async Task Time_to_think_is_not_the_servers()
    {
        var time = new ManualTime();
        using var caller = new McpCaller(null, TimeSpan.FromSeconds(2), time, CancellationToken.None);
        caller.Hold();
        time.Advance(TimeSpan.FromMinutes(5));
        await Assert.That(caller.TimedOut.IsCancellationRequested).IsFalse();
        caller.Release();
        time.Advance(TimeSpan.FromSeconds(1));
        await Assert.That(caller.TimedOut.IsCancellationRequested).IsFalse();
        time.Advance(TimeSpan.FromSeconds(1));
        await Assert.That(caller.TimedOut.IsCancellationRequested).IsTrue();
    }

    [Test]
    public async Task Only_one_users_calls_make_a_question()
    {
        var callers = new McpCallers();
        var ada = new AnsweringUser();
        using McpCaller first = New(ada), second = New(ada), other = New(new AnsweringUser()), nobody = New(null);
        await Assert.That(callers.Only).IsNull();
        callers.Add(first);
        callers.Add(second);
        await Assert.That(callers.Only).IsEqualTo(second);
        foreach (var one in new[] { other, nobody })
        {
            callers.Add(one);
            await Assert.That(callers.Only).IsNull();
            callers.Remove(one);
            await Assert.That(callers.Only).IsEqualTo(second);
        }

        static McpCaller New(IUserQuestions? user) => new(user, TimeSpan.FromMinutes(1), TimeProvider.System, CancellationToken.None);
    }

    [Test]
    public async Task An_interruption_withdraws_the_question()
    {
        const string form = """{"message":"Name?","requestedSchema":{"type":"object","properties":{"name":{"type":"string"}}}}""";
        using var server = await AskingServer.StartAsync(Method, form, On);
        using var interrupt = new CancellationTokenSource();
        var gone = new AnsweringUser();
        var interrupted = server.InterruptedAsync(gone, interrupt.Token);
        await Waiting.UntilAsync(() => gone.Asked.Count, count => count == 1, "the question");
        await interrupt.CancelAsync();
        await Assert.That(await interrupted).IsEqualTo("MCP call interrupted: user sent a new message");
        await Waiting.UntilAsync(() => gone.Withdrawn, withdrawn => withdrawn, "the end of the question");
    }

    [Test]
    public async Task It_is_off_unless_the_user_wants_it()
    {
        var user = new AnsweringUser("x");
        using var server = await AskingServer.StartAsync(Method, """{"message":"Go on?","requestedSchema":{"type":"object","properties":{}}}""");
        await Assert.That(server.Offered["elicitation"]).IsNull();
        await Assert.That((int)(await server.AskAsync(user))["error"]!["code"]!).IsEqualTo(-32601);
        await Assert.That(user.Asked).IsEmpty();
    }
}

/// <summary>A user who gives prepared answers, then none.</summary>
internal sealed class AnsweringUser(params string[] answers) : IUserQuestions
{
    private readonly Queue<string> _answers = new(answers);

    public List<string> Asked { get; } = [];

    public bool Withdrawn { get; private set; }

    public async Task<string> ClarifyAsync(string question, IReadOnlyList<string>? choices, CancellationToken cancellationToken)
    {
        Asked.Add(choices is null ? question : $"{question} [{string.Join('|', choices)}]");
        if (_answers.TryDequeue(out string? answer)) return answer;
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return "";
        }
        catch (OperationCanceledException)
        {
            Withdrawn = true;
            throw;
        }
    }

    public Task<string?> SudoPasswordAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<string?> SecretAsync(string variable, string prompt, CancellationToken cancellationToken) => throw new NotSupportedException();
}
