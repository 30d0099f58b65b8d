using System.Text;
using System.Text.Json;
using Gateway.Storage;
using Gateway.Tests.Shared;
using Gateway.Tests.Wire;

namespace Gateway.Tests.Storage;

/// <summary>The files of spawn_tree.*: names, modes, the index, and how far a path may lead.</summary>
public class SpawnTreeTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const string Tree = """{"session_id":"s1","subagents":[{"id":"a"}],"finished_at":1700000000.5,"label":"L"}""";

    [Test]
    public async Task Files_are_private_and_hold_what_the_contract_says()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = new GatewayHarness(stage);
        string path = await SaveAsync(gateway, Tree);
        await Assert.That(path).IsEqualTo(Path.Combine(stage.Home, "spawn-trees", "s1", "20231114T221320.json"));
        await Assert.That(File.ReadAllText(path)).IsEqualTo("""{"session_id":"s1","started_at":null,"finished_at":1700000000.5,"label":"L","subagents":[{"id":"a"}]}""");
        string index = Path.Combine(Path.GetDirectoryName(path)!, "_index.jsonl");
        await Assert.That(File.ReadAllText(index)).IsEqualTo(
            $$"""{"path":"{{path}}","session_id":"s1","started_at":null,"finished_at":1700000000.5,"label":"L","count":1}""" + "\n");
        await Assert.That(File.GetUnixFileMode(path)).IsEqualTo(OwnerOnly);
        await Assert.That(File.GetUnixFileMode(index)).IsEqualTo(OwnerOnly);
        foreach (string folder in (string[])["spawn-trees", "spawn-trees/s1"])
            await Assert.That(File.GetUnixFileMode(Path.Combine(stage.Home, folder))).IsEqualTo(OwnerOnly | UnixFileMode.UserExecute);
    }

    [Test]
    public async Task The_sub_agents_come_back_byte_for_byte()
    {
        const string Odd = """[ {"a" : 1.50e+3,"a":2, "big":123456789012345678901234567890},"é😀\u00e9\/",  [[ ]],null ]""";
        await using var stage = await Stage.SetAsync();
        await using var gateway = new GatewayHarness(stage);
        string path = await SaveAsync(gateway, $$"""{"session_id":"s1","subagents":{{Odd}}}""");
        var loaded = (await gateway.AskAsync("spawn_tree.load", PathOf(path))).Result();
        await Assert.That(loaded.GetProperty("subagents").GetRawText()).IsEqualTo(Odd);
    }

    [Test]
    public async Task Saves_of_the_same_second_all_stay()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = new GatewayHarness(stage);
        await using var other = new GatewayHarness(stage);
        var saves = Enumerable.Range(0, 40).Select(number =>
            SaveAsync(number % 2 == 0 ? gateway : other, $$"""{"session_id":"s1","subagents":[{{number}}],"finished_at":1700000000.{{number:00}}}"""));
        string[] paths = await Task.WhenAll(saves);
        await Assert.That(paths.Distinct().Count()).IsEqualTo(40);
        await Assert.That(paths).Contains(Path.Combine(stage.Home, "spawn-trees", "s1", "20231114T221320.json"));
        await Assert.That(paths).Contains(Path.Combine(stage.Home, "spawn-trees", "s1", "20231114T221320_2.json"));
        var entries = (await ListAsync(gateway, """{"session_id":"s1"}""")).ToList();
        await Assert.That(entries.Select(PathIn)).IsEquivalentTo(paths);
        var loaded = new List<int>();
        foreach (string path in paths)
            loaded.Add((await gateway.AskAsync("spawn_tree.load", PathOf(path))).Result().GetProperty("subagents")[0].GetInt32());
        await Assert.That(loaded).IsEquivalentTo(Enumerable.Range(0, 40));
        await Assert.That(Directory.GetFiles(Path.GetDirectoryName(paths[0])!, ".*")).IsEmpty();
        await Assert.That(File.ReadAllLines(Path.Combine(Path.GetDirectoryName(paths[0])!, "_index.jsonl")).Length).IsEqualTo(40);
    }

    [Test]
    public async Task A_name_that_a_killed_process_left_reserved_is_passed_over()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = new GatewayHarness(stage);
        string folder = Path.Combine(stage.Home, "spawn-trees", "s1");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, ".20231114T221320.json.tmp"), """{"session_""");
        await Assert.That(Path.GetFileName(await SaveAsync(gateway, Tree))).IsEqualTo("20231114T221320_2.json");
        await Assert.That((await ListAsync(gateway, """{"session_id":"s1"}""")).Count()).IsEqualTo(1);
    }

    [Test]
    public async Task Lists_survive_a_corrupt_index_and_see_what_it_does_not_name()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = new GatewayHarness(stage);
        string kept = await SaveAsync(gateway, Tree);
        string gone = await SaveAsync(gateway, """{"session_id":"s1","subagents":[1],"finished_at":1700000100}""");
        File.Delete(gone);
        string folder = Path.GetDirectoryName(kept)!;
        string index = Path.Combine(folder, "_index.jsonl");
        byte[] rubbish = [.. Encoding.UTF8.GetBytes("not json\n[]\n5\n\n{\"path\":5}\n{\"path\":\"20231114T221640.json\",\"label\":\"\\ud800\",\"finished_at\":1}\n"), 0xFF, 0xFE, 0, (byte)'\n'];
        await File.WriteAllBytesAsync(index, [.. rubbish, .. await File.ReadAllBytesAsync(index), .. "{\"path\":\"/torn"u8]);

        // Written by another program: indented, or without an index line; and one that is no tree at all.
        await File.WriteAllTextAsync(Path.Combine(folder, "20231114T221640.json"), "{\n  \"subagents\": [\n 1, 2, [3]\n ],\r\n \"label\": \"other\", \"extra\": {\"x\": [1]},\n \"started_at\": 5, \"finished_at\": 1700000200.25, \"session_id\": \"s1\"\n}\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "20231114T221820.json"), "{\"subagents\": [");
        await File.WriteAllTextAsync(Path.Combine(folder, "20231114T222000.json"), "");
        var entries = (await ListAsync(gateway, """{"session_id":"s1"}""")).ToList();
        await Assert.That(entries.Select(entry => $"{Path.GetFileName(PathIn(entry))} {entry.GetProperty("label").GetString()} {entry.GetProperty("count").GetInt32()} {entry.GetProperty("finished_at").GetRawText()} {entry.GetProperty("started_at").GetRawText()}"))
            .IsEquivalentTo(["20231114T221640.json other 3 1700000200.25 5", "20231114T221320.json L 1 1700000000.5 null"]);

        // The line that follows a torn one is lost with it, the tree is not.
        string next = await SaveAsync(gateway, """{"session_id":"s1","subagents":[1],"finished_at":1700000400}""");
        await Assert.That((await ListAsync(gateway, """{"session_id":"s1"}""")).Select(PathIn).First()).IsEqualTo(next);
        var indented = (await gateway.AskAsync("spawn_tree.load", PathOf(PathIn(entries[0])))).Result();
        await Assert.That(indented.GetProperty("subagents").GetArrayLength()).IsEqualTo(3);
    }

    [Test]
    public async Task Two_index_lines_of_one_file_are_one_entry_and_a_home_may_move()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = new GatewayHarness(stage);
        string path = await SaveAsync(gateway, Tree);
        string index = Path.Combine(Path.GetDirectoryName(path)!, "_index.jsonl");
        await File.AppendAllTextAsync(index, """{"path": "/old/home/spawn-trees/s1/20231114T221320.json", "session_id": "s1", "started_at": null, "finished_at": 1700000000.75, "label": "later", "count": 7}""" + "\n");
        var entry = (await ListAsync(gateway, """{"session_id":"s1"}""")).Single();
        await Assert.That(entry.GetProperty("label").GetString()).IsEqualTo("later");
        await Assert.That(entry.GetProperty("path").GetString()).IsEqualTo(path);
    }

    [Test]
    public async Task Loading_stays_below_the_root_whatever_the_path()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = new GatewayHarness(stage);
        string path = await SaveAsync(gateway, Tree);
        string root = Path.Combine(stage.Home, "spawn-trees");
        string secret = Path.Combine(stage.Home, "secret.json");
        await File.WriteAllTextAsync(secret, """{"secret":1}""");
        Directory.CreateDirectory(root + "-other");
        await File.WriteAllTextAsync(Path.Combine(root + "-other", "x.json"), """{"secret":1}""");
        File.CreateSymbolicLink(Path.Combine(root, "s1", "20991231T000000.json"), secret);
        File.CreateSymbolicLink(Path.Combine(root, "s1", "relative.json"), "../../secret.json");
        File.CreateSymbolicLink(Path.Combine(root, "up"), stage.Home);
        File.CreateSymbolicLink(Path.Combine(root, "loop"), "loop");
        File.CreateSymbolicLink(Path.Combine(root, "inner.json"), path);
        File.CreateSymbolicLink(Path.Combine(stage.Home, "door"), Path.Combine(root, "s1"));
        string[] outside =
        [
            "s1/20991231T000000.json", "s1/relative.json", "up/secret.json", "../secret.json", "s1/../../secret.json", "up/../secret.json",
            "nowhere/../../secret.json", "loop/x.json", "../spawn-trees-other/x.json", "", ".",
        ];
        foreach (string inside in outside)
        {
            string refusal = (await gateway.AskAsync("spawn_tree.load", PathOf(root + "/" + inside))).Refusal();
            await Assert.That(refusal).StartsWith($"4030 path outside spawn-trees root: '{root}/{inside}'").Because(inside);
        }

        // "door/.." is below the root once the link is followed, as for every other program.
        foreach (string way in (string[])[path, $"{root}/inner.json", $"{stage.Home}/door/20231114T221320.json", $"{stage.Home}/door/../s1//./20231114T221320.json", $"{root}/up/spawn-trees/s1/20231114T221320.json", "../spawn-trees/s1/20231114T221320.json"])
            await Assert.That((await gateway.AskAsync("spawn_tree.load", PathOf(way))).Result().GetProperty("label").GetString()).IsEqualTo("L");
        await Assert.That((await ListAsync(gateway, """{"cross_session":true}""")).Select(PathIn)).IsEquivalentTo([path]);
    }

    [Test]
    public async Task A_home_that_is_a_link_is_no_escape()
    {
        await using var stage = await Stage.SetAsync(environment: ["HERMES_HOME=$home/linked"]);
        Directory.CreateDirectory(Path.Combine(stage.Home, "real"));
        File.CreateSymbolicLink(Path.Combine(stage.Home, "linked"), Path.Combine(stage.Home, "real"));
        await using var gateway = new GatewayHarness(stage);
        string path = await SaveAsync(gateway, Tree);
        await Assert.That((await gateway.AskAsync("spawn_tree.load", PathOf(path))).Result().GetProperty("label").GetString()).IsEqualTo("L");
    }

    [Test]
    public async Task What_cannot_be_read_is_refused_in_our_words()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = new GatewayHarness(stage);
        string folder = Path.Combine(stage.Home, "spawn-trees", "s1");
        Directory.CreateDirectory(folder);
        Descriptors.MakeFifo(Path.Combine(folder, "fifo.json"));
        using (var huge = File.Create(Path.Combine(folder, "huge.json"))) huge.SetLength(SpawnTrees.MaxBytes + 1);
        await File.WriteAllTextAsync(Path.Combine(folder, "nan.json"), """{"subagents": [NaN]}""");
        await File.WriteAllTextAsync(Path.Combine(folder, "list.json"), "[1]");
        await File.WriteAllTextAsync(Path.Combine(folder, "deep.json"), "{\"a\":" + new string('[', 600) + new string(']', 600) + "}");
        await File.WriteAllBytesAsync(Path.Combine(folder, "latin.json"), [.. "{\"a\":\""u8, 0xE9, .. "\"}"u8]);
        foreach (var (name, reason) in ((string, string)[])[("fifo", "it is a pipe, not a regular file"), ("huge", "the file is larger than 64 MiB"), ("nan", "the file holds no JSON object"), ("list", "the file holds no JSON object"), ("deep", "the file holds no JSON object"), ("latin", "the file holds no JSON object")])
            await Assert.That((await gateway.AskAsync("spawn_tree.load", PathOf($"{folder}/{name}.json"))).Refusal()).IsEqualTo($"5000 spawn_tree.load failed: {reason}: {folder}/{name}.json");
        await Assert.That((await gateway.AskAsync("spawn_tree.load", PathOf($"{folder}/huge.json/x"))).Refusal()).IsEqualTo($"5000 spawn_tree.load failed: there is no such file: {folder}/huge.json/x");
        await Assert.That((await ListAsync(gateway, """{"session_id":"s1"}""")).Count()).IsEqualTo(0);
    }

    [Test]
    public async Task What_would_break_a_frame_is_mended_on_the_way_out()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = new GatewayHarness(stage);
        string file = Path.Combine(stage.Home, "spawn-trees", "x.json");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, "{\r\n\t\"goal\": \"a\u2028b\u2029c\",\n \"half\": \"\\ud800\", \"number\": 1.50\n}\n");
        string raw = (await gateway.AskAsync("spawn_tree.load", PathOf(file))).Result().GetRawText();
        await Assert.That(raw).IsEqualTo("{  \t\"goal\": \"a\\\\u2028b\\\\u2029c\",  \"half\": \"\\ufffd\", \"number\": 1.50 }");
    }

    [Test]
    public async Task A_save_that_fails_says_why_and_leaves_nothing()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = new GatewayHarness(stage);
        Directory.CreateDirectory(Path.Combine(stage.Home, "spawn-trees"));
        await File.WriteAllTextAsync(Path.Combine(stage.Home, "spawn-trees", "s1"), "in the way");
        await Assert.That((await gateway.AskAsync("spawn_tree.save", Tree)).Refusal()).IsEqualTo("5000 spawn_tree.save failed: a file stands where a directory should be");
        await Assert.That((await gateway.AskAsync("spawn_tree.save", $$"""{"session_id":"{{new string('s', 300)}}","subagents":[1]}""")).Refusal()).IsEqualTo("5000 spawn_tree.save failed: its name is too long");
        await Assert.That((await ListAsync(gateway, """{"session_id":"s1"}""")).Count()).IsEqualTo(0);
        await Assert.That((await ListAsync(gateway, $$"""{"session_id":"{{new string('s', 300)}}"}""")).Count()).IsEqualTo(0);
        await Assert.That(Directory.GetFileSystemEntries(Path.Combine(stage.Home, "spawn-trees"))).IsEquivalentTo([Path.Combine(stage.Home, "spawn-trees", "s1")]);
    }

    [Test]
    public async Task A_write_that_breaks_off_leaves_no_file()
    {
        await using var stage = await Stage.SetAsync();
        var failure = Assert.Throws<StoredFileException>(() => PrivateFiles.CreateUnique(stage.Work, "a", ".json", stream =>
        {
            stream.WriteByte(1);
            throw new IOException("a text for programmers", 28);
        }));
        await Assert.That(failure.Message).IsEqualTo("the disk is full; free some space");
        await Assert.That(Directory.GetFileSystemEntries(stage.Work)).IsEmpty();
        await Assert.That(PrivateFiles.Reason(new IOException("x", 30))).IsEqualTo("the file system is read-only");
        await Assert.That(PrivateFiles.Reason(new UnauthorizedAccessException("x"))).IsEqualTo("permission denied");
        await Assert.That(PrivateFiles.Reason(new IOException("a text for programmers"))).IsEqualTo("the file system refused it");
    }

    [Test]
    public async Task A_long_label_is_cut_and_a_list_reads_no_more_files_than_it_shows()
    {
        await using var stage = await Stage.SetAsync();
        await using var gateway = new GatewayHarness(stage);
        string path = await SaveAsync(gateway, $$"""{"session_id":"s1","subagents":[1],"finished_at":1700000000,"label":"{{new string('l', 499)}}😀{{new string('l', 100_000)}}"}""");
        await Assert.That((await ListAsync(gateway, """{"session_id":"s1"}""")).Single().GetProperty("label").GetString()).IsEqualTo(new string('l', 499) + "…");
        File.Delete(Path.Combine(Path.GetDirectoryName(path)!, "_index.jsonl"));
        for (int second = 10; second < 40; second++)
            await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(path)!, $"20240101T0000{second}.json"), $$"""{"subagents":[],"finished_at":{{1704067200 + second}}}""");
        var entries = (await ListAsync(gateway, """{"session_id":"s1","limit":2}""")).ToList();
        await Assert.That(entries.Select(entry => entry.GetProperty("finished_at").GetInt32())).IsEquivalentTo([1704067239, 1704067238]);
    }

    private static async Task<string> SaveAsync(GatewayHarness gateway, string parameters) =>
        (await gateway.AskAsync("spawn_tree.save", parameters)).Result().GetProperty("path").GetString()!;

    private static async Task<IEnumerable<JsonElement>> ListAsync(GatewayHarness gateway, string parameters) =>
        (await gateway.AskAsync("spawn_tree.list", parameters)).Result().GetProperty("entries").EnumerateArray();

    private static string PathIn(JsonElement entry) => entry.GetProperty("path").GetString()!;

    private static string PathOf(string path) => $$"""{"path":"{{path}}"}""";
}
