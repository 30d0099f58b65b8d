using System.Text.Json.Nodes;
using Gateway.Processes;
using Gateway.Tests.ProcessesTests;

namespace Gateway.Tests.ToolsTests;

/// <summary>A script stands for sudo: it asks its helper as sudo does, and runs the command with the descriptors it got.</summary>
[NotInParallel("children")]
public class SudoTests
{
    private const string Password = "open sesame \"2\"";

    private const string Sudo = """
        #!/bin/bash
        [ "$1" = -A ] || { echo 'sudo: a terminal is required to read the password'; exit 1; }
        shift
        tries=1
        while :; do
          "$SUDO_ASKPASS" 'Password:' > "${0%/*}/answer.$$" || { echo 'sudo: a password is required'; exit 1; }
          given=$(cat "${0%/*}/answer.$$")
          [ -r "${0%/*}/right" ] && [ "$given" != "$(cat "${0%/*}/right")" ] || break
          echo 'Sorry, try again.'
          [ $((tries++)) -lt 3 ] || { echo 'sudo: 3 incorrect password attempts'; exit 1; }
        done
        printf '%s' "$given" > "${0%/*}/given"
        echo "$given" | tr a-z A-Z
        unset given SUDO_ASKPASS
        exec "$@"

        """;

    private static ToolStage Stage(AnsweringUser? user, string? configured = null, bool trusted = true, string config = "")
    {
        var environment = new Dictionary<string, string>();
        if (configured is not null) environment["SUDO_PASSWORD"] = configured;
        var stage = new ToolStage(config, environment, new ScriptedApprovals { Answer = Gateway.Tools.ApprovalChoice.Once });
        stage.Put("bin/sudo", Sudo);
        File.SetUnixFileMode(stage.At("bin/sudo"), (UnixFileMode)Convert.ToInt32("755", 8));
        stage.Kit = stage.Kit with { IsSudo = process => trusted && ProcessTable.Identity(process)?.Name == "sudo" };
        stage.Context = stage.Context with { Questions = user };
        return stage;
    }

    private static async Task<JsonNode> RunAsync(ToolStage stage, string command, string more = "", CancellationToken cancellation = default)
    {
        var arguments = JsonNode.Parse($$"""{"timeout":60{{more}}}""")!.AsObject();
        arguments["command"] = $"PATH={stage.At("bin")}:$PATH; {command}";
        return await stage.CallAsync("terminal", arguments, cancellation);
    }

    private static async Task<string> OutputAsync(ToolStage stage, string command, string more = "") => (string)(await RunAsync(stage, command, more))["output"]!;

    [Test]
    public async Task The_password_comes_from_the_user_once_and_stays_out_of_the_output()
    {
        var user = new AnsweringUser(Password);
        using var stage = Stage(user);
        await Assert.That(await OutputAsync(stage, "sudo cat bin/given; echo; sudo echo done")).IsEqualTo("OPEN SESAME \"2\"\n***\nOPEN SESAME \"2\"\ndone");
        await Assert.That(stage.Get("bin/given")).IsEqualTo(Password);
        await Assert.That(await OutputAsync(stage, "sudo echo again")).Contains("again");
        await Assert.That(user.Asked).IsEqualTo(1);
    }

    [Test]
    public async Task Nobody_is_asked_when_sudo_wants_no_password()
    {
        var user = new AnsweringUser(Password);
        using var stage = Stage(user);
        stage.Put("bin/sudo", "#!/bin/bash\nshift\nexec \"$@\"\n");
        await Assert.That(await OutputAsync(stage, "sudo echo done")).IsEqualTo("done");
        await Assert.That(user.Asked).IsEqualTo(0);
    }

    [Test]
    [Arguments("sudo true; cat")]
    [Arguments("sudo cat")]
    [Arguments("cat /proc/$$/environ /proc/$$/cmdline | tr '\\0' '\\n'; sudo sh -c 'cat /proc/$PPID/environ /proc/self/environ /proc/self/cmdline; ls /proc/self/fd | wc -l'; env; export -p")]
    public async Task Neither_input_nor_arguments_nor_variables_hold_it(string command)
    {
        using var stage = Stage(null, "Geheim4711");
        stage.Put("bin/sudo", Sudo.Replace("echo \"$given\" | tr a-z A-Z\n", ""));
        await Assert.That(await OutputAsync(stage, command + " | base64 -w0 | tee raw")).IsNotNull();
        await Assert.That(stage.Get("bin/given")).IsEqualTo("Geheim4711");
        string raw = System.Text.Encoding.Latin1.GetString(Convert.FromBase64String(stage.Get("raw")));
        await Assert.That(raw.Contains("Geheim4711")).IsFalse();
    }

