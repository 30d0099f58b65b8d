using System.Text;
using System.Text.Json.Nodes;
using Gateway.Tests.ProcessesTests;
using Gateway.Tools;
using Gateway.Tools.Code;

namespace Gateway.Tests.ToolsTests;

/// <summary>What scripts may do to the socket over which they call tools, and what is left of them. Skipped visibly where there is no Python.</summary>
[NotInParallel("children")]
public class CodeSocketTests
{
    private const string Connect = """
        import os, socket, json
        def connect():
            s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            s.connect(os.environ["HERMES_RPC_SOCKET"])
            return s
        def ask(s, line):
            s.sendall(line)
            return s.makefile("rb").readline().decode().strip()

        """;

    private static ToolStage Stage(string config = "")
    {
        string? path = Environment.GetEnvironmentVariable("PATH");
        Skip.When(Processes.ExecutablePath.Find("python3", path) is null, "Python is not installed");
        var stage = new ToolStage(config, new() { ["PATH"] = path! });
        stage.Context = stage.Context with { Tools = [.. ToolCatalog.BuiltIn(stage.Kit)] };
        return stage;
    }

    private static async Task<string> OutputAsync(ToolStage stage, string code)
    {
        var answer = await stage.CallAsync("execute_code", new JsonObject { ["code"] = Connect + code });
        await Assert.That((string)answer["status"]!).IsEqualTo("success").Because(answer.ToJsonString());
        return ((string)answer["output"]!).TrimEnd('\n');
    }

    [Test]
    [Arguments("b'no json\\n'", "The call is not valid JSON.")]
    [Arguments("b'\\n'", "The call is not valid JSON.")]
    [Arguments("b'\\xff\\xfe\\n'", "The call is not valid JSON.")]
    [Arguments("b'[' * 5000 + b'\\n'", "The call is not valid JSON.")]
    [Arguments("b'[1]\\n'", "Tool '' is not available to scripts.")]
    [Arguments("b'null\\n'", "Tool '' is not available to scripts.")]
    [Arguments("b'{\"tool\":5}\\n'", "Tool '' is not available to scripts.")]
    [Arguments("b'{\"tool\":\"\\\\ud800\"}\\n'", "Tool '' is not available to scripts.")]
    [Arguments("b'{\"tool\":\"execute_code\",\"args\":{\"code\":\"1\"}}\\n'", "Tool 'execute_code' is not available to scripts.")]
    [Arguments("b'{\"tool\":\"terminal\"}\\n'", "command must be a text that is not empty.")]
    [Arguments("b'{\"tool\":\"terminal\",\"args\":[]}\\n'", "command must be a text that is not empty.")]
    [Arguments("b'{\"tool\":\"terminal\",\"args\":{\"command\":\"\\\\ud800\"}}\\n'", "The arguments hold text that is no valid Unicode.")]
    [Arguments("b'{\"tool\":\"terminal\",\"args\":{\"command\":\"' + b'x' * 200000 + b'\"}}\\n'", "The command is longer than the 131071 bytes that the system takes. Write it to a file with write_file and run that.")]
    public async Task Nonsense_is_answered(string line, string error)
    {
        using var stage = Stage();
        await Assert.That(await OutputAsync(stage, $"""
            s = connect()
            print(json.loads(ask(s, {line}))["error"])
            print(json.loads(ask(s, b'{"{"}"tool":"terminal","args":{"{"}"command":"echo on"{"}}"}\n'))["output"])
            """)).IsEqualTo($"{error}\non");
    }

    [Test]
    public async Task A_line_without_end_is_refused_and_costs_the_connection_only()
    {
        using var stage = Stage();
        await Assert.That(await OutputAsync(stage, """
            s = connect()
            try:
                for _ in range(20): s.sendall(b"x" * (1 << 20))
            except OSError:
                pass
            answer = s.makefile("rb").readline()
            print(json.loads(answer)["error"])
            print(json.loads(ask(connect(), b'{"tool":"terminal","args":{"command":"echo on"}}\n'))["output"])
            """)).IsEqualTo("The call is longer than 8388608 bytes.\non");
    }

