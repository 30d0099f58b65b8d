using Gateway.Config;

namespace Gateway.Tests.ConfigTests;

public class YamlReaderTests
{
    [Test]
    [Arguments("off", "Boolean:false")]
    [Arguments("Yes", "Boolean:true")]
    [Arguments("ON", "Boolean:true")]
    [Arguments("oN", "Text:oN")]
    [Arguments("y", "Text:y")]
    [Arguments("~", "Null:")]
    [Arguments("null", "Null:")]
    [Arguments("12", "Integer:12")]
    [Arguments("1_000", "Integer:1000")]
    [Arguments("-0x1F", "Integer:-31")]
    [Arguments("010", "Integer:8")]
    [Arguments("089", "Text:089")]
    [Arguments("0o7", "Text:0o7")]
    [Arguments("0b101", "Integer:5")]
    [Arguments("1:30", "Integer:90")]
    [Arguments("1:75", "Text:1:75")]
    [Arguments("99999999999999999999", "Text:99999999999999999999")]
    [Arguments("1.5", "Float:1.5")]
    [Arguments(".5", "Float:0.5")]
    [Arguments("1.5e+3", "Float:1500")]
    [Arguments("1e5", "Text:1e5")]
    [Arguments("1.5e3", "Text:1.5e3")]
    [Arguments(".inf", "Float:Infinity")]
    [Arguments("-.Inf", "Float:-Infinity")]
    [Arguments(".NaN", "Float:NaN")]
    [Arguments("2024-05-06", "Text:2024-05-06")]
    [Arguments("'off'", "Text:off")]
    [Arguments("\"12\"", "Text:12")]
    [Arguments("!!str 12", "Text:12")]
    [Arguments("1.2.3", "Text:1.2.3")]
    [Arguments("-", "Text:-")]
    [Arguments(".", "Text:.")]
    [Arguments("_1", "Text:_1")]
    public async Task Plain_scalars_follow_yaml_1_1(string yaml, string expected)
    {
        var node = ConfigTestHome.Parse($"a: [{(yaml == "-" ? "'-'" : yaml)}]").Find("a").Items[0];
        await Assert.That($"{node.Kind}:{node.AsString()}").IsEqualTo(expected);
    }

    [Test]
    public async Task Merge_keys_lose_against_own_keys_and_earlier_maps_win()
    {
        var root = ConfigTestHome.Parse("a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  <<: [*a, *b]\n  z: 3\n");
        var c = root.Find("c");
        await Assert.That($"{c.Find("x").Integer} {c.Find("y").Integer} {c.Find("z").Integer}").IsEqualTo("1 1 3");
    }

    [Test]
    public async Task Order_of_keys_is_kept_and_the_last_duplicate_wins()
    {
        var root = ConfigTestHome.Parse("b: 1\na: 2\nb: 3\n");
        await Assert.That(string.Join(",", root.Entries.Select(entry => $"{entry.Key}={entry.Value.AsString()}"))).IsEqualTo("b=3,a=2");
    }

    [Test]
    public async Task An_alias_bomb_is_refused()
    {
        var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
            + string.Concat(Enumerable.Range(1, 9).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        await Assert.That(ConfigFile.ParseRoot(yaml, out var problem)).IsNull();
        await Assert.That(problem).Contains("aliases");
    }

    [Test]
    [Arguments("a: &a [*a]\n", "line 1")]
    [Arguments("a: 1\nb: [\n", "line ")]
    [Arguments("a: 1\n---\nb: 2\n", "line 2")]
    [Arguments("- a\n", "line 1")]
    [Arguments("just text\n", "line 1")]
    [Arguments("a: !!python/object x\n", "line 1")]
    [Arguments("? [a, b]\n: 1\n", "line 1")]
    public async Task Broken_files_name_a_line(string yaml, string expected)
    {
        await Assert.That(ConfigFile.ParseRoot(yaml, out var problem)).IsNull();
        await Assert.That(problem).Contains(expected);
    }

    [Test]
    [Arguments("a: 1\nb: \"\\UFFFFFFFF\"\n")]
    [Arguments("a: 1\nb: !<> x\n")]
    public async Task What_the_parser_cannot_name_is_explained_without_framework_words(string yaml)
    {
        await Assert.That(ConfigFile.ParseRoot(yaml, out var problem)).IsNull();
        await Assert.That(problem).IsEqualTo("this is not valid YAML; up to line 2 it could be read");
    }

    [Test]
    public async Task Deep_nesting_is_refused_and_does_not_overflow()
    {
        await Assert.That(ConfigFile.ParseRoot("a: " + new string('[', 5000) + new string(']', 5000), out var problem)).IsNull();
        await Assert.That(problem).IsNotNull();
    }

    [Test]
    [Arguments("")]
    [Arguments("# only a comment\n")]
    [Arguments("---\n...\n")]
    public async Task Empty_files_are_empty_maps(string yaml)
    {
        var root = ConfigFile.ParseRoot(yaml, out var problem);
        await Assert.That(problem).IsNull();
        await Assert.That(root!.Entries.Count).IsEqualTo(0);
    }

    [Test]
    public async Task Find_never_fails_on_wrong_shapes()
    {
        var root = ConfigTestHome.Parse("display: text\nlist: [1]\n");
        await Assert.That(root.Find("display", "skin").IsNull).IsTrue();
        await Assert.That(root.Find("list", "0").IsNull).IsTrue();
        await Assert.That(root.Find("nothing", "at", "all").AsString()).IsNull();
    }

    [Test]
    public async Task Expand_replaces_known_variables_only()
    {
        using var home = new ConfigTestHome();
        var root = ConfigTestHome.Parse("a: x${KNOWN}y\nb: ['${UNKNOWN}', '${KNOWN}${KNOWN}', '${open']\n").Expand(home.Environment(("KNOWN", "1")));
        await Assert.That(root.Find("a").AsString()).IsEqualTo("x1y");
        await Assert.That(string.Join("|", root.Find("b").Items.Select(item => item.AsString()))).IsEqualTo("${UNKNOWN}|11|${open");
    }
}
