using System.Diagnostics;
using Gateway.Config;
using Gateway.Diagnostics;
using Gateway.Storage;

namespace Gateway.Tests.ConfigTests;

/// <summary>Files of the home that never end, or are none, are refused at once; what the gateway makes there is its owner's alone.</summary>
public class HomeFileTests
{
    private const UnixFileMode Others = (UnixFileMode)0x3F;

    public static IEnumerable<Func<(string Kind, string Said)>> Kinds() =>
    [
        () => ("pipe", "it is a pipe, not a regular file"),
        () => ("zero", "it is a device, not a regular file"),
        () => ("link to pipe", "it is a pipe, not a regular file"),
        () => ("directory", "it is a directory"),
    ];

    [Test]
    [MethodDataSource(nameof(Kinds))]
    public async Task What_is_no_regular_file_is_refused_at_once(string kind, string said)
    {
        string home = Directory.CreateTempSubdirectory("gateway-home-").FullName, path = Path.Combine(home, "config.yaml");
        Put(kind, path);
        await Assert.That(HomeFile.Problem(path) ?? "").StartsWith(said);
        await Assert.That(Assert.Throws<HomeFileException>(() => HomeFile.Read(path)).Message).StartsWith(said);
        await Assert.That(new ConfigFile(path).Read().Problem ?? "").Contains(path);
        await Assert.That(ActiveSkin.Resolve(home).Name).IsEqualTo("default");
        await Assert.That(HomeInspection.Unusable(home).Single()).StartsWith($"{path} is not used: {said}");
        Directory.Delete(home, recursive: true);
    }

    [Test]
    [MethodDataSource(nameof(Kinds))]
    public async Task Every_reader_does_without_it(string kind, string said)
    {
        string home = Directory.CreateTempSubdirectory("gateway-home-").FullName;
        foreach (string name in new[] { ".env", "auth.json", "context_length_cache.yaml", "SOUL.md", "skins/own.yaml", "skills/one/SKILL.md", "memories/MEMORY.md", "mcp-tokens/x.json", "logs/x.log", "x.lock", "cron/jobs.json" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(home, name))!);
            Put(kind, Path.Combine(home, name));
        }

