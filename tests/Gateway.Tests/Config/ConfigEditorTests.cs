using Gateway.Config;

namespace Gateway.Tests.ConfigTests;

public class ConfigEditorTests
{
    [Test]
    [Arguments("", "command_allowlist:\n  - new one\n")]
    [Arguments("a: 1", "a: 1\ncommand_allowlist:\n  - new one\n")]
    [Arguments("# top\na: 1  # note\n", "# top\na: 1  # note\ncommand_allowlist:\n  - new one\n")]
    [Arguments("a: 1\r\nb: 2\r\n", "a: 1\r\nb: 2\r\ncommand_allowlist:\r\n  - new one\r\n")]
    [Arguments("command_allowlist:\n- old\nb: 2\n", "command_allowlist:\n- old\n- new one\nb: 2\n")]
    [Arguments("command_allowlist:\n    # why\n    - old   # because\n\n# about b\nb: 2\n", "command_allowlist:\n    # why\n    - old   # because\n    - new one\n\n# about b\nb: 2\n")]
    [Arguments("command_allowlist:\r\n  - old\r\nb: 2\r\n", "command_allowlist:\r\n  - old\r\n  - new one\r\nb: 2\r\n")]
    [Arguments("command_allowlist:\n  - old", "command_allowlist:\n  - old\n  - new one\n")]
    [Arguments("command_allowlist: [a, 'b']  # c\nb: 2\n", "command_allowlist: [a, 'b', new one]  # c\nb: 2\n")]
    [Arguments("command_allowlist: [a,\n  b, # last\n  ]\n", "command_allowlist: [a,\n  b, new one, # last\n  ]\n")]
    [Arguments("command_allowlist: []\nb: 2\n", "command_allowlist: [new one]\nb: 2\n")]
    [Arguments("command_allowlist:   # nothing yet\nb: 2\n", "command_allowlist:   # nothing yet\n  - new one\nb: 2\n")]
    [Arguments("command_allowlist: ~\nb: 2\n", "command_allowlist: [new one]\nb: 2\n")]
    [Arguments("a: 1\n...\n", "a: 1\ncommand_allowlist:\n  - new one\n...\n")]
    [Arguments("{}\n", "{command_allowlist: [new one]}\n")]
    [Arguments("x:\n  command_allowlist: [q]\ncommand_allowlist: [a]\n", "x:\n  command_allowlist: [q]\ncommand_allowlist: [a, new one]\n")]
    [Arguments("command_allowlist:\n- |\n  old\n  text\nb: 2\n", "command_allowlist:\n- |\n  old\n  text\n- new one\nb: 2\n")]
    [Arguments("\uFEFFa: 1\n", "\uFEFFa: 1\ncommand_allowlist:\n  - new one\n")]
    public async Task Only_the_new_entry_changes(string before, string after)
    {
        using var home = new ConfigTestHome();
        home.Write("hermes/config.yaml", before);
        var added = new ConfigEditor(home.Environment()).AddToAllowlist(home.ConfigPath, ["new one"]);
        await Assert.That(added).IsEqualTo(1);
        await Assert.That(System.Text.Encoding.UTF8.GetString(File.ReadAllBytes(home.ConfigPath))).IsEqualTo(after);
    }

    [Test]
    public async Task Awkward_entries_survive_the_round_trip()
    {
        string[] keys = ["a: b # c", "- dash", "yes", "\"quoted\" \\ back", "tab\there", "*star", "[x, y]", "ünïcode", "script execution via -e/-c flag"];
        using var home = new ConfigTestHome();
        home.Write("hermes/config.yaml", "command_allowlist: [old]\n");
        new ConfigEditor(home.Environment()).AddToAllowlist(home.ConfigPath, keys);
        var list = new ConfigFile(home.ConfigPath).Read().Root.Find("command_allowlist").Items.Select(item => item.AsString());
        await Assert.That(string.Join("|", list)).IsEqualTo("old|" + string.Join("|", keys));
    }

