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
