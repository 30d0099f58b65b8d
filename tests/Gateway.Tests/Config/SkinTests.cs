using Gateway.Config;

namespace Gateway.Tests.ConfigTests;

public class SkinTests
{
    [Test]
    [Arguments("default", "#CD7F32 #FFD700 #FFBF00 #B8860B #FFF8DC", "┊", "Hermes Agent", "❯ ")]
    [Arguments("ares", "#9F1C1C #C7A96B #DD4A3A #6B1717 #F1E6CF", "╎", "Ares Agent", "⚔ ❯ ")]
    [Arguments("mono", "#555555 #e6edf3 #aaaaaa #444444 #c9d1d9", "┊", "Hermes Agent", "❯ ")]
    [Arguments("slate", "#4169e1 #7eb8f6 #8EA8FF #4b5563 #c9d1d9", "┊", "Hermes Agent", "❯ ")]
    [Arguments("daylight", "#2563EB #0F172A #1D4ED8 #475569 #111827", "│", "Hermes Agent", "❯ ")]
    [Arguments("warm-lightmode", "#8B6914 #5C3D11 #8B4513 #8B7355 #2C1810", "┊", "Hermes Agent", "❯ ")]
    [Arguments("poseidon", "#2A6FB9 #A9DFFF #5DB8F5 #153C73 #EAF7FF", "│", "Poseidon Agent", "Ψ ❯ ")]
    [Arguments("sisyphus", "#B7B7B7 #F5F5F5 #E7E7E7 #4A4A4A #D3D3D3", "│", "Sisyphus Agent", "◉ ❯ ")]
    [Arguments("charizard", "#C75B1D #FFD39A #F29C38 #7A3511 #FFF0D4", "│", "Charizard Agent", "✦ ❯ ")]
    public async Task Built_in_skins_follow_the_contract(string name, string banner, string prefix, string agent, string prompt)
    {
        using var home = new ConfigTestHome();
        var skin = SkinCatalog.Resolve(name, home.Home);
        string[] keys = ["banner_border", "banner_title", "banner_accent", "banner_dim", "banner_text"];
        await Assert.That(string.Join(' ', keys.Select(key => skin.Colors[key]))).IsEqualTo(banner);
        await Assert.That($"{skin.Name}|{skin.ToolPrefix}|{skin.Branding["agent_name"]}|{skin.Branding["prompt_symbol"]}").IsEqualTo($"{name}|{prefix}|{agent}|{prompt}");
        await Assert.That(skin.ThinkingFaces.Count).IsGreaterThan(0);
        await Assert.That(skin.ThinkingVerbs.Count).IsGreaterThan(0);
        await Assert.That(skin.HelpHeader).IsNotEmpty();
        await Assert.That(skin.Colors.Values.All(color => color.Length == 7 && color[0] == '#')).IsTrue();
    }

    [Test]
    public async Task A_user_skin_is_laid_over_the_default_and_beats_a_built_in()
    {
        using var home = new ConfigTestHome();
        home.Write("hermes/skins/ares.yaml", "name: mine\ndescription: My own\ncolors: {banner_border: '#111111', extra_key: '#222222'}\nbranding: {help_header: HH}\ntool_prefix: '>'\nbanner_logo: |\n  line1\n  line2\n");
        var skin = SkinCatalog.Resolve("ares", home.Home);
        await Assert.That($"{skin.Name} {skin.Colors["banner_border"]} {skin.Colors["extra_key"]} {skin.Colors["banner_title"]} {skin.ToolPrefix} {skin.HelpHeader}")
            .IsEqualTo("mine #111111 #222222 #FFD700 > HH");
        await Assert.That(skin.BannerLogo).IsEqualTo("line1\nline2\n");
        await Assert.That(skin.Branding["agent_name"]).IsEqualTo("Hermes Agent");
        await Assert.That(skin.ThinkingVerbs.Count).IsGreaterThan(0);
    }

    [Test]
    [Arguments("nothere")]
    [Arguments("bad")]
    [Arguments("nameless")]
    [Arguments("../outside")]
    [Arguments("..")]
    [Arguments("a\0b")]
    [Arguments("")]
    [Arguments("5")]
    public async Task Anything_else_is_the_default(string name)
    {
        using var home = new ConfigTestHome();
        home.Write("hermes/skins/bad.yaml", "a: [\n");
        home.Write("hermes/skins/nameless.yaml", "colors: {}\n");
        home.Write("hermes/outside.yaml", "name: outside\n");
        await Assert.That(SkinCatalog.Resolve(name, home.Home).Name).IsEqualTo("default");
    }

    [Test]
    [Arguments("display:\n  skin: mono\n", "mono")]
    [Arguments("display: {skin: 5}\n", "default")]
    [Arguments("display:\n", "default")]
    [Arguments("display: {skin: [\n", "default")]
    [Arguments("model: x\n", "default")]
    [Arguments(null, "default")]
    public async Task Active_skin(string? yaml, string expected)
    {
        using var home = new ConfigTestHome();
        if (yaml is not null)
        {
            home.Write("hermes/config.yaml", yaml);
        }

        await Assert.That(ActiveSkin.Resolve(home.Home).Name).IsEqualTo(expected);
    }

    [Test]
    public async Task The_list_holds_built_in_and_working_user_skins()
    {
        using var home = new ConfigTestHome();
        home.Write("hermes/skins/mine.yaml", "name: mine\ndescription: My own\n");
        home.Write("hermes/skins/bad.yaml", "a: [\n");
        var names = SkinCatalog.List(home.Home);
        await Assert.That(string.Join(' ', names.Select(skin => skin.Name)))
            .IsEqualTo("default ares mono slate daylight warm-lightmode poseidon sisyphus charizard mine");
        await Assert.That(names[^1].Description).IsEqualTo("My own");
    }
}
