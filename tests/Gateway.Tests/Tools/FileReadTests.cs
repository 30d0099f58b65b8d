using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Gateway.Tools.Files;

namespace Gateway.Tests.ToolsTests;

/// <summary>Files that are no ordinary text, and what is remembered of reads.</summary>
[NotInParallel("children")]
public class FileReadTests
{
    private static JsonObject Read(string path, int? offset = null, int? limit = null)
    {
        var json = new JsonObject { ["path"] = path };
        if (offset is not null) json["offset"] = offset;
        if (limit is not null) json["limit"] = limit;
        return json;
    }

    [Test]
    [Arguments("pipe", "is not a regular file.")]
    [Arguments("socket", "is not a regular file.")]
    [Arguments("to-pipe", "is not a regular file.")]
    [Arguments("null", "is not a regular file.")]
    [Arguments("sparse.img", "Cannot read binary file 'sparse.img'")]
    [Arguments("/proc/self/pagemap", "Cannot read binary file '/proc/self/pagemap'")]
    [Arguments("/dev/null", "it is a device")]
    [Arguments("/dev/shm/../zero", "it is a device")]
    public async Task What_may_never_end_is_refused(string path, string error)
    {
        using var stage = new ToolStage();
        Run("mkfifo", stage.At("pipe"));
        File.CreateSymbolicLink(stage.At("to-pipe"), stage.At("pipe"));
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(stage.At("socket")));
        using (var sparse = File.Create(stage.At("sparse.img"))) sparse.SetLength(1L << 40);
        Skip.When(path == "null" && Run("mknod", stage.At("null"), "c", "1", "3") != 0, "Device files cannot be made here");
        await Assert.That((string)(await stage.CallAsync("read_file", Read(path)))["error"]!).Contains(error);
    }

    [Test]
    public async Task Files_of_the_kernel_and_in_shared_memory_are_read()
    {
        using var stage = new ToolStage();
        await Assert.That((string)(await stage.CallAsync("read_file", Read("/proc/self/status", limit: 1)))["content"]!).StartsWith("     1|Name:");
        string shared = Path.Combine("/dev/shm", "gateway-" + Guid.NewGuid().ToString("N"));
        Skip.Unless(Directory.Exists("/dev/shm"), "There is no shared memory here");
        try
        {
            await Assert.That((int)(await stage.CallAsync("write_file", new JsonObject { ["path"] = shared, ["content"] = "here\n" }))["bytes_written"]!).IsEqualTo(5);
            await Assert.That((string)(await stage.CallAsync("read_file", Read(shared)))["content"]!).IsEqualTo("     1|here");
        }
        finally
        {
            File.Delete(shared);
        }
    }

    [Test]
    public async Task A_huge_line_is_cut_and_the_file_behind_it_not_counted_for_ever()
    {
        using var stage = new ToolStage();
        using (var file = File.CreateText(stage.At("min.js")))
        {
            file.Write("first\n");
            string block = new('x', 1 << 20);
            for (int i = 0; i < 70; i++) file.Write(block);
            file.Write("\nlast\n");
        }

        var json = await stage.CallAsync("read_file", Read("min.js"));
        await Assert.That((string)json["content"]!).IsEqualTo($"     1|first\n     2|{new string('x', 2000)}... [truncated]");
        await Assert.That((bool)json["truncated"]!).IsTrue();
        await Assert.That((string)json["hint"]!).IsEqualTo("Use offset=3 to continue reading (showing 1-2 of more than 2 lines)");
        var behind = await stage.CallAsync("read_file", Read("min.js", offset: 3));
        await Assert.That((string)behind["content"]!).IsEqualTo("     3|last");
        await Assert.That((bool)behind["truncated"]!).IsFalse();
    }

    [Test]
    [Arguments("", 0, "")]
    [Arguments("one", 1, "     1|one")]
    [Arguments("\n", 1, "     1|")]
    [Arguments("a\r\n\r\nb", 3, "     1|a\n     2|\n     3|b")]
    public async Task Lines_end_where_they_should(string text, int lines, string content)
    {
        using var stage = new ToolStage();
        stage.Put("f.txt", text);
        var json = await stage.CallAsync("read_file", Read("f.txt"));
        await Assert.That((int)json["total_lines"]!).IsEqualTo(lines);
        await Assert.That((string)json["content"]!).IsEqualTo(content);
    }

    [Test]
    public async Task Every_length_of_line_is_read_over_the_seams_of_blocks()
    {
        // Lines of 1 to 400 characters put their ends everywhere in the blocks of 32,768.
        string[] wanted = [.. Enumerable.Range(1, 400).Select(length => new string((char)('a' + (length % 26)), length))];
        var source = new LineSource(new StringReader(string.Join('\n', wanted)), CancellationToken.None);
        var found = new List<string>();
        while (source.Next(2000, out string line)) found.Add(line);
        await Assert.That(string.Join('\n', found)).IsEqualTo(string.Join('\n', wanted));
    }

    [Test]
    [Arguments("""{"path":"f.txt","offset":0,"limit":0}""", "     1|one")]
    [Arguments("""{"path":"f.txt","offset":-7,"limit":-7}""", "     1|one")]
    [Arguments("""{"path":"f.txt","offset":"x","limit":"y"}""", "     1|one\n     2|two")]
    [Arguments("""{"path":"f.txt","offset":3}""", "")]
    public async Task Odd_ranges_are_answered(string arguments, string content)
    {
        using var stage = new ToolStage();
        stage.Put("f.txt", "one\ntwo");
        await Assert.That((string)(await stage.CallAsync("read_file", arguments))["content"]!).IsEqualTo(content);
    }

    [Test]
    public async Task What_was_not_shown_is_not_called_known()
    {
        using var stage = new ToolStage("file_read_max_chars: 50");
        stage.Put("f.txt", new string('x', 100) + "\n");
        for (int i = 0; i < 3; i++)
            await Assert.That((string)(await stage.CallAsync("read_file", Read("f.txt")))["error"]!).Contains("exceeds the safety limit");
        using var stopped = new CancellationTokenSource();
        await stopped.CancelAsync();
        stage.Put("g.txt", "short\n");
        await Assert.That(async () => await stage.CallAsync("read_file", Read("g.txt"), stopped.Token)).Throws<OperationCanceledException>();
        await Assert.That((string)(await stage.CallAsync("read_file", Read("g.txt")))["content"]!).IsEqualTo("     1|short");
    }

    [Test]
    public async Task Through_a_link_it_is_the_same_file()
    {
        using var stage = new ToolStage();
        stage.Put("f.txt", "one\n");
        File.CreateSymbolicLink(stage.At("link"), stage.At("f.txt"));
        await stage.CallAsync("read_file", Read("link"));
        await Assert.That((string?)(await stage.CallAsync("read_file", Read("f.txt")))["status"]).IsEqualTo("unchanged");
        var written = await stage.CallAsync("write_file", new JsonObject { ["path"] = "link", ["content"] = "two\n" });
        await Assert.That(written["_warning"]).IsNull();
        await Assert.That((string)(await stage.CallAsync("read_file", Read("f.txt")))["content"]!).IsEqualTo("     1|two");
    }

    [Test]
    public async Task A_file_that_changes_all_the_time_is_not_watched_by_reading_it()
    {
        using var stage = new ToolStage();
        var answers = new List<JsonNode>();
        for (int i = 0; i < 4; i++)
        {
            stage.Put("log.txt", $"{i}\n");
            File.SetLastWriteTimeUtc(stage.At("log.txt"), DateTime.UtcNow.AddMinutes(i));
            answers.Add(await stage.CallAsync("read_file", Read("log.txt")));
        }

        await Assert.That(answers.Select(answer => answer["_warning"] is not null)).IsEquivalentTo([false, false, true, false]);
        await Assert.That((string)answers[3]["error"]!).StartsWith("BLOCKED");
        stage.Context.State.Reads.OtherToolRan();
        await Assert.That((string)(await stage.CallAsync("read_file", Read("log.txt")))["content"]!).IsEqualTo("     1|3");
    }

    [Test]
    public async Task Blanks_around_a_name_belong_to_it_where_there_is_such_a_file()
    {
        using var stage = new ToolStage();
        stage.Put("plain", "plain\n");
        stage.Put(" odd ", "odd\n");
        await Assert.That((string)(await stage.CallAsync("read_file", Read(" odd ")))["content"]!).IsEqualTo("     1|odd");
        await Assert.That((string)(await stage.CallAsync("read_file", Read(" plain\n")))["content"]!).IsEqualTo("     1|plain");
        await Assert.That((string)(await stage.CallAsync("read_file", Read(new string('a', 5000))))["error"]!).IsEqualTo("path must name a file.");
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
