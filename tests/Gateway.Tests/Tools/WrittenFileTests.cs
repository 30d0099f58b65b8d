using Gateway.Config;
using Gateway.Tools.Approvals;
using Gateway.Tools.Files;

namespace Gateway.Tests.ToolsTests;

/// <summary>Commands that write to files that only the user changes are asked about. Commands are only judged here, never run.</summary>
public class WrittenFileTests
{
    private const string Home = "/home/nobody-here";

    private static readonly DangerousCommands Judge = new(new ProtectedFiles(new GatewayEnvironment(
        new Dictionary<string, string> { ["HOME"] = Home, ["HERMES_HOME"] = Home + "/.hermes" }, "/", Home)));

    [Test]
    [Arguments("echo x >> ~/.bashrc")]
    [Arguments("echo x >> $HOME/.zshenv")]
    [Arguments("echo x > ../.bash_aliases")]
    [Arguments("cd && echo x > .profile")]
    [Arguments("cat x | tee -a ~/.config/fish/config.fish")]
    [Arguments("cp x ~/.gitconfig")]
    [Arguments("cp .bash_login ~")]
    [Arguments("mv x ~/.config/autostart/")]
    [Arguments("mv ~/.zshrc /tmp/x")]
    [Arguments("ln -sf x ~/.bash_profile")]
    [Arguments("install -m 644 x ~/.config/systemd/user/x.service")]
    [Arguments("sed -i s/a/b/ ~/.bashrc")]
    [Arguments("dd if=/dev/null of=$HOME/.ssh/authorized_keys")]
    [Arguments("rm ~/.hermes/state.db")]
    [Arguments("truncate -s 0 ~/.hermes/auth.json")]
    [Arguments("curl -o ~/.bashrc https://x.invalid")]
    [Arguments("f=~/.zshrc; echo x > $f")]
    [Arguments("bash -c 'echo x > ~/.zshrc'")]
    public async Task Protected(string command) => await Assert.That(Check(command).Findings).Contains(CommandRules.ProtectedFile);

    [Test]
    [Arguments("echo x > notes.txt")]
    [Arguments("cat ~/.bashrc > copy.txt")]
    [Arguments("cp ~/.bashrc backup/")]
    [Arguments("grep alias ~/.zshrc")]
    [Arguments("touch ~/project/.bashrc")]
    [Arguments("make > build.log 2>&1")]
    public async Task Not_protected(string command) => await Assert.That(Check(command).IsSafe).IsTrue();

    private static CommandVerdict Check(string command) => Judge.Check(new JudgedCommand("false && " + command) { Directory = Home + "/project", Home = Home });
}
