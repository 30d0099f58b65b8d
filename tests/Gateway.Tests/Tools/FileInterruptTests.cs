using System.Text.Json.Nodes;
using Gateway.Tests.ProcessesTests;
using Gateway.Tools.Files;
using Gateway.Tools.Patch;
using Gateway.Tools.Search;

namespace Gateway.Tests.ToolsTests;

/// <summary>An interrupt ends file tools wherever they are, and what was begun is whole.</summary>
[NotInParallel("children")]
public class FileInterruptTests
{
    private static JsonObject Write => new() { ["path"] = "f.txt", ["content"] = "new\n" };

    [Test]
    public async Task A_line_without_end_stops_between_blocks()
    {
        using var stop = new CancellationTokenSource();
        var source = new LineSource(new EndlessReader(stop, 3), stop.Token);
        await Assert.That(() => source.Next(2000, out _)).Throws<OperationCanceledException>();
    }

    [Test]
    public async Task Lines_that_are_only_counted_stop_between_blocks()
    {
        using var stop = new CancellationTokenSource();
        var source = new LineSource(new EndlessReader(stop, 3, '\n'), stop.Token);
        await Assert.That(() =>
        {
            while (source.Next(2000, out _)) { }
        }).Throws<OperationCanceledException>();
    }

    [Test]
    [Arguments("write_file", """{"path":"f.txt","content":"new\n"}""")]
    [Arguments("patch", """{"mode":"replace","path":"link","old_string":"old","new_string":"new"}""")]
    [Arguments("patch", """{"mode":"patch","patch":"*** Begin Patch\n*** Update File: link\n-old\n+new\n*** End Patch"}""")]
    public async Task Waiting_for_a_file_that_another_agent_changes_ends(string tool, string arguments)
    {
        using var stage = new ToolStage();
        File.CreateSymbolicLink(stage.At("link"), stage.Put("f.txt", "old\n"));
        using var stop = new CancellationTokenSource();
        Task waiting;
        using (await stage.Kit.Files.TakeAsync([stage.At("f.txt")], CancellationToken.None))
        {
            waiting = stage.ResultAsync(tool, arguments, stop.Token);
            await Assert.That(waiting.IsCompleted).IsFalse();
            await stop.CancelAsync();
            await Assert.That(async () => await waiting).Throws<OperationCanceledException>();
        }

        await Assert.That(stage.Kit.Files.Count).IsEqualTo(0);
        await Assert.That(stage.Get("f.txt")).IsEqualTo("old\n");
        await stage.CallAsync("write_file", Write);
        await Assert.That(stage.Get("f.txt")).IsEqualTo("new\n");
    }

    [Test]
    public async Task Those_who_wait_come_after_each_other_and_nothing_of_the_locks_stays()
    {
        var locks = new FileLocks();
        var first = await locks.TakeAsync(["a", "b"], CancellationToken.None);
        var second = locks.TakeAsync(["b"], CancellationToken.None);
        var third = locks.TakeAsync(["a"], CancellationToken.None);
        await Assert.That(second.IsCompleted || third.IsCompleted).IsFalse();
        first.Dispose();
        first.Dispose();
        (await second).Dispose();
        (await third).Dispose();
        (await locks.TakeAsync(["b", "a", "b"], CancellationToken.None)).Dispose();
        await Assert.That(locks.Count).IsEqualTo(0);
    }

    [Test]
    public async Task Comparing_ends()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await Assert.That(() => Replacement.Apply("some text\n", "sone text", "x", false, stop.Token)).Throws<OperationCanceledException>();
        await Assert.That(() => Replacement.ApplyFirst("some text\n", 0, "sone text", "x", stop.Token)).Throws<OperationCanceledException>();
    }

    [Test]
    public async Task A_checker_ends_and_the_change_is_told()
    {
        using var place = new ProgramPlace("gofmt");
        using var stage = new ToolStage(environment: new() { ["PATH"] = place.SearchPath });
        stage.Put("a.go", "package a\n");
        using var stop = new CancellationTokenSource();
        var running = stage.CallAsync("patch", new JsonObject { ["path"] = "a.go", ["old_string"] = "package a", ["new_string"] = "package b" }, stop.Token);
        await Assert.That(await Facts.BecomesTrueAsync(() => place.HasBegun)).IsTrue();

        // The file is free while its checker runs.
        (await stage.Kit.Files.TakeAsync([stage.At("a.go")], CancellationToken.None)).Dispose();
        await stop.CancelAsync();
        var json = await running;
        await Assert.That((bool)json["success"]!).IsTrue();
        await Assert.That((string)json["lint"]!["status"]!).IsEqualTo("skipped");
        await Assert.That(stage.Get("a.go")).IsEqualTo("package b\n");
    }

    [Test]
    public async Task Ripgrep_ends()
    {
        using var place = new ProgramPlace("rg");
        using var stage = new ToolStage(environment: new() { ["PATH"] = place.SearchPath });
        using var stop = new CancellationTokenSource();
        var running = stage.ResultAsync("search_files", """{"pattern":"x"}""", stop.Token);
        await Assert.That(await Facts.BecomesTrueAsync(() => place.HasBegun)).IsTrue();
        await stop.CancelAsync();
        await Assert.That(async () => await running).Throws<OperationCanceledException>();
        await Assert.That(await Facts.BecomesTrueAsync(() => stage.Children.Count == 0)).IsTrue();
    }

    [Test]
    public async Task Searching_without_ripgrep_ends()
    {
        using var stage = new ToolStage(environment: new() { ["PATH"] = "/nowhere" });
        stage.Put("a.txt", "x\n");
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await Assert.That(async () => await stage.ResultAsync("search_files", """{"pattern":"x"}""", stop.Token)).Throws<OperationCanceledException>();
    }

    [Test]
    public async Task What_a_search_had_found_when_its_time_was_up_is_told_as_a_part()
    {
        using var stage = new ToolStage();
        stage.Put("a.txt", "x\n");
        foreach (bool names in new[] { true, false })
        {
            var found = new WalkingSearch(new CancellationToken(canceled: true)).Run(new SearchQuery("a.txt", stage.Work, null, "content", 0, 10), names);
            await Assert.That(found.Total).IsEqualTo(0);
            await Assert.That(found.Partial!).Contains("60 seconds");
        }
    }

    /// <summary>Text that never ends. Cancels at a block, and fails when it is asked for more than one after that.</summary>
    private sealed class EndlessReader(CancellationTokenSource stop, int cancelAt, char filling = 'x') : TextReader
    {
        private int _blocks;

        public override int Read(char[] buffer, int index, int count)
        {
            if (++_blocks == cancelAt) stop.Cancel();
            if (_blocks > cancelAt + 1) throw new InvalidOperationException("It was read on after the interrupt.");
            buffer.AsSpan(index, count).Fill(filling);
            return count;
        }
    }

    /// <summary>A folder with a program in it that says when it has begun, and does not end.</summary>
    private sealed class ProgramPlace : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-bin-");

        public ProgramPlace(string name)
        {
            string path = Path.Combine(_folder.FullName, name);
            File.WriteAllText(path, $"#!/bin/sh\n: > '{Begun}'\nexec sleep 86399\n");
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        public string SearchPath => _folder.FullName + ":/usr/bin:/bin";

        public bool HasBegun => File.Exists(Begun);

        private string Begun => Path.Combine(_folder.FullName, "begun");

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
