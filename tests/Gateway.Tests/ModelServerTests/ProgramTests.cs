using System.Diagnostics;

namespace Gateway.Tests.ModelServerTests;

/// <summary>The server as a program.</summary>
public class ProgramTests
{
    [Test]
    public async Task Says_its_url_in_one_line_and_ends_with_its_input()
    {
        using Process server = Start("text", "--exit-with-stdin");
        string? url = await server.StandardOutput.ReadLineAsync();
        await Assert.That(url).Matches(@"^http://127\.0\.0\.1:[0-9]+$");
        using var http = new HttpClient();
        await Assert.That(await http.GetStringAsync(url + "/v1/models")).Contains("scripted-model");

        server.StandardInput.Close();
        await server.WaitForExitAsync();
        await Assert.That(await server.StandardOutput.ReadToEndAsync()).IsEqualTo("");
        await Assert.That(server.ExitCode).IsEqualTo(0);
    }

    [Test]
    [Arguments("TERM")]
    [Arguments("INT")]
    public async Task Ends_by_signal(string signal)
    {
        using Process server = Start("text");
        await server.StandardOutput.ReadLineAsync();
        using Process kill = Process.Start("kill", [$"-{signal}", server.Id.ToString()]);
        await server.WaitForExitAsync();
        await Assert.That(server.ExitCode).IsEqualTo(0);
    }

    [Test]
    [Arguments("no-such-script")]
    [Arguments("--no-such-option")]
    public async Task Says_what_is_wrong(string argument)
    {
        using Process server = Start(argument);
        await Assert.That(await server.StandardError.ReadToEndAsync()).StartsWith("model-server: ");
        await server.WaitForExitAsync();
        await Assert.That(server.ExitCode).IsEqualTo(2);
    }

    private static Process Start(params string[] arguments) => Process.Start(
        new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "model-server.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
}
