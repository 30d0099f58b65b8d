using System.Text.Json;
using Gateway.Agent;
using Gateway.Tools;

namespace Gateway.Tests.AgentTests;

/// <summary>Which calls of one reply may run beside each other. A call is written "tool arguments", calls are divided by a bar.</summary>
public class ParallelCallsTests
{
    [Test]
    [Arguments("read_file {\"path\":\"a\"} | read_file {\"path\":\"b\"}", true)]
    [Arguments("write_file {\"path\":\"a\"} | patch {\"path\":\"b\"} | search_files {}", true)]
    [Arguments("web_search {} | web_extract {} | session_search {} | skills_list {} | skill_view {} | vision_analyze {}", true)]
    [Arguments("read_file {\"path\":\"folder/x\"} | read_file {\"path\":\"folder/xy\"}", true)]
    [Arguments("read_file {\"path\":\"a\"} | terminal {}", false)]
    [Arguments("search_files {} | clarify {}", false)]
    [Arguments("search_files {} | some_mcp_tool {}", false)]
    [Arguments("read_file {\"path\":\"a\"}", false)]
    [Arguments("read_file {\"path\":\"a\"} | read_file {\"path\":\"a\"}", false)]
    [Arguments("read_file {\"path\":\"a\"} | write_file {\"path\":\"./a\"}", false)]
    [Arguments("read_file {\"path\":\"a\"} | write_file {\"path\":\"folder/../a\"}", false)]
    [Arguments("read_file {\"path\":\"{cwd}/a\"} | write_file {\"path\":\"a\"}", false)]
    [Arguments("write_file {\"path\":\"folder\"} | write_file {\"path\":\"folder/x\"}", false)]
    [Arguments("write_file {\"path\":\"folder/x\"} | write_file {\"path\":\"folder/\"}", false)]
    [Arguments("write_file {\"path\":\"/\"} | write_file {\"path\":\"a\"}", false)]
    [Arguments("write_file {\"path\":\"link\"} | write_file {\"path\":\"a\"}", false)]
    [Arguments("write_file {\"path\":\"linked/x\"} | patch {\"path\":\"folder/x\"}", false)]
    [Arguments("write_file {\"path\":\"circle\"} | write_file {\"path\":\"a\"}", false)]
    [Arguments("write_file {\"path\":\"~/a\"} | write_file {\"path\":\"b\"}", false)]
    [Arguments("write_file {\"path\":\" a\"} | write_file {\"path\":\"b\"}", false)]
    [Arguments("write_file {\"path\":\"a\\u0000\"} | write_file {\"path\":\"b\"}", false)]
    [Arguments("write_file {\"path\":\"\"} | write_file {\"path\":\"b\"}", false)]
    [Arguments("write_file {\"path\":7} | write_file {\"path\":\"b\"}", false)]
    [Arguments("write_file {} | write_file {\"path\":\"b\"}", false)]
    [Arguments("patch {\"path\":\"a\",\"patch\":\"*** Update File: b\"} | write_file {\"path\":\"b\"}", false)]
    [Arguments("patch {\"path\":\"a\",\"patch\":null} | write_file {\"path\":\"b\"}", true)]
    public async Task Calls_beside_each_other(string calls, bool allowed)
    {
        string directory = Directory.CreateTempSubdirectory("gateway-calls-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(directory, "folder"));
            await File.WriteAllTextAsync(Path.Combine(directory, "a"), "");
            File.CreateSymbolicLink(Path.Combine(directory, "link"), "a");
            File.CreateSymbolicLink(Path.Combine(directory, "linked"), "folder");
            File.CreateSymbolicLink(Path.Combine(directory, "circle"), "circle");
            PreparedCall[] prepared = [.. calls.Replace("{cwd}", directory, StringComparison.Ordinal).Split(" | ").Select(Prepare)];
            await Assert.That(ParallelCalls.Allowed(prepared, directory)).IsEqualTo(allowed);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Test]
    public async Task A_path_too_long_for_a_file_is_not_looked_at()
    {
        PreparedCall[] calls = [Prepare($"read_file {{\"path\":\"{new string('/', 5000)}\"}}"), Prepare("read_file {\"path\":\"b\"}")];
        await Assert.That(ParallelCalls.Allowed(calls, "/")).IsFalse();
    }

    private static PreparedCall Prepare(string call)
    {
        int blank = call.IndexOf(' ', StringComparison.Ordinal);
        using var arguments = JsonDocument.Parse(call[blank..]);
        return new PreparedCall(new FakeTool(call[..blank]), new ToolCall("id", call[..blank], arguments.RootElement.Clone()));
    }
}
