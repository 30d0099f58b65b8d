using Gateway.Config;

namespace Gateway.Tests.ConfigTests;

/// <summary>Context lengths that other programs share.</summary>
public class ContextLengthCacheTests
{
    private const string Url = "https://api.example.com/v1";

    [Test]
    public async Task A_length_is_kept_beside_what_others_kept()
    {
        using var home = new ConfigTestHome();
        string path = home.Write("hermes/context_length_cache.yaml", "# kept\ncontext_lengths:\n  other@http://localhost:1234/v1: 32768\n  m@https://api.example.com/v1: 9\n");
        ContextLengthCache.Remember(home.Home, "m", Url, 8192);
        await Assert.That(ContextLengthCache.Find(home.Home, "m", Url)).IsEqualTo(8192);
        await Assert.That(ContextLengthCache.Find(home.Home, "other", "http://localhost:1234/v1")).IsEqualTo(32768);
        await Assert.That(await File.ReadAllTextAsync(path)).IsEqualTo("# kept\ncontext_lengths:\n  'm@https://api.example.com/v1': 8192\n  other@http://localhost:1234/v1: 32768\n");
        ContextLengthCache.Remember(home.Home, "m", Url, 4096);
        await Assert.That(ContextLengthCache.Find(home.Home, "m", Url)).IsEqualTo(4096);
    }

    [Test]
    public async Task Without_a_file_one_is_made_and_names_may_be_odd()
    {
        using var home = new ConfigTestHome();
        Directory.CreateDirectory(home.Home);
        await Assert.That(ContextLengthCache.Find(home.Home, "it's: odd", Url)).IsNull();
        ContextLengthCache.Remember(home.Home, "it's: odd", Url, 5000);
        await Assert.That(ContextLengthCache.Find(home.Home, "it's: odd", Url)).IsEqualTo(5000);
    }

    [Test]
    [Arguments("context_lengths: {a@b: 1}\n")]
    [Arguments("something: else\n")]
    [Arguments("context_lengths:\n- list\n")]
    [Arguments(": [\n")]
    public async Task What_is_no_such_map_is_left_alone(string text)
    {
        using var home = new ConfigTestHome();
        string path = home.Write("hermes/context_length_cache.yaml", text);
        ContextLengthCache.Remember(home.Home, "m", Url, 8192);
        await Assert.That(await File.ReadAllTextAsync(path)).IsEqualTo(text);
        await Assert.That(ContextLengthCache.Find(home.Home, "m", Url)).IsNull();
    }

    [Test]
    public async Task It_counts_where_configuration_says_nothing()
    {
        using var home = new ConfigTestHome();
        home.Write("hermes/config.yaml", $"model: {{default: m, provider: custom, base_url: \"{Url}\"}}\n");
        home.Write("hermes/context_length_cache.yaml", $"context_lengths:\n  m@{Url}: 12345\n");
        var environment = home.Environment();
        var config = new ConfigFile(home.ConfigPath).Read().Root;
        await Assert.That(ModelResolver.Resolve(environment, config).Endpoint!.ContextLength).IsEqualTo(12345);
    }
}