    [Test]
    public async Task It_works_behind_a_pipe_and_for_each_sudo_of_a_command()
    {
        using var stage = Stage(null, "x1");
        stage.Put("bin/sudo", Sudo.Replace("echo \"$given\" | tr a-z A-Z\n", ""));
        await Assert.That(await OutputAsync(stage, "echo data | sudo tee out | sudo cat; sudo cat <<< here")).IsEqualTo("data\nhere");
        await Assert.That(stage.Get("out")).IsEqualTo("data\n");
    }

    [Test]
    public async Task A_wrong_password_is_tried_once_and_forgotten()
    {
        var user = new AnsweringUser("wrong");
        using var stage = Stage(user);
        stage.Put("bin/right", "right");
        await Assert.That(await OutputAsync(stage, "sudo echo never")).IsEqualTo("Sorry, try again.\nsudo: a password is required");
        await Assert.That(stage.Context.State.SudoPassword).IsNull();
        await OutputAsync(stage, "sudo echo never");
        await Assert.That(user.Asked).IsEqualTo(2);
    }

    [Test]
    public async Task Who_declines_is_asked_once_for_a_command()
    {
        var user = new AnsweringUser(null);
        using var stage = Stage(user);
        await Assert.That(await OutputAsync(stage, "sudo echo never; sudo echo never")).IsEqualTo("sudo: a password is required\nsudo: a password is required");
        await Assert.That(user.Asked).IsEqualTo(1);
    }

    [Test]
    public async Task An_empty_password_is_tried_like_any_other()
    {
        using var stage = Stage(null, "");
        await Assert.That(await OutputAsync(stage, "sudo echo done; wc -c < bin/given")).IsEqualTo("done\n0");
    }

    [Test]
    public async Task Without_a_password_and_a_user_the_command_is_left_as_it_is()
    {
        using var stage = Stage(null);
        await Assert.That(await OutputAsync(stage, "sudo ls")).IsEqualTo("sudo: a terminal is required to read the password");
    }

    [Test]
    public async Task The_configured_password_comes_before_the_variable()
    {
        using var stage = Stage(null, "variable", config: "terminal: {sudo_password: configured}");
        await OutputAsync(stage, "sudo true");
        await Assert.That(stage.Get("bin/given")).IsEqualTo("configured");
    }

    [Test]
    public async Task Nobody_but_sudo_gets_it()
    {
        using var untrusted = Stage(null, "secret", trusted: false);
        await Assert.That(await OutputAsync(untrusted, "sudo echo never")).IsEqualTo("sudo: a password is required");

        using var stage = Stage(null, "secret");
        await Assert.That(await OutputAsync(stage, "sudo true; \"$(tr '\\0' '\\n' < /proc/$$/cmdline | grep -o \"/[^']*askpass\" | head -1)\" || echo refused")).EndsWith("refused").And.DoesNotContain("secret");
    }

    [Test]
    public async Task Commands_in_the_background_and_with_a_terminal_get_it_too()
    {
        var user = new AnsweringUser(Password);
        using var stage = Stage(user);
        var started = await RunAsync(stage, "sudo echo behind", ""","background":true""");
        var ended = await stage.CallAsync("process", new JsonObject { ["action"] = "wait", ["session_id"] = (string)started["session_id"]! });
        await Assert.That((string)ended["output"]!).Contains("behind");
        if (ExecutablePath.Find("script", "/usr/bin:/bin") is not null)
            await Assert.That(await OutputAsync(stage, "sudo echo 'it'\\''s here'", ""","pty":true""")).Contains("it's here");
        await Assert.That(user.Asked).IsEqualTo(1);
    }

    [Test]
    public async Task An_interrupt_withdraws_the_question_and_ends_the_command()
    {
        var user = new AnsweringUser(null, thinksForEver: true);
        using var stage = Stage(user);
        using var interrupt = new CancellationTokenSource();
        var run = RunAsync(stage, "sudo echo never", cancellation: interrupt.Token);
        await Assert.That(await Facts.BecomesTrueAsync(() => user.Asked == 1)).IsTrue();
        await interrupt.CancelAsync();
        await Assert.That((int)(await run)["exit_code"]!).IsEqualTo(130);
        await Assert.That(user.Withdrawn).IsTrue();
        await Assert.That(await Facts.BecomesTrueAsync(() => stage.Children.Count == 0)).IsTrue();
        await Assert.That(await Facts.BecomesTrueAsync(() => !CommandLines.Any("askpass"))).IsTrue();
    }

    [Test]
    public async Task The_password_is_taken_out_of_every_result_also_as_json()
    {
        var state = new Gateway.Tools.ToolState("/") { SudoPassword = "pass\"word" };
        await Assert.That(state.WithoutPassword("""{"output":"pass\"word"} pass"word""")).IsEqualTo("""{"output":"***"} ***""");
        state.SudoPassword = "a";
        await Assert.That(state.WithoutPassword("banana")).IsEqualTo("banana");
    }
}
