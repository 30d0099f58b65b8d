using Gateway.Tests.Shared;
using ModelServer.Script;

namespace Gateway.ProcessTests;

/// <summary>The plain terminal client, over pipes and in a terminal.</summary>
public class ChatTests
{
    private const string ToolScript = """
        {"replies":[{"when":{"last_role":"tool","tool_result_contains":"denied"},"steps":[{"text":"You said no."}]},
                    {"when":{"last_role":"tool"},"steps":[{"text":"It ran: {{tool_result.output}}"}]}],
         "fallback":{"steps":[{"text":"Let me see."},{"tool_call":{"id":"c1","name":"terminal","arguments":{"command":"bash -c 'echo out of the tool'"}}}]}}
        """;

    [Test]
    public async Task A_question_is_answered_on_standard_output()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse("""{"fallback":{"steps":[{"text":"You said {{last_user_text}}.","chunk":3}]}}"""));
        var (status, output, errors) = Facts.Run(GatewayProcess.Binary, stage, "chat", "hello there");
        await Assert.That(output).IsEqualTo("You said hello there.\n");
        await Assert.That(errors).IsEqualTo("");
        await Assert.That(status).IsEqualTo(0);
    }

    [Test]
    public async Task Without_a_terminal_approvals_are_denied_unless_a_flag_says_otherwise()
    {
        await using (var stage = await Stage.SetAsync(ModelScript.Parse(ToolScript)))
        {
            var (status, output, errors) = Facts.Run(GatewayProcess.Binary, stage, "chat", "go");
            await Assert.That(output).IsEqualTo("Let me see.\nYou said no.\n");
            await Assert.That(errors).Contains("wants to run: bash -c 'echo out of the tool'");
            await Assert.That(status).IsEqualTo(0);
        }

        await using (var stage = await Stage.SetAsync(ModelScript.Parse(ToolScript)))
        {
            var (status, output, _) = Facts.Run(GatewayProcess.Binary, stage, "chat", "--yes", "go");
            await Assert.That(output).IsEqualTo("Let me see.\nIt ran: out of the tool\n");
            await Assert.That(status).IsEqualTo(0);
        }
    }

    [Test]
    public async Task Prompts_are_read_line_by_line()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse("""{"fallback":{"steps":[{"text":"<{{last_user_text}}>"}]}}"""));
        var (status, output, _) = Facts.RunWithInput(GatewayProcess.Binary, stage, "one\n\ntwo\n", "chat");
        await Assert.That(output).IsEqualTo("<one>\n<two>\n");
        await Assert.That(status).IsEqualTo(0);
    }

    [Test]
    public async Task A_failure_has_a_reason_and_a_status()
    {
        await using var stage = await Stage.SetAsync();
        var (status, output, errors) = Facts.Run(GatewayProcess.Binary, stage, "chat", "hello");
        await Assert.That(status).IsEqualTo(1);
        await Assert.That(output).IsEqualTo("");
        await Assert.That(errors).Contains("No inference provider configured");
    }

    [Test]
    public async Task Ctrl_C_interrupts_the_turn()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse("""{"fallback":{"steps":[{"text":"half"},{"hold":true}]}}"""));
        await using var chat = ChildProgram.Start(GatewayProcess.Binary, stage, "chat", "go");
        await chat.WaitForOutputAsync("half");
        chat.Signal(2);
        await Assert.That(await chat.ExitAsync()).IsEqualTo(130);
        await stage.Model!.WaitForDisconnectAsync();
    }

    [Test]
    public async Task An_interruption_before_any_text_leaves_standard_output_empty()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse("""{"fallback":{"steps":[{"hold":true}]}}"""));
        await using var chat = ChildProgram.Start("/bin/sh", stage, "-c", $"exec {GatewayProcess.Binary} chat go > \"$HERMES_HOME/out\"");
        await Facts.UntilAsync(() => stage.Model!.ModelCalls.Count, count => count == 1, "the request");
        chat.Signal(2);
        await chat.WaitForOutputAsync("Operation interrupted: ");
        await Assert.That(await chat.ExitAsync()).IsEqualTo(130);
        await Assert.That(await File.ReadAllTextAsync(Path.Combine(stage.Home, "out"))).IsEqualTo("");
    }

    [Test]
    [Arguments("--help > /dev/full", "")]
    [Arguments("--version > /dev/full", "")]
    [Arguments("chat hello > /dev/full", "error: the answer cannot be written")]
    public async Task A_full_disk_is_a_failure_and_no_crash(string arguments, string expected)
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse("""{"fallback":{"steps":[{"text":"An answer."}]}}"""));
        var (status, _, errors) = Facts.Run("/bin/sh", stage, "-c", $"exec {GatewayProcess.Binary} {arguments}");
        await Assert.That(status).IsEqualTo(1);
        await Assert.That(errors).StartsWith(expected);
        await Assert.That(errors).DoesNotContain("Unhandled");
    }

    [Test]
    public async Task A_reader_that_went_away_ends_the_turn()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse("""{"fallback":{"steps":[{"text":"An answer."},{"hold":true}]}}"""));
        string path = Path.Combine(stage.Home, "status");
        Facts.Run("/bin/sh", stage, "-c", $"{{ sleep 0.5; {GatewayProcess.Binary} chat hello; echo $? > '{path}'; }} | true; while ! [ -s '{path}' ]; do sleep 0.1; done");
        await Assert.That(await File.ReadAllTextAsync(path)).IsEqualTo("1\n");
    }

    [Test]
    public async Task A_model_does_not_steer_the_terminal()
    {
        if (!File.Exists("/usr/bin/script")) Skip.Test("script(1) from util-linux is missing");
        const string script = """{"fallback":{"steps":[{"text":"a\u001b]0;title\u0007b\u009bc\td\n"}]}}""";
        await using (var stage = await Stage.SetAsync(ModelScript.Parse(script)))
        {
            await using var chat = ChildProgram.Start("/usr/bin/script", stage, "-qec", $"{GatewayProcess.Binary} chat go", "/dev/null");
            await chat.WaitForOutputAsync("a]0;titlebc\td");
            await Assert.That(await chat.ExitAsync()).IsEqualTo(0);
        }

        await using (var stage = await Stage.SetAsync(ModelScript.Parse(script)))
        {
            var (_, output, _) = Facts.Run(GatewayProcess.Binary, stage, "chat", "go");
            await Assert.That(output).IsEqualTo("a\u001b]0;title\u0007b\u009bc\td\n");
        }
    }

    [Test]
    public async Task A_line_too_long_for_a_prompt_is_reported()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse("""{"fallback":{"steps":[{"text":"<{{last_user_text}}>"}]}}"""));
        var (status, output, errors) = Facts.RunWithInput(GatewayProcess.Binary, stage, "one\n" + new string('x', (1 << 20) + 1) + "\ntwo\n", "chat");
        await Assert.That(output).IsEqualTo("<one>\n");
        await Assert.That(errors).Contains("a prompt may have 1 MiB at most");
        await Assert.That(status).IsEqualTo(1);
    }

    [Test]
    public async Task An_empty_prompt_is_a_mistake_and_options_come_first()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse("""{"fallback":{"steps":[{"text":"<{{last_user_text}}>"}]}}"""));
        var (status, _, errors) = Facts.Run(GatewayProcess.Binary, stage, "chat", "");
        await Assert.That(errors).Contains("the prompt is empty");
        await Assert.That(status).IsEqualTo(2);
        await Assert.That(Facts.Run(GatewayProcess.Binary, stage, "chat", "what", "--quiet").Output).IsEqualTo("<what --quiet>\n");
        await Assert.That(Facts.Run(GatewayProcess.Binary, stage, "--help").Output).Contains("options come first");
    }

    [Test]
    public async Task In_a_terminal_the_user_is_asked()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(ToolScript));
        // script(1) gives the client a terminal; what is typed arrives when the question is on the screen.
        if (!File.Exists("/usr/bin/script")) Skip.Test("script(1) from util-linux is missing");
        await using var chat = ChildProgram.Start("/usr/bin/script", stage, "-qec", $"{GatewayProcess.Binary} chat go", "/dev/null");
        await chat.WaitForOutputAsync("[o]nce, [s]ession, [a]lways, [d]eny?");
        chat.Type("o\n");
        await chat.WaitForOutputAsync("It ran: out of the tool");
        await Assert.That(await chat.ExitAsync()).IsEqualTo(0);
    }
}