    [Test]
    public async Task Known_entries_leave_the_file_untouched()
    {
        using var home = new ConfigTestHome();
        home.Write("hermes/config.yaml", "command_allowlist: [a]\n");
        var time = DateTime.UnixEpoch.AddDays(1);
        File.SetLastWriteTimeUtc(home.ConfigPath, time);
        await Assert.That(new ConfigEditor(home.Environment()).AddToAllowlist(home.ConfigPath, ["a", "a"])).IsEqualTo(0);
        await Assert.That(File.GetLastWriteTimeUtc(home.ConfigPath)).IsEqualTo(time);
    }

    [Test]
    [Arguments("a: [\n")]
    [Arguments("- a\n")]
    [Arguments("command_allowlist: text\n")]
    [Arguments("{a: 1}\n")]
    [Arguments("l: &l [a]\ncommand_allowlist: *l\n")]
    public async Task What_cannot_be_edited_safely_is_refused_and_left(string before)
    {
        using var home = new ConfigTestHome();
        home.Write("hermes/config.yaml", before);
        var editor = new ConfigEditor(home.Environment());
        await Assert.That(() => editor.AddToAllowlist(home.ConfigPath, ["x"])).Throws<ConfigEditException>();
        await Assert.That(await File.ReadAllTextAsync(home.ConfigPath)).IsEqualTo(before);
        await Assert.That(Directory.GetFileSystemEntries(home.Home).Length).IsEqualTo(1);
    }

    [Test]
    public async Task Managed_installations_are_refused()
    {
        using var home = new ConfigTestHome();
        var byVariable = new ConfigEditor(home.Environment(("HERMES_MANAGED", "true")));
        await Assert.That(() => byVariable.AddToAllowlist(home.ConfigPath, ["x"])).Throws<ConfigEditException>();
        home.Write("hermes/.managed", "");
        var byFile = new ConfigEditor(home.Environment());
        await Assert.That(() => byFile.AddToAllowlist(home.ConfigPath, ["x"])).Throws<ConfigEditException>();
        await Assert.That(File.Exists(home.ConfigPath)).IsFalse();
    }

    [Test]
    public async Task A_new_file_is_private_and_an_old_one_keeps_its_mode()
    {
        using var home = new ConfigTestHome();
        var editor = new ConfigEditor(home.Environment());
        editor.AddToAllowlist(home.ConfigPath, ["x"]);
        await Assert.That(Mode(home.ConfigPath)).IsEqualTo(Convert.ToInt32("600", 8));
        SetMode(home.ConfigPath, Convert.ToInt32("640", 8));
        editor.AddToAllowlist(home.ConfigPath, ["y"]);
        await Assert.That(Mode(home.ConfigPath)).IsEqualTo(Convert.ToInt32("640", 8));
    }

    [Test]
    public async Task A_link_stays_a_link()
    {
        using var home = new ConfigTestHome();
        var target = home.Write("dotfiles/hermes.yaml", "a: 1\n");
        File.CreateSymbolicLink(home.ConfigPath, target);
        new ConfigEditor(home.Environment()).AddToAllowlist(home.ConfigPath, ["x"]);
        await Assert.That(new FileInfo(home.ConfigPath).LinkTarget).IsEqualTo(target);
        await Assert.That(await File.ReadAllTextAsync(target)).IsEqualTo("a: 1\ncommand_allowlist:\n  - x\n");
    }

    private static int Mode(string path) => OperatingSystem.IsWindows() ? 0 : (int)File.GetUnixFileMode(path);

