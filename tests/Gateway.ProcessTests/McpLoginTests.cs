using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.Tests.Shared;

namespace Gateway.ProcessTests;

/// <summary><c>tui-gateway mcp login</c>, and what the gateway makes of it.</summary>
public partial class McpLoginTests
{
    private const int Interrupt = 2;

    [Test]
    public async Task The_user_logs_in_and_the_gateway_uses_it()
    {
        using var server = new LoginServer();
        await using var stage = await Stage.SetAsync(config: [$"mcp_servers: {{cloud: {{url: '{server.Endpoint}', auth: oauth}}}}"]);
        using (var process = Start(stage, "cloud"))
        {
            string address = await AddressAsync(process);
            using var http = new HttpClient();
            await Assert.That(await http.GetStringAsync(address)).Contains("go back to the terminal");
            string rest = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            await Assert.That(await process.StandardError.ReadToEndAsync()).IsEqualTo("");
            await Assert.That(process.ExitCode).IsEqualTo(0);
            await Assert.That(rest).EndsWith("Logged in to MCP server 'cloud'.\n");
        }

        await using var gateway = GatewayProcess.Start(stage);
        gateway.Send("""{"id":1,"method":"session.create","params":{}}""");
        await gateway.Conversation.WaitForAsync(0, frame => Servers(frame) is [{ } one] && one.GetProperty("connected").GetBoolean() && one.GetProperty("tools").GetInt32() == 1, "a session.info with the server");
        gateway.CloseInput();
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
    }

    [Test]
    public async Task Giving_up_and_errors_have_their_status()
    {
        using var server = new LoginServer();
        await using var stage = await Stage.SetAsync(config: [$"mcp_servers: {{cloud: {{url: '{server.Endpoint}', auth: oauth}}}}"]);
        using var process = Start(stage, "cloud");
        await AddressAsync(process);
        await Assert.That(Kill(process.Id, Interrupt)).IsEqualTo(0);
        await process.WaitForExitAsync();
        await Assert.That(process.ExitCode).IsEqualTo(130);
        var unknown = Facts.Run(GatewayProcess.Binary, stage, "mcp", "login", "cluod");
        await Assert.That(unknown.Status).IsEqualTo(1);
        await Assert.That(unknown.Errors).StartsWith("error: there is no server 'cluod'").And.Contains("it has cloud");
        await Assert.That(Facts.Run(GatewayProcess.Binary, stage, "mcp", "logout").Status).IsEqualTo(2);
        await Assert.That(Facts.Run(GatewayProcess.Binary, stage, "--help").Output).Contains("tui-gateway mcp login SERVER");
    }

    private static Process Start(Stage stage, string server)
    {
        var start = new ProcessStartInfo(GatewayProcess.Binary, ["mcp", "login", server]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = stage.Work };
        start.Environment.Clear();
        foreach (var (name, value) in stage.Environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static async Task<string> AddressAsync(Process process)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
            if (line.StartsWith("http://", StringComparison.Ordinal)) return line;
        throw new InvalidOperationException("no address was printed: " + await process.StandardError.ReadToEndAsync());
    }

    private static JsonElement[] Servers(JsonElement frame) =>
        frame.TryGetProperty("params", out var parameters) && parameters.TryGetProperty("type", out var type) && type.GetString() == "session.info"
            ? [.. parameters.GetProperty("payload").GetProperty("mcp_servers").EnumerateArray()]
            : [];

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
