using Gateway.Tools;

namespace Gateway.Tests.ToolsTests;

public class ToolRegistryTests
{
    private static readonly ToolRegistry Registry = new(
    [
        new NamedTool("write_file", "file"), new NamedTool("terminal", "terminal"), new NamedTool("read_file", "file"),
        new NamedTool("search_files", "file"), new NamedTool("web_search", "web"), new NamedTool("process", "terminal"),
    ]);

    [Test]
    public async Task Tools_are_sorted_and_grouped()
    {
        await Assert.That(string.Join(",", Registry.All.Select(tool => tool.Name))).IsEqualTo("process,read_file,search_files,terminal,web_search,write_file");
        await Assert.That(string.Join(";", Registry.ByToolset().Select(pair => $"{pair.Key}:{string.Join(",", pair.Value)}")))
            .IsEqualTo("file:read_file,search_files,write_file;terminal:process,terminal;web:web_search");
        await Assert.That(Registry.Find("terminal")!.Name).IsEqualTo("terminal");
        await Assert.That(Registry.Find("Terminal")).IsNull();
    }

    [Test]
    public async Task The_same_name_twice_is_refused() =>
        await Assert.That(() => new ToolRegistry([new NamedTool("a", "x"), new NamedTool("a", "y")])).Throws<ArgumentException>();

    [Test]
    [Arguments("terminal", "terminal")]
    [Arguments("Terminal", "terminal")]
    [Arguments("TERMINAL", "terminal")]
    [Arguments(" terminal ", "terminal")]
    [Arguments("read-file", "read_file")]
    [Arguments("read file", "read_file")]
    [Arguments("ReadFile", "read_file")]
    [Arguments("readFile", "read_file")]
    [Arguments("ReadFileTool", "read_file")]
    [Arguments("WebSearch_tool", "web_search")]
    [Arguments("search_file", "search_files")]
    [Arguments("terminl", "terminal")]
    [Arguments("web_serach", "web_search")]
    [Arguments("bash", null)]
    [Arguments("", null)]
    [Arguments("delete_everything", null)]
    public async Task Names_are_repaired(string name, string? meant) =>
        await Assert.That(Registry.FindNearest(name)?.Name).IsEqualTo(meant);

    [Test]
    public async Task Very_long_names_are_not_compared() =>
        await Assert.That(Registry.FindNearest(new string('a', 200_000))).IsNull();

    [Test]
    [Arguments("abcd", "bcde", 0.75)]
    [Arguments("abc", "abc", 1.0)]
    [Arguments("abc", "xyz", 0.0)]
    [Arguments("tide", "diet", 0.25)]
    [Arguments("private", "primate", 12.0 / 14)]
    public async Task Similarity(string left, string right, double ratio) =>
        await Assert.That(Math.Round(ToolNameRepair.Similarity(left, right), 6)).IsEqualTo(Math.Round(ratio, 6));

    private sealed class NamedTool(string name, string toolset) : ITool
    {
        public string Name => name;

        public string Toolset => toolset;

        public string Description => "";

        public ReadOnlyMemory<byte> ParametersSchema => default;

        public Task<ToolResult> RunAsync(ToolCall call, ToolContext context, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
