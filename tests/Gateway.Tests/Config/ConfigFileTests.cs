using Gateway.Config;

namespace Gateway.Tests.ConfigTests;

public class ConfigFileTests
{
    [Test]
    public async Task A_missing_file_is_an_empty_map_with_time_zero()
    {
        using var home = new ConfigTestHome();
        var snapshot = new ConfigFile(home.ConfigPath).Read();
        await Assert.That(snapshot.Problem).IsNull();
        await Assert.That(snapshot.ModifiedAt).IsEqualTo(0);
        await Assert.That(snapshot.Root.Entries.Count).IsEqualTo(0);
    }

    [Test]
    public async Task A_broken_file_keeps_the_last_good_content()
    {
        using var home = new ConfigTestHome();
        var file = new ConfigFile(home.Write("hermes/config.yaml", "a: 1\n"));
        await Assert.That(file.Read().Root.Find("a").Integer).IsEqualTo(1);
        home.Write("hermes/config.yaml", "a: 2\nb: [\n");
        var broken = file.Read();
        await Assert.That(broken.Root.Find("a").Integer).IsEqualTo(1);
        await Assert.That(broken.Problem).Contains(home.ConfigPath);
        await Assert.That(broken.Problem).Contains("line");
        home.Write("hermes/config.yaml", "a: 333\n");
        await Assert.That(file.Read().Root.Find("a").Integer).IsEqualTo(333);
        await Assert.That(file.Read().Problem).IsNull();
    }

    [Test]
    public async Task An_unchanged_file_is_not_read_again()
    {
        using var home = new ConfigTestHome();
        var file = new ConfigFile(home.Write("hermes/config.yaml", "a: 1\n"));
        await Assert.That(ReferenceEquals(file.Read(), file.Read())).IsTrue();
    }

    [Test]
    public async Task Modification_time_is_in_seconds()
    {
        using var home = new ConfigTestHome();
        var path = home.Write("hermes/config.yaml", "a: 1\n");
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddSeconds(1_700_000_000.5));
        await Assert.That(new ConfigFile(path).Read().ModifiedAt).IsEqualTo(1_700_000_000.5);
    }

    [Test]
    public async Task Bytes_that_are_no_text_and_directories_are_problems()
    {
        using var home = new ConfigTestHome();
        File.WriteAllBytes(home.ConfigPath, [0x61, 0x3A, 0xFF, 0xFE]);
        await Assert.That(new ConfigFile(home.ConfigPath).Read().Problem).Contains("UTF-8");
        await Assert.That(new ConfigFile(home.Work).Read().Problem).Contains("directory");
    }
}