    [Test]
    public async Task Pieces_several_calls_at_once_and_many_connections_are_served()
    {
        using var stage = Stage(config: "code_execution: {max_tool_calls: 500}");
        await Assert.That(await OutputAsync(stage, """
            call = b'{"tool":"terminal","args":{"command":"true"}}\n'
            s = connect()
            f = s.makefile("rb")
            for i in range(0, len(call), 7): s.sendall(call[i:i + 7])
            print(json.loads(f.readline())["exit_code"])
            s.sendall(call * 3)
            print([json.loads(f.readline())["exit_code"] for _ in range(3)])
            gone = [connect() for _ in range(40)]
            for g in gone: g.close()
            half = connect(); half.sendall(b'{"tool":'); half.close()
            print(json.loads(ask(connect(), call))["exit_code"])
            """)).IsEqualTo("0\n[0, 0, 0]\n0");
    }

    [Test]
    public async Task Patch_replaces_without_being_told_the_mode()
    {
        using var stage = Stage();
        stage.Put("a.txt", "one two");
        await Assert.That(await OutputAsync(stage, "from hermes_tools import patch\nprint(patch('a.txt', 'one', '1').get('error'))")).IsEqualTo("None");
        await Assert.That(stage.Get("a.txt")).IsEqualTo("1 two");
    }

    [Test]
    public async Task What_a_script_reads_does_not_count_as_shown_to_the_model()
    {
        using var stage = Stage();
        stage.Put("a.txt", "text");
        const string code = "from hermes_tools import read_file\nprint(read_file('a.txt')['content'])";
        await stage.CallAsync("read_file", """{"path":"a.txt"}""");
        await Assert.That(await OutputAsync(stage, code)).Contains("text");
        await Assert.That(await OutputAsync(stage, code)).Contains("text");
        await Assert.That((string?)(await stage.CallAsync("read_file", """{"path":"a.txt"}"""))["status"]).IsEqualTo("unchanged");
    }

    [Test]
    public async Task A_script_shares_directory_and_exports_with_its_conversation()
    {
        using var stage = Stage();
        Directory.CreateDirectory(stage.At("sub"));
        await OutputAsync(stage, "from hermes_tools import terminal\nterminal('cd sub; export X=1')");
        await Assert.That((string)(await stage.CallAsync("terminal", """{"command":"pwd; echo $X"}"""))["output"]!).IsEqualTo($"{stage.At("sub")}\n1");
    }

    [Test]
    public async Task An_interrupt_inside_a_tool_call_leaves_nothing_of_script_or_command()
    {
        using var stage = Stage();
        using var interrupt = new CancellationTokenSource();
        string mark = "77" + Random.Shared.Next(1_000_000, 9_999_999);
        var run = stage.CallAsync(
            "execute_code",
            new JsonObject { ["code"] = $"import subprocess\nfrom hermes_tools import terminal\nsubprocess.Popen(['sleep', '{mark}1'])\nterminal('sleep {mark}2 | sleep {mark}3')" },
            interrupt.Token);
        foreach (string part in (string[])["1", "2", "3"]) await Assert.That(await Facts.BecomesTrueAsync(() => CommandLines.Any($"sleep {mark}{part}"))).IsTrue();
        await interrupt.CancelAsync();
        await Assert.That((string)(await run)["status"]!).IsEqualTo("interrupted");
        await Assert.That(await Facts.BecomesTrueAsync(() => !CommandLines.Any($"sleep {mark}"))).IsTrue();
        await Assert.That(await Facts.BecomesTrueAsync(() => !CommandLines.Any("script.py") && stage.Children.Count == 0)).IsTrue();
    }

    [Test]
    [Arguments("a\nbb\n\nc", 10, "a|bb||c", false)]
    [Arguments("", 10, "", false)]
    [Arguments("12345\n123456\n", 5, "12345", true)]
    [Arguments("123456", 5, "", true)]
    public async Task Lines_are_read_up_to_a_length(string text, int longest, string expected, bool tooLong)
    {
        foreach (int piece in (int[])[1, 3, 1000])
        {
            var lines = new BoundedLines(new SlowStream(Encoding.UTF8.GetBytes(text), piece), longest);
            var read = new List<string>();
            while (await lines.ReadAsync(CancellationToken.None) is { } line) read.Add(Encoding.UTF8.GetString(line.Span));

            await Assert.That(string.Join('|', read)).IsEqualTo(expected);
            await Assert.That(lines.TooLong).IsEqualTo(tooLong);
        }
    }

    private sealed class SlowStream(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, piece)], cancellationToken);
    }
}