        var warnings = new List<string>();
        var environment = new GatewayEnvironment(new Dictionary<string, string> { ["HERMES_HOME"] = home }, home, home, warnings.Add);
        await Assert.That(environment.Get("ANY")).IsNull();
        await Assert.That(warnings.Single()).Contains(Path.Combine(home, ".env")).And.Contains(said);
        using (var auth = AuthFile.Read(home)) await Assert.That(auth.ActiveProvider).IsNull();
        await Assert.That(ContextLengthCache.Find(home, "m", "u")).IsNull();
        ContextLengthCache.Remember(home, "m", "u", 5);
        await Assert.That(Gateway.Agent.ContextFile.Read(Path.Combine(home, "SOUL.md"))).IsNull();
        await Assert.That(SkinCatalog.Resolve("own", home).Name).IsEqualTo("default");
        await Assert.That(new SkillIndex(environment, TimeProvider.System).Read(ConfigNode.EmptyMap)).IsEmpty();
        await Assert.That(() => new Gateway.Tools.Memory.MemoryFile(environment, ConfigNode.EmptyMap, "memory").Read()).Throws<HomeFileException>();
        await Assert.That(() => AppendFile.Open(Path.Combine(home, "logs/x.log"))).Throws<Exception>();
        await Assert.That(async () => await LockFile.TakeAsync(Path.Combine(home, "x.lock"), default)).Throws<StoredFileException>();
        Directory.Delete(home, recursive: true);
    }

    [Test]
    [Arguments("")]
    [Arguments("-wal")]
    public async Task A_database_that_is_none_is_not_opened(string suffix)
    {
        string home = Directory.CreateTempSubdirectory("gateway-home-").FullName;
        Put("pipe", Path.Combine(home, "state.db" + suffix));
        using var state = new StateFile(Path.Combine(home, "state.db"));
        string expected = $"state.db{suffix} cannot be opened: it is a pipe";
        await Assert.That(Assert.Throws<SessionDatabaseException>(() => state.Read(_ => true)).Message).StartsWith(expected);
        await Assert.That(Assert.Throws<SessionDatabaseException>(() => state.Write(_ => true)).Message).StartsWith(expected);
        Directory.Delete(home, recursive: true);
    }

    [Test]
    public async Task What_is_too_large_is_refused_whatever_it_says_of_itself()
    {
        string home = Directory.CreateTempSubdirectory("gateway-home-").FullName, path = Path.Combine(home, "file");
        File.WriteAllBytes(path, new byte[2000]);
        await Assert.That(HomeFile.Read(path, 2000)!.Length).IsEqualTo(2000);
        await Assert.That(Assert.Throws<HomeFileException>(() => HomeFile.Read(path, 1999)).Message).IsEqualTo("the file is larger than 1 KiB");
        await Assert.That(HomeFile.Read("/proc/self/status")!.Length).IsGreaterThan(100);
        await Assert.That(() => HomeFile.Read("/proc/self/status", 100)).Throws<HomeFileException>();
        await Assert.That(HomeFile.Read(Path.Combine(home, "none"))).IsNull();
        Directory.Delete(home, recursive: true);
    }

    [Test]
    public async Task What_is_made_in_a_new_home_is_its_owners_alone()
    {
        string root = Directory.CreateTempSubdirectory("gateway-home-").FullName, home = Path.Combine(root, "new", ".hermes");
        new CrashLogFile(() => Path.Combine(home, "logs", "log")).Append("entry");
        using (var state = new StateFile(Path.Combine(home, "state.db")))
        {
            state.Write(_ => true);
            PrivateFiles.Replace(Path.Combine(home, "sessions", "one.json"), "{}"u8);
            ContextLengthCache.Remember(home, "model", "url", 5);
            foreach (string path in Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories).ToArray())
                await Assert.That((path, File.GetUnixFileMode(path) & Others)).IsEqualTo((path, UnixFileMode.None));
            await Assert.That(File.Exists(Path.Combine(home, "state.db-wal"))).IsTrue();
            await Assert.That(ContextLengthCache.Find(home, "model", "url")).IsEqualTo(5);
        }

        Directory.Delete(root, recursive: true);
    }

    [Test]
    public async Task What_others_can_read_is_named_and_left_alone()
    {
        string home = Directory.CreateTempSubdirectory("gateway-home-").FullName, env = Path.Combine(home, ".env"), tokens = Path.Combine(home, "mcp-tokens");
        File.WriteAllText(env, "KEY=1\n");
        Directory.CreateDirectory(tokens);
        File.SetUnixFileMode(env, (UnixFileMode)0x1A4);
        File.SetUnixFileMode(tokens, (UnixFileMode)0x1C0);

        // A closed home closes all that is in it.
        await Assert.That(HomeInspection.OpenToOthers(home)).IsEmpty();
        File.SetUnixFileMode(home, (UnixFileMode)0x1ED);
        await Assert.That(string.Join('\n', HomeInspection.OpenToOthers(home))).IsEqualTo(
            $"{home} can be entered or read by other users (mode 0755); run: chmod 700 {home}\n{env} is open to other users (mode 0644); run: chmod 600 {env}");
        await Assert.That(File.GetUnixFileMode(home)).IsEqualTo((UnixFileMode)0x1ED);
        Directory.Delete(home, recursive: true);
    }

    private static void Put(string kind, string path)
    {
        string pipe = kind == "pipe" ? path : path + ".pipe";
        if (kind.EndsWith("pipe", StringComparison.Ordinal)) Process.Start("mkfifo", pipe).WaitForExit();
        if (kind == "zero") File.CreateSymbolicLink(path, "/dev/zero");
        if (kind == "link to pipe") File.CreateSymbolicLink(path, pipe);
        if (kind == "directory") Directory.CreateDirectory(path);
    }
}
