using System.Text.Json.Nodes;
using Gateway.Tools;

namespace Gateway.Tests.ToolsTests;

[NotInParallel("children")]
public class ShellStateTests
{
    private static async Task<string> OutputAsync(ToolStage stage, string command, string? workdir = null)
    {
        var arguments = new JsonObject { ["command"] = command };
        if (workdir is not null) arguments["workdir"] = workdir;
        return (string)(await stage.CallAsync("terminal", arguments))["output"]!;
    }

    [Test]
    public async Task Directory_exports_and_functions_carry_over()
    {
        using var stage = new ToolStage();
        Directory.CreateDirectory(stage.At("sub"));
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(stage.Work)!, ".bash_profile"), "export FROM_PROFILE=yes OPENAI_API_KEY=sk-never\nhello() { echo \"hello $1\"; }\n");
        await OutputAsync(stage, "cd sub && export COLOUR='dark \"blue\"' && local_only=1");
        await Assert.That(await OutputAsync(stage, "pwd; echo \"$COLOUR|$local_only|$FROM_PROFILE|$OPENAI_API_KEY\"; hello you"))
            .IsEqualTo($"{stage.At("sub")}\ndark \"blue\"||yes|\nhello you");
        await OutputAsync(stage, "unset COLOUR");
        await Assert.That(await OutputAsync(stage, "echo [$COLOUR] [$1] [$__tg_c]; exit 0")).StartsWith("[] []");
        await Assert.That(stage.Context.State.CurrentDirectory).IsEqualTo(stage.At("sub"));
    }

    [Test]
    public async Task A_directory_for_one_command_does_not_stay()
    {
        using var stage = new ToolStage();
        Directory.CreateDirectory(stage.At("sub"));
        await Assert.That(await OutputAsync(stage, "pwd", "sub")).IsEqualTo(stage.At("sub"));
        await Assert.That(await OutputAsync(stage, "pwd")).IsEqualTo(stage.Work);
    }

    [Test]
    public async Task Conversations_do_not_move_each_other()
    {
        using var stage = new ToolStage();
        Directory.CreateDirectory(stage.At("sub"));
        await OutputAsync(stage, "cd sub; export X=1");
        stage.Context = new ToolContext("other", stage.Work, new ScriptedApprovals());
        await Assert.That(await OutputAsync(stage, "pwd; echo [$X]")).IsEqualTo($"{stage.Work}\n[]");
    }

    [Test]
    public async Task A_failing_or_leaving_command_hands_on_what_it_did()
    {
        using var stage = new ToolStage();
        Directory.CreateDirectory(stage.At("sub"));
        await OutputAsync(stage, "export A=1; cd sub; exit 7");
        await Assert.That(await OutputAsync(stage, "echo $A; pwd")).IsEqualTo($"1\n{stage.At("sub")}");
        await OutputAsync(stage, "cd ..; rmdir sub; mkdir gone; cd gone; rmdir ../gone");
        await Assert.That(await OutputAsync(stage, "pwd")).IsEqualTo(stage.Work);
    }

    [Test]
    public async Task A_command_that_wants_a_terminal_gets_one()
    {
        if (Gateway.Processes.ExecutablePath.Find("script", "/usr/bin:/bin") is null) Skip.Test("script(1) is not installed");
        using var stage = new ToolStage();
        var json = await stage.CallAsync("terminal", """{"command":"test -t 1 && echo \"it's a tty\"; exit 3","pty":true}""");
        await Assert.That((string)json["output"]!).IsEqualTo("it's a tty");
        await Assert.That((int)json["exit_code"]!).IsEqualTo(3);
    }

    [Test]
    [Arguments("sudo ls", "sudo -A ls", true)]
    [Arguments("echo a && sudo -u x ls; sudo id", "echo a && sudo -A -u x ls; sudo -A id", true)]
    [Arguments("A=1 sudo ls | sudo tee x", "A=1 sudo -A ls | sudo -A tee x", true)]
    [Arguments("if true; then sudo ls; fi", "if true; then sudo -A ls; fi", true)]
    [Arguments("echo sudo ls", "echo sudo ls", false)]
    [Arguments("echo 'a; sudo ls'", "echo 'a; sudo ls'", false)]
    [Arguments("echo \"; sudo ls\" # ; sudo x", "echo \"; sudo ls\" # ; sudo x", false)]
    [Arguments("pseudosudo ls; ./sudo x", "pseudosudo ls; ./sudo x", false)]
    [Arguments("\\sudo ls", "\\sudo ls", false)]
    [Arguments("echo x | sudo -S ls; sudo id", "echo x | sudo -S ls; sudo -A id", true)]
    [Arguments("sudo -u root -kS ls", "sudo -u root -kS ls", false)]
    [Arguments("sudo --stdin ls", "sudo --stdin ls", false)]
    [Arguments("sudo -uS ls -S", "sudo -A -uS ls -S", true)]
    [Arguments("sudo -- ls -S", "sudo -A -- ls -S", true)]
    public async Task Sudo_reads_its_password_where_it_is_a_command(string command, string expected, bool found)
    {
        await Assert.That(Gateway.Tools.Terminal.SudoCommand.Rewrite(command, "sudo -A", out bool any)).IsEqualTo(expected);
        await Assert.That(any).IsEqualTo(found);
    }

    [Test]
    public async Task The_judge_knows_what_an_earlier_command_exported_and_where_it_went()
    {
        var approvals = new ScriptedApprovals();
        using var stage = new ToolStage(approvals: approvals);
        Directory.CreateDirectory(stage.At("sub"));
        await OutputAsync(stage, "export REMOVE=\"r''m\"; cd sub");
        await Assert.That(approvals.Asked).IsNull();
        await stage.CallAsync("terminal", """{"command":"false && eval \"$REMOVE\" -r x"}""");
        await Assert.That(approvals.Asked!.PatternKeys).Contains("recursive delete");
        await Assert.That(approvals.Asked.Description).EndsWith("runs in " + stage.At("sub"));
    }
}
