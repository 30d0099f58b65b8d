using System.Text.Json.Nodes;
using Gateway.Config;
using Gateway.Tools.Files;

namespace Gateway.Tests.ToolsTests;

/// <summary>The one list of files that only the user changes.</summary>
[NotInParallel("children")]
public class ProtectedFileTests
{
    private static ProtectedFiles List(Dictionary<string, string>? more = null)
    {
        var variables = new Dictionary<string, string>(more ?? []);
        variables.TryAdd("HERMES_HOME", "/nowhere/user/.hermes");
        return new ProtectedFiles(new GatewayEnvironment(variables, "/nowhere/work", "/nowhere/user"));
    }

    [Test]
    [Arguments(".hermes/state.db", "holds all conversations")]
    [Arguments(".hermes/state.db-wal", "holds all conversations")]
    [Arguments(".hermes/state.db-journal", "holds all conversations")]
    [Arguments(".hermes/auth.lock", "holds logins for models")]
    [Arguments(".hermes/cron/jobs.json", "Use the cronjob tool")]
    [Arguments(".hermes/hooks/x/handler.py", "run by themselves")]
    [Arguments(".hermes/plugins/x/plugin.yaml", "run by themselves")]
    [Arguments(".hermes/gateway_turns.lock", "which processes run")]
    [Arguments(".hermes/logs/tui_gateway_crash.log", "says what happened")]
    [Arguments(".hermes/profiles/other/config.yaml", "what runs without asking")]
    [Arguments(".hermes/home/.bashrc", "is read by every new shell")]
    [Arguments(".bash_login", "~/.bash_login is read by every new shell. Ask the user to change it")]
    [Arguments(".bash_aliases", "is read by every new shell")]
    [Arguments(".zshenv", "~/.zshenv is read by every new shell")]
    [Arguments(".config/fish/conf.d/new.fish", "~/.config/fish is read by every new shell")]
    [Arguments(".inputrc", "is read by every new shell")]
    [Arguments(".pam_environment", "is read at every login")]
    [Arguments(".config/environment.d/x.conf", "is read at every login")]
    [Arguments(".config/autostart/x.desktop", "is read at every login")]
    [Arguments(".config/systemd/user/x.service", "is read at every login")]
    [Arguments(".local/share/systemd/user/x.service", "is read at every login")]
    [Arguments(".local/share/applications/x.desktop", "the desktop starts")]
    [Arguments(".gitconfig", "names programs that git runs")]
    [Arguments(".config/git/config", "names programs that git runs")]
    [Arguments(".ssh/authorized_keys", "decides who may log in")]
    [Arguments(".config/gcloud/x", "holds keys or passwords")]
    [Arguments(".cargo/config.toml", "steers a package manager")]
    [Arguments(".config/pip/pip.conf", "steers a package manager")]
    [Arguments(".vimrc", "is run when an editor")]
    [Arguments(".emacs.d/init.el", "is run when an editor")]
    [Arguments(".local/lib/python3.12/site-packages/x.pth", "run by every python program")]
    [Arguments(".local/bin/ls", "in the place of the system's ls")]
    [Arguments("project/.git/config", "names programs that git runs")]
    [Arguments("project/.git/hooks/pre-commit", "names programs that git runs")]
    [Arguments("project/.git/modules/sub/hooks/post-checkout", "names programs that git runs")]
    [Arguments("project/.git", "names programs that git runs")]
    public async Task Each_has_its_reason(string name, string reason)
    {
        await Assert.That(List().ReasonFor("/nowhere/user/" + name, writes: true) ?? "").Contains(reason);
        await Assert.That(List().ReasonFor("/nowhere/user/" + name, writes: false)).IsNull();
    }

    [Test]
    [Arguments("notes.txt")]
    [Arguments(".bashrc.bak")]
    [Arguments(".config/app/settings.json")]
    [Arguments(".local/bin/my-own-tool")]
    [Arguments("project/.gitignore")]
    [Arguments("project/.github/workflows/hooks/x.yml")]
    [Arguments("project/.git/info/exclude")]
    [Arguments("project/.git/refs/heads/hooks/x")]
    [Arguments("project/.vscode/settings.json")]
    [Arguments("project/.bashrc")]
    [Arguments("project/.npmrc")]
    [Arguments(".hermes/SOUL.md")]
    [Arguments(".hermes/skills/x/SKILL.md")]
    [Arguments(".hermes/scripts/job.py")]
    [Arguments(".hermes/state.db.md")]
    public async Task Ordinary_files_are_free(string name) => await Assert.That(List().ReasonFor("/nowhere/user/" + name, writes: true)).IsNull();

    [Test]
    public async Task Files_of_the_usual_home_and_of_the_root_of_a_profile_are_protected_too()
    {
        var list = List(new() { ["HERMES_HOME"] = "/nowhere/root/profiles/one", ["ZDOTDIR"] = "/nowhere/user/zsh" });
        foreach (string path in new[] { "/nowhere/root/profiles/one/auth.json", "/nowhere/root/auth.json", "/nowhere/root/profiles/two/.env", "/nowhere/user/.hermes/.env", "/nowhere/user/zsh/.zshrc", "/var/spool/cron/root" })
            await Assert.That(list.ReasonFor(path, writes: true)).IsNotNull();
        await Assert.That(list.ReasonFor("/nowhere/user/zsh/notes", writes: true)).IsNull();
    }

    [Test]
    public async Task What_other_programs_hold_is_not_read()
    {
        using var stage = new ToolStage();
        foreach (string path in new[] { "/proc/self/environ", "/proc/1/environ", "/proc/self/mem", $"/proc/self/task/{Environment.ProcessId}/environ" })
            await Assert.That((string)(await stage.CallAsync("read_file", new JsonObject { ["path"] = path }))["error"]!).Contains("Access denied");
    }

    [Test]
    [Arguments("write_file")]
    [Arguments("patch")]
    public async Task Tools_say_the_reason(string tool)
    {
        using var stage = new ToolStage();
        foreach (var (path, reason) in new[] { ("~/.zshenv", "is read by every new shell"), (Path.Combine(stage.Home, "state.db"), "holds all conversations"), ("~//.bashrc", "is read by every new shell") })
        {
            var arguments = tool == "patch"
                ? new JsonObject { ["mode"] = "patch", ["patch"] = $"*** Begin Patch\n*** Add File: {path}\n+x\n*** End Patch" }
                : new JsonObject { ["path"] = path, ["content"] = "x" };
            await Assert.That((string)(await stage.CallAsync(tool, arguments))["error"]!).Contains(reason);
        }
    }

    [Test]
    [Arguments("~", "/h")]
    [Arguments("~/", "/h")]
    [Arguments("~/x", "/h/x")]
    [Arguments("~//x", "/h/x")]
    [Arguments("~///etc/passwd", "/h/etc/passwd")]
    [Arguments("~x/y", "~x/y")]
    [Arguments("/~/x", "/~/x")]
    [Arguments("", "")]
    public async Task A_tilde_leads_into_the_home(string path, string expanded) => await Assert.That(HomePath.Expand(path, "/h")).IsEqualTo(expanded);
}