    private static void SetMode(string path, int mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, (UnixFileMode)mode);
        }
    }

    [Test]
    [Arguments("mcp_servers:\n  # mine\n  s:\n    command: x   # keep\nb: 2\n", "mcp_servers:\n  # mine\n  s:\n    tools: {exclude: [new one]}\n    command: x   # keep\nb: 2\n")]
    [Arguments("mcp_servers: {s: {command: x}}  # c\n", "mcp_servers: {s: {tools: {exclude: [new one]}, command: x}}  # c\n")]
    [Arguments("mcp_servers: {s: {}}\n", "mcp_servers: {s: {tools: {exclude: [new one]}}}\n")]
    [Arguments("mcp_servers:\r\n  s:\r\n    tools:\r\n      prompts: false\r\n", "mcp_servers:\r\n  s:\r\n    tools:\r\n      exclude: [new one]\r\n      prompts: false\r\n")]
    [Arguments("mcp_servers: {s: {tools: {exclude: ['old' , gone]}}}\n", "mcp_servers: {s: {tools: {exclude: ['old', new one]}}}\n")]
    [Arguments("mcp_servers:\n  s:\n    tools:\n      exclude:\n      - old  # why\n      - gone # and this\n\n      # tail\n    command: x\n", "mcp_servers:\n  s:\n    tools:\n      exclude:\n      - old  # why\n      - new one\n\n      # tail\n    command: x\n")]
    [Arguments("mcp_servers:\n  s:\n    tools:\n      exclude:\n        - gone\n        - \"old\"", "mcp_servers:\n  s:\n    tools:\n      exclude:\n        - \"old\"\n        - new one\n")]
    [Arguments("mcp_servers:\n  s:\n    tools:  # none\nb: 2\n", "mcp_servers:\n  s:\n    tools: {exclude: [new one]}  # none\nb: 2\n")]
    [Arguments("mcp_servers: {s: {tools: ~}}\n", "mcp_servers: {s: {tools: {exclude: [new one]}}}\n")]
    [Arguments("mcp_servers: {s: {tools: {exclude: }}}\n", "mcp_servers: {s: {tools: {exclude: [new one] }}}\n")]
    [Arguments("d: &d {exclude: [old]}\nmcp_servers:\n  s:\n    tools:\n      <<: *d\n", "d: &d {exclude: [old]}\nmcp_servers:\n  s:\n    tools:\n      exclude: [old, new one]\n      <<: *d\n")]
    public async Task A_list_deep_inside_changes_alone(string before, string after)
    {
        using var home = new ConfigTestHome();
        home.Write("hermes/config.yaml", before);
        new ConfigEditor(home.Environment()).ChangeList(home.ConfigPath, ["mcp_servers", "s", "tools", "exclude"], ["new one", "new one"], ["gone"]);
        await Assert.That(await File.ReadAllTextAsync(home.ConfigPath)).IsEqualTo(after);
    }

    [Test]
    [Arguments("mcp_servers: {s: {tools: {exclude: [gone]}}}\n", "mcp_servers: {s: {tools: {exclude: []}}}\n")]
    [Arguments("mcp_servers:\n  s:\n    tools:\n      exclude:   # those\n      - gone\n    command: x\n", "mcp_servers:\n  s:\n    tools:\n      exclude: []   # those\n    command: x\n")]
    [Arguments("mcp_servers: {s: {tools: {exclude: [old]}}}\n", "mcp_servers: {s: {tools: {exclude: [old]}}}\n")]
    [Arguments("mcp_servers: {s: {command: x}}\n", "mcp_servers: {s: {command: x}}\n")]
    public async Task What_is_taken_out_leaves_a_list_that_says_so(string before, string after)
    {
        using var home = new ConfigTestHome();
        home.Write("hermes/config.yaml", before);
        new ConfigEditor(home.Environment()).ChangeList(home.ConfigPath, ["mcp_servers", "s", "tools", "exclude"], [], ["gone"]);
        await Assert.That(await File.ReadAllTextAsync(home.ConfigPath)).IsEqualTo(after);
    }

    [Test]
    [Arguments("t: &t {exclude: [a]}\nmcp_servers: {s: {tools: *t}}\n")]
    [Arguments("mcp_servers: {s: {tools: {exclude: &e [a]}}}\nother: *e\n")]
    [Arguments("mcp_servers:\n  s:\n    tools:\n      exclude:\n      - >\n        a\n")]
    [Arguments("mcp_servers: {s: {tools: {exclude: text}}}\n")]
    public async Task A_list_that_others_share_or_that_is_none_is_left(string before)
    {
        using var home = new ConfigTestHome();
        home.Write("hermes/config.yaml", before);
        var editor = new ConfigEditor(home.Environment());
        var refused = await Assert.That(() => editor.ChangeList(home.ConfigPath, ["mcp_servers", "s", "tools", "exclude"], ["x"], [])).Throws<ConfigEditException>();
        await Assert.That(refused!.Message).Contains("Set mcp_servers.s.tools.exclude: [");
        await Assert.That(await File.ReadAllTextAsync(home.ConfigPath)).IsEqualTo(before);
    }
}
