using System.Text;
using Gateway.Config;

namespace Gateway.Tests.ConfigTests;

public class DotEnvEditorTests
{
    [Test]
    [Arguments("", "T=v1\n")]
    [Arguments("A=1\n# note\n", "A=1\n# note\nT=v1\n")]
    [Arguments("A=1", "A=1\nT=v1\n")]
    [Arguments("A=1\r\n", "A=1\r\nT=v1\r\n")]
    [Arguments("T=old\nA=1\n", "T=v1\nA=1\n")]
    [Arguments("export T = 'old # x' # note\nA=1\n", "T=v1\nA=1\n")]
    [Arguments("T=\"two\nlines\"\nA=1\n", "T=v1\nA=1\n")]
    [Arguments("A=\"\nT=inner\n\"\n", "A=\"\nT=inner\n\"\nT=v1\n")]
    [Arguments("T=one\nT=two\n", "T=one\nT=v1\n")]
    [Arguments("TT=x\n#T=y\n", "TT=x\n#T=y\nT=v1\n")]
    public async Task Only_the_line_concerned_changes(string before, string after) => await Assert.That(DotEnvEditor.Edit(before, "T", "v1")).IsEqualTo(after);

    [Test]
    [Arguments("plain")]
    [Arguments("with blank # and mark")]
    [Arguments("it's \"quoted\" \\ back")]
    [Arguments("${NOT_EXPANDED} $x")]
    [Arguments("a=b=OPENAI_API_KEY=c")]
    [Arguments("two\nlines")]
    [Arguments("käse")]
    [Arguments("")]
    public async Task What_is_stored_is_read_back(string value)
    {
        using var home = new ConfigTestHome();
        home.Write("hermes/.env", "A=1\n");
        var environment = home.Environment();
        environment.DotEnv.Set("T", value);
        await Assert.That(environment.Variables["T"]).IsEqualTo(value);
        await Assert.That(home.Environment().Variables["T"]).IsEqualTo(value);
        await Assert.That(environment.Get("A")).IsEqualTo("1");
    }

    [Test]
    public async Task The_file_is_its_owners_alone_and_links_stay()
    {
        using var home = new ConfigTestHome();
        string real = home.Write("elsewhere/env", "A=k\xE4se\n");
        File.WriteAllBytes(real, Encoding.Latin1.GetBytes("A=k\xE4se\n"));
        File.SetUnixFileMode(real, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        File.CreateSymbolicLink(Path.Combine(home.Home, ".env"), real);
        home.Environment().DotEnv.Set("T", "v");
        await Assert.That(new FileInfo(Path.Combine(home.Home, ".env")).LinkTarget).IsEqualTo(real);
        await Assert.That(File.GetUnixFileMode(real)).IsEqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await Assert.That(File.ReadAllBytes(real)).IsEquivalentTo(Encoding.Latin1.GetBytes("A=k\xE4se\nT=v\n"));
        await Assert.That(Directory.GetFileSystemEntries(Path.GetDirectoryName(real)!).Length).IsEqualTo(1);
    }

    [Test]
    public async Task What_cannot_be_stored_is_refused()
    {
        using var home = new ConfigTestHome();
        await Assert.That(() => home.Environment().DotEnv.Set("NOT A NAME", "v")).Throws<ConfigEditException>();
        await Assert.That(() => home.Environment().DotEnv.Set("T", "a\0b")).Throws<ConfigEditException>();
        await Assert.That(() => home.Environment(("HERMES_MANAGED", "1")).DotEnv.Set("T", "v")).Throws<ConfigEditException>();
        await Assert.That(File.Exists(Path.Combine(home.Home, ".env"))).IsFalse();
    }
}
