namespace Gateway.Tests.ConfigTests;

public class EnvironmentTests
{
    [Test]
    public async Task Home_defaults_to_dot_hermes_below_the_user_home()
    {
        using var home = new ConfigTestHome();
        await Assert.That(home.Environment(("HERMES_HOME", "")).HermesHome).IsEqualTo(Path.Combine(home.Root, ".hermes"));
        await Assert.That(home.Environment(("HERMES_HOME", "~/x")).HermesHome).IsEqualTo(Path.Combine(home.Root, "x"));
    }

    [Test]
    public async Task Working_directory_is_terminal_cwd_only_when_it_exists_and_is_absolute()
    {
        using var home = new ConfigTestHome();
        await Assert.That(home.Environment(("TERMINAL_CWD", home.Home)).WorkingDirectory).IsEqualTo(home.Home);
        await Assert.That(home.Environment(("TERMINAL_CWD", ".")).WorkingDirectory).IsEqualTo(home.Work);
        await Assert.That(home.Environment(("TERMINAL_CWD", "/no/such/place")).WorkingDirectory).IsEqualTo(home.Work);
    }

    [Test]
    [Arguments("A=1", "1")]
    [Arguments("export A=1", "1")]
    [Arguments("  export  A = 1  ", "1")]
    [Arguments("A=one two # remark", "one two")]
    [Arguments("A=one#two", "one#two")]
    [Arguments("A=\"a # b\" # remark", "a # b")]
    [Arguments("A='it''s'", "it")]
    [Arguments("A=\"line\\nbreak\"", "line\nbreak")]
    [Arguments("A='raw\\n'", "raw\\n")]
    [Arguments("A=\"two\nlines\"", "two\nlines")]
    [Arguments("A=x=y", "x=y")]
    [Arguments("A=1\r\nB=2", "1")]
    [Arguments("#A=2\nA=1", "1")]
    [Arguments("1A=2\nA=1", "1")]
    [Arguments("\uFEFFA=1", "1")]
    public async Task Dot_env_lines(string text, string expected)
    {
        using var home = new ConfigTestHome();
        home.Write("hermes/.env", text);
        await Assert.That(home.Environment().Get("A")).IsEqualTo(expected);
    }

    [Test]
    public async Task The_file_overrides_the_process_and_raw_does_not_see_it()
    {
        using var home = new ConfigTestHome();
        home.Write("hermes/.env", "A=file\nEMPTY=\n");
        var env = home.Environment(("A", "process"));
        await Assert.That(env.Get("A")).IsEqualTo("file");
        await Assert.That(env.GetRaw("A")).IsEqualTo("process");
        await Assert.That(env.Get("EMPTY")).IsNull();
    }

    [Test]
    public async Task Glued_assignments_are_split_at_the_longest_known_name()
    {
        using var home = new ConfigTestHome();
        home.Write("hermes/.env", "OPENROUTER_API_KEY=sk-1ANTHROPIC_API_KEY=sk-2GLM_API_KEY=sk-3\nURL=http://h/?GLM_API_KEY=x\n");
        var env = home.Environment();
        await Assert.That(env.Get("OPENROUTER_API_KEY")).IsEqualTo("sk-1");
        await Assert.That(env.Get("ANTHROPIC_API_KEY")).IsEqualTo("sk-2");
        await Assert.That(env.Get("GLM_API_KEY")).IsEqualTo("sk-3");
        await Assert.That(env.Get("LM_API_KEY")).IsNull();
        await Assert.That(env.Get("URL")).IsEqualTo("http://h/?GLM_API_KEY=x");
    }

    [Test]
    public async Task Foreign_characters_leave_credentials_with_a_warning_that_tells_no_value()
    {
        using var home = new ConfigTestHome();
        home.Write("hermes/.env", "X_API_KEY=secretʟvalue\nNAME=Jürgen\n");
        var env = home.Environment();
        await Assert.That(env.Get("X_API_KEY")).IsEqualTo("secretvalue");
        await Assert.That(env.Get("NAME")).IsEqualTo("Jürgen");
        await Assert.That(env.Warnings.Single()).Contains("X_API_KEY");
        await Assert.That(env.Warnings.Single()).DoesNotContain("secret");
    }

    [Test]
    public async Task Warnings_are_raised_once_and_not_before_the_file_is_read()
    {
        using var home = new ConfigTestHome();
        home.Write("hermes/.env", "X_API_KEY=secretʟvalue\n");
        var heard = new List<string>();
        var env = new Gateway.Config.GatewayEnvironment(new Dictionary<string, string> { ["HERMES_HOME"] = home.Home }, home.Work, home.Root, heard.Add);
        await Assert.That(heard).IsEmpty();
        _ = env.Get("A");
        _ = env.Get("B");
        await Assert.That(heard.Single()).IsEqualTo(env.Warnings.Single());
    }

    [Test]
    public async Task Values_that_no_process_could_be_given_are_left_out_with_a_warning_that_tells_no_value()
    {
        using var home = new ConfigTestHome();
        var limit = (128 * 1024) - "FITS=".Length - 1;
        home.Write("hermes/.env", $"NUL=secret\0value\nLONG={new string('s', limit + 1)}\nFITS={new string('s', limit)}\nA=1\n");
        var env = home.Environment(("NUL", "process"));
        await Assert.That(env.Get("NUL")).IsEqualTo("process");
        await Assert.That(env.Get("LONG")).IsNull();
        await Assert.That(env.Get("FITS")!.Length).IsEqualTo(limit);
        await Assert.That(env.Get("A")).IsEqualTo("1");
        await Assert.That(env.Warnings.Count).IsEqualTo(2);
        await Assert.That(env.Warnings[0]).StartsWith("NUL in ");
        await Assert.That(env.Warnings[1]).StartsWith("LONG in ");
        await Assert.That(string.Concat(env.Warnings)).DoesNotContain("secret");
        await Assert.That(env.Warnings[1].Length).IsLessThan(300);
    }

    [Test]
    public async Task Latin_1_is_read_when_the_file_is_not_utf_8()
    {
        using var home = new ConfigTestHome();
        File.WriteAllBytes(Path.Combine(home.Home, ".env"), [.. "A=caf"u8, 0xE9]);
        await Assert.That(home.Environment().Get("A")).IsEqualTo("café");
    }
}
