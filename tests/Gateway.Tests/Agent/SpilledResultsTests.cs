using Gateway.Agent;

namespace Gateway.Tests.AgentTests;

/// <summary>What is moved to files can be read from there, for as long as it takes.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public class SpilledResultsTests
{
    [Test]
    public async Task What_was_read_is_not_moved_unless_nothing_else_can_be()
    {
        using var place = new SpillPlace();
        var one = place.Spill(("read_file", new string('r', 150_000)), ("t", "small"));
        await Assert.That(one).IsEquivalentTo([false, false]);
        var mixed = place.Spill(("read_file", new string('r', 150_000)), ("t", new string('x', 60_000)), ("t", "small"));
        await Assert.That(mixed).IsEquivalentTo([false, true, false]);
        var reads = place.Spill(("read_file", new string('r', 80_000)), ("read_file", new string('r', 90_000)), ("read_file", new string('r', 70_000)));
        await Assert.That(reads).IsEquivalentTo([false, true, false]);
    }

    [Test]
    public async Task Ids_that_come_again_never_run_out()
    {
        using var place = new SpillPlace();
        for (int i = 0; i < 105; i++) await Assert.That(place.Spill(("t", new string('x', 100_001)))).IsEquivalentTo([true]);
        await Assert.That(Directory.GetFiles(place.Folder).Length).IsEqualTo(105);
    }

    [Test]
    public async Task The_preview_ends_with_a_whole_character()
    {
        using var place = new SpillPlace();
        var messages = new List<ConversationMessage> { ToolBatch.Answer("call_0", "t", new string('x', 1499) + string.Concat(Enumerable.Repeat("😀", 60_000))) };
        new OversizedResults(place.Folder).Apply(messages);
        await Assert.That(messages[0].Content!).Contains("Preview (first 1499 chars):");
        await Assert.That(messages[0].Content!.Any(char.IsSurrogate)).IsFalse();
    }

    [Test]
    public async Task Old_files_go()
    {
        using var place = new SpillPlace();
        place.Spill(("t", new string('x', 100_001)));
        string old = Directory.GetFiles(place.Folder).Single();
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-8));
        place.Spill(("t", new string('y', 100_002)));
        await Assert.That(Directory.GetFiles(place.Folder).Select(file => new FileInfo(file).Length)).IsEquivalentTo([100_002L]);
    }

    [Test]
    [Arguments("plain\ntext", "plain\ntext")]
    [Arguments("{\"output\":\"one\\ntwo \\\"x\\\"\",\"exit_code\":0}", "output:\none\ntwo \"x\"\nexit_code: 0\n")]
    [Arguments("{\"matches\":[{\"path\":\"a\"}]}", "matches:\n[\n  {\n    \"path\": \"a\"\n  }\n]\n")]
    [Arguments("{\"result\":\"{\\\"items\\\":[1]}\"}", "result:\n{\n  \"items\": [\n    1\n  ]\n}\n")]
    [Arguments("[1]", "[\n  1\n]")]
    [Arguments("{\"a\":1}\n\n[Subdirectory context", "a: 1\n\n\n[Subdirectory context")]
    [Arguments("{broken", "{broken")]
    [Arguments("[note] text", "[note] text")]
    [Arguments("", "")]
    public async Task Json_is_laid_out_in_lines(string text, string readable) => await Assert.That(ReadableText.Of(text)).IsEqualTo(readable);

    private sealed class SpillPlace : IDisposable
    {
        public string Folder { get; } = Path.Combine(Path.GetTempPath(), "gw-" + Guid.NewGuid().ToString("N"));

        public bool[] Spill(params (string Tool, string Text)[] results)
        {
            var messages = results.Select(result => ToolBatch.Answer("call_0", result.Tool, result.Text)).ToList();
            new OversizedResults(Folder).Apply(messages);
            return [.. messages.Select(message => message.Content!.StartsWith("<persisted-output>", StringComparison.Ordinal) && message.Content.Contains(Folder, StringComparison.Ordinal))];
        }

        public void Dispose()
        {
            if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
        }
    }
}
