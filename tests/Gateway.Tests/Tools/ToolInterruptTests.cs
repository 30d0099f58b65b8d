using Gateway.Storage;
using Gateway.Tools;
using Gateway.Tools.Approvals;
using Gateway.Tools.Web;

namespace Gateway.Tests.ToolsTests;

/// <summary>An interrupt ends every wait at once: for services, for models, for the user.</summary>
public class ToolInterruptTests
{
    private const string Page = "http://1.1.1.1/x";

    [Test]
    [Arguments("web_search", """{"query":"x"}""")]
    [Arguments("web_extract", """{"urls":["http://1.1.1.1/x"]}""")]
    public async Task A_service_that_does_not_answer(string tool, string arguments)
    {
        var service = new Silent();
        using var stage = Web(service);
        await Expect(stage, tool, arguments, service.Asked.Task);
    }

    [Test]
    public async Task A_model_that_sums_up_pages()
    {
        var model = new SilentModel();
        using var stage = Web(new Answering($$"""{"results":[{"url":"{{Page}}","text":"{{new string('x', 20_000)}}"}]}"""));
        stage.Context = stage.Context with { Auxiliary = model };
        await Expect(stage, "web_extract", """{"urls":["http://1.1.1.1/x"]}""", model.Asked.Task);
        await Assert.That(model.Request!.TimeoutSeconds).IsEqualTo(360);
    }

    [Test]
    public async Task A_model_that_sums_up_conversations()
    {
        var model = new SilentModel();
        using var stage = new ToolStage();
        var records = new SessionRecords(stage.Kit.State, TimeProvider.System);
        records.Append("one", "m", new StoredMessage("user", "docker"));
        records.Append("two", "m", new StoredMessage("user", "docker"));
        stage.Context = stage.Context with { Auxiliary = model };
        await Expect(stage, "session_search", """{"query":"docker"}""", model.Asked.Task);
        await Assert.That(model.Request!.TimeoutSeconds).IsEqualTo(30);
    }

    [Test]
    public async Task An_interrupt_that_came_before_keeps_a_search_from_starting()
    {
        using var stage = new ToolStage();
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        foreach (string arguments in (string[])["{}", """{"query":"docker"}"""])
            await Assert.That(async () => await stage.ResultAsync("session_search", arguments, stop.Token)).Throws<OperationCanceledException>();
    }

    [Test]
    public async Task A_model_that_judges_commands()
    {
        var model = new SilentModel();
        var approvals = new ScriptedApprovals { AsksModelFirst = true };
        using var stop = new CancellationTokenSource();
        var check = new ApprovalGate(new DangerousCommands()).CheckAsync(new JudgedCommand("false && rm -r x"), approvals, model, stop.Token);
        await model.Asked.Task;
        await stop.CancelAsync();
        await Assert.That(async () => await check).Throws<OperationCanceledException>();
        await Assert.That(approvals.Asked).IsNull();
        await Assert.That(approvals.Granted).IsEmpty();
    }

    [Test]
    public async Task A_command_that_a_model_judges_does_not_run()
    {
        var model = new SilentModel();
        using var stage = new ToolStage(approvals: new ScriptedApprovals { AsksModelFirst = true });
        stage.Context = stage.Context with { Auxiliary = model };
        using var stop = new CancellationTokenSource();
        var running = stage.CallAsync("terminal", """{"command":"bash -c 'echo must not run > ran'"}""", stop.Token);
        await model.Asked.Task;
        await stop.CancelAsync();
        await Assert.That((await running)["exit_code"]!.GetValue<int>()).IsEqualTo(130);
        await Assert.That(File.Exists(stage.At("ran"))).IsFalse();
    }

    [Test]
    public async Task A_question_that_was_withdrawn_is_answered_with_nothing()
    {
        using var stage = new ToolStage();
        var user = new SilentUser();
        stage.Context = stage.Context with { Questions = user };
        using var stop = new CancellationTokenSource();
        var running = stage.CallAsync("clarify", """{"question":"which?","choices":["a","b"]}""", stop.Token);
        await user.Asked.Task;
        await stop.CancelAsync();
        await Assert.That((await running).ToJsonString()).IsEqualTo("""{"question":"which?","choices_offered":["a","b"],"user_response":""}""");
    }

    [Test]
    public async Task A_question_for_a_secret_that_was_withdrawn_stores_nothing()
    {
        using var stage = new ToolStage();
        string folder = Directory.CreateDirectory(Path.Combine(stage.Home, "skills", "s")).FullName;
        File.WriteAllText(Path.Combine(folder, "SKILL.md"), "---\nname: s\ndescription: d\nrequired_environment_variables: [SOME_KEY]\n---\nx");
        var user = new SilentUser();
        stage.Context = stage.Context with { Questions = user };
        await Expect(stage, "skill_view", """{"name":"s"}""", user.Asked.Task);
        await Assert.That(File.Exists(Path.Combine(stage.Home, ".env"))).IsFalse();
        await Assert.That(stage.Context.State.Skills.IsDeclined("SOME_KEY")).IsFalse();
    }

    private static async Task Expect(ToolStage stage, string tool, string arguments, Task begun)
    {
        using var stop = new CancellationTokenSource();
        var running = stage.ResultAsync(tool, arguments, stop.Token);
        await begun;
        await stop.CancelAsync();
        await Assert.That(async () => await running).Throws<OperationCanceledException>();
    }

    private static ToolStage Web(HttpMessageHandler service)
    {
        var stage = new ToolStage(environment: new() { ["EXA_API_KEY"] = "test-key" });
        stage.Kit = stage.Kit with { Web = new WebHttp(() => service) };
        return stage;
    }

    private sealed class Silent : HttpMessageHandler
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException();
        }
    }

    private sealed class Answering(string answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage { Content = new StringContent(answer) });
    }

    private sealed class SilentModel : IAuxiliaryModel
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public AuxiliaryRequest? Request { get; private set; }

        public async Task<AuxiliaryAnswer> AskAsync(AuxiliaryRequest request, CancellationToken cancellationToken)
        {
            Request = request;
            Asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException();
        }
    }

    private sealed class SilentUser : IUserQuestions
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task<string> ClarifyAsync(string question, IReadOnlyList<string>? choices, CancellationToken cancellationToken) => await WaitAsync(cancellationToken) ?? "";

        public Task<string?> SudoPasswordAsync(CancellationToken cancellationToken) => WaitAsync(cancellationToken);

        public Task<string?> SecretAsync(string variable, string prompt, CancellationToken cancellationToken) => WaitAsync(cancellationToken);

        private async Task<string?> WaitAsync(CancellationToken cancellationToken)
        {
            Asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return null;
        }
    }
}
