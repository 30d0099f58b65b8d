using Gateway.Config;

namespace Gateway.Tests.ConfigTests;

public class SkillIndexTests
{
    [Test]
    public async Task Skills_are_found_named_and_described()
    {
        using var home = new ConfigTestHome();
        home.Write("hermes/skills/coding/reviewer/SKILL.md", "---\nname: reviewer\ndescription: Review with care.\n---\n# R\n");
        home.Write("hermes/skills/misc/long_one/SKILL.md", "---\nname: Long One\ndescription: " + new string('x', 2000) + "\n---\n");
        home.Write("hermes/skills/plain/SKILL.md", "# Title\n\nno front matter\n");
        home.Write("hermes/skills/odd/SKILL.md", "---\nname: odd: [\ndescription: still read\n---\n");
        home.Write("hermes/skills/.git/x/SKILL.md", "---\nname: hidden\n---\n");
        home.Write("hermes/skills/mac/SKILL.md", "---\nname: mac\nplatforms: [macos]\n---\n");
        var skills = Read(home, "");
        await Assert.That(string.Join(" ", skills.Select(skill => $"{skill.SlashName}({skill.Category})"))).IsEqualTo("reviewer(coding) long-one(misc) odd() plain()");
        await Assert.That(skills.Single(skill => skill.SlashName == "plain").Description).IsEqualTo("no front matter");
        await Assert.That(skills.Single(skill => skill.SlashName == "odd").Description).IsEqualTo("still read");
        await Assert.That(skills.Single(skill => skill.SlashName == "long-one").Description.Length).IsEqualTo(1024);
        await Assert.That(skills[0].Directory).IsEqualTo(Path.Combine(home.Home, "skills/coding/reviewer"));
    }

    [Test]
    public async Task First_name_wins_and_disabled_skills_are_left_out()
    {
        using var home = new ConfigTestHome();
        home.Write("hermes/skills/a/SKILL.md", "---\nname: same\ndescription: first\n---\n");
        home.Write("hermes/skills/b/SKILL.md", "---\nname: same\ndescription: second\n---\n");
        home.Write("hermes/skills/c/SKILL.md", "---\nname: gone\n---\n");
        home.Write("extra/d/SKILL.md", "---\nname: external\n---\n");
        var skills = Read(home, "skills: {disabled: [gone], external_dirs: ['~/extra', '/no/such']}");
        await Assert.That(string.Join(" ", skills.Select(skill => $"{skill.Name}:{skill.Description}"))).IsEqualTo("same:first external:");
    }

    [Test]
    public async Task Links_are_followed_and_cycles_end()
    {
        using var home = new ConfigTestHome();
        home.Write("elsewhere/linked/SKILL.md", "---\nname: linked\n---\n");
        Directory.CreateDirectory(Path.Combine(home.Home, "skills"));
        Directory.CreateSymbolicLink(Path.Combine(home.Home, "skills/link"), Path.Combine(home.Root, "elsewhere"));
        Directory.CreateSymbolicLink(Path.Combine(home.Root, "elsewhere/loop"), Path.Combine(home.Home, "skills"));
        await Assert.That(Read(home, "").Single().Name).IsEqualTo("linked");
    }

    [Test]
    [Arguments("My  Skill_Name!", "my-skill-name")]
    [Arguments("a--b", "a-b")]
    [Arguments("Ünïcode", "ncode")]
    public async Task Slash_names(string name, string expected) => await Assert.That(SkillFile.SlashName(name)).IsEqualTo(expected);

    private static IReadOnlyList<Skill> Read(ConfigTestHome home, string yaml) =>
        new SkillIndex(home.Environment(), TimeProvider.System).Read(ConfigTestHome.Parse(yaml));
}
