using Gateway.Tests.Shared;
using ModelServer.Script;

namespace Gateway.ProcessTests;

/// <summary>A state.db that cannot be used costs the record, never the conversation; what can be said about it is said clearly.</summary>
public class StateFaultTests
{
    private const string Answers = """{"fallback":{"steps":[{"text":"answer to {{last_user_text}}"}]}}""";

    private static readonly string[] s_leaks = ["Exception", "SQLite Error", "   at ", "/tmp/"];

    [Test]
    [Arguments("garbage", "file is not a database")]
    [Arguments("damaged", "damaged")]
    [Arguments("directory", "cannot be opened")]
    [Arguments("pipe", "state.db cannot be opened: it is a pipe")]
    [Arguments("read-only", "cannot be opened for writing")]
    [Arguments("full", "disk")]
    public async Task A_conversation_goes_on_without_its_database(string fault, string reason)
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(Answers));
        string path = Path.Combine(stage.Home, "state.db");
        string? mounts = null;
        switch (fault)
        {
            case "garbage":
                await File.WriteAllTextAsync(path, string.Concat(Enumerable.Repeat("no database at all. ", 1000)));
                break;
            case "damaged":
                await using (var first = GatewayProcess.Start(stage)) await TalkAsync(first, await EndingTests.CreateSession(first), "before", 1);
                File.Delete(path + "-wal");
                using (var file = new FileStream(path, FileMode.Open))
                {
                    file.Position = 100;
                    file.Write(new byte[3996]);
                }

                break;
            case "directory":
                Directory.CreateDirectory(path);
                break;
            case "pipe":
                System.Diagnostics.Process.Start("mkfifo", path).WaitForExit();
                break;
            case "read-only":
                mounts = "mount --bind \"$HERMES_HOME\" \"$HERMES_HOME\"; mount -o remount,ro,bind \"$HERMES_HOME\";";
                break;
            case "full":
                mounts = "cp -r \"$HERMES_HOME\" /dev/shm/$$; mount -t tmpfs -o size=160k none \"$HERMES_HOME\"; cp -r /dev/shm/$$/. \"$HERMES_HOME\"; rm -r /dev/shm/$$; head -c 1000000 /dev/zero > \"$HERMES_HOME/fill\" 2>/dev/null;";
                break;
        }

        if (mounts is not null && !Facts.CanHideFiles) Skip.Test("this needs a mount namespace of our own, which this user may not make");
        await using var gateway = mounts is null ? GatewayProcess.Start(stage) : GatewayProcess.StartThrough(stage, "/usr/bin/unshare", "-m", "/bin/sh", "-c", $"{mounts} exec '{GatewayProcess.Binary}'");
        string session = await EndingTests.CreateSession(gateway);
        await TalkAsync(gateway, session, "one", 1);
        await TalkAsync(gateway, session, "two", 2);
        var history = (await gateway.AskAsync(10, "session.history", Named(session))).GetProperty("result");
        await Assert.That(string.Join('|', history.GetProperty("messages").EnumerateArray().Select(row => row.GetProperty("text").GetString()!))).IsEqualTo("one|answer to one|two|answer to two");
        string warning = gateway.Conversation.Frames.First(frame => EndingTests.IsEvent(frame, "status.update") && frame.ToString().Contains("not being saved")).ToString();
        await Assert.That(warning).Contains(reason);

        // Whatever needs the file says why it cannot, or does without.
        int id = 20;
        foreach (var (method, parameters) in new[]
        {
            ("session.list", "{}"), ("session.most_recent", "{}"), ("session.resume", """{"session_id":"20260101_000000_abcdef"}"""), ("session.undo", Named(session)),
            ("session.title", $$"""{"session_id":"{{session}}","title":"x"}"""), ("session.branch", Named(session)), ("session.compress", Named(session)), ("session.usage", Named(session)),
        })
        {
            var answer = await gateway.AskAsync(id++, method, parameters);
            await Assert.That(s_leaks.FirstOrDefault(leak => answer.ToString().Contains(leak) && answer.TryGetProperty("error", out _))).IsNull();
            if (answer.TryGetProperty("error", out var error)) await Assert.That(error.GetProperty("code").GetInt32() is 4007 or 5000 or 5005 or 5006 or 5007 or 5008).IsTrue();
        }

        await TalkAsync(gateway, session, "three", 3);
        await Assert.That((await gateway.AskAsync(50, "session.close", Named(session))).GetProperty("result").GetProperty("closed").GetBoolean()).IsTrue();
        gateway.CloseInput();
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
        if (mounts is null) await Assert.That(stage.CrashLog()).DoesNotContain("Exception");
    }

    [Test]
    public async Task What_a_locked_file_did_not_take_is_stored_when_it_is_free()
    {
        await using var stage = await Stage.SetAsync(ModelScript.Parse(Answers));
        await using var gateway = GatewayProcess.Start(stage);
        string session = await EndingTests.CreateSession(gateway);
        await TalkAsync(gateway, session, "one", 1);
        using (var other = DiskFacts.Open(Path.Combine(stage.Home, "state.db")))
        {
            Run(other, "BEGIN EXCLUSIVE");
            await TalkAsync(gateway, session, "two", 2);
            await Assert.That(gateway.Conversation.Frames.Any(frame => EndingTests.IsEvent(frame, "status.update") && frame.ToString().Contains("another program is writing"))).IsTrue();
            Run(other, "ROLLBACK");
        }

        // Writes are tried again some seconds after they were in vain.
        int turn = 3;
        await Facts.UntilAsync(
            () =>
            {
                TalkAsync(gateway, session, $"more {turn}", turn).GetAwaiter().GetResult();
                turn++;
                Thread.Sleep(300);
                return DiskFacts.Query(stage, "SELECT content FROM messages ORDER BY timestamp, id");
            },
            rows => rows.Contains("two"),
            "the missing messages on disk");
        string expected = string.Join('|', new[] { "one", "two" }.Concat(Enumerable.Range(3, turn - 3).Select(number => $"more {number}")).SelectMany(text => new[] { text, $"answer to {text}" }));
        await Assert.That(string.Join('|', DiskFacts.Query(stage, "SELECT content FROM messages ORDER BY timestamp, id"))).IsEqualTo(expected);
        await Assert.That(DiskFacts.Faults(stage)).IsEqualTo("");
        await Assert.That((await gateway.AskAsync(90, "session.undo", Named(session))).GetProperty("result").GetProperty("removed").GetInt32()).IsEqualTo(2);
    }

    private static async Task TalkAsync(GatewayProcess gateway, string session, string text, int turn)
    {
        var accepted = await gateway.AskAsync(100 + turn, "prompt.submit", $$"""{"session_id":"{{session}}","text":"{{text}}"}""");
        if (!accepted.TryGetProperty("result", out _)) throw new InvalidOperationException(accepted.ToString());
        await Facts.UntilAsync(
            () => gateway.Conversation.Frames.Count(frame => EndingTests.IsEvent(frame, "message.complete") && frame.ToString().Contains($"answer to {text}")),
            count => count > 0,
            $"the answer to {text}");
    }

    private static void Run(Microsoft.Data.Sqlite.SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static string Named(string session) => $$"""{"session_id":"{{session}}"}""";
}
