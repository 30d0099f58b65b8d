using System.ComponentModel;
using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using ModelServer;
using ModelServer.Script;
using TUnit.Core.Interfaces;

namespace Gateway.Tests.ModelServerTests;

/// <summary>Lets the providers' own clients read the fidelity script once, for all tests that look at what they read.</summary>
public sealed class SdkReading : IAsyncInitializer
{
    private JsonElement _read;
    private string? _missing;

    public IReadOnlyList<string> Keys { get; private set; } = [];

    public async Task InitializeAsync()
    {
        string clients = Path.Combine(RepositoryRoot(), "tests", "sdk-clients");
        if (!Directory.Exists(Path.Combine(clients, "node_modules", "openai")))
        {
            var install = await RunAsync("npm", clients, "ci", "--ignore-scripts", "--no-audit", "--no-fund");
            if (install.ExitCode != 0)
            {
                _missing = "npm ci in tests/sdk-clients failed: " + LastLine(install.Error);
                return;
            }
        }

        await using ScriptedModelServer server = await ScriptedModelServer.StartAsync(ModelScript.Named("fidelity"));
        var reading = await RunAsync("node", clients, "read.mjs", server.Url);
        if (reading.ExitCode == int.MinValue)
        {
            _missing = reading.Error;
            return;
        }
        if (reading.ExitCode != 0) throw new InvalidOperationException("read.mjs failed: " + reading.Error);
        using JsonDocument document = JsonDocument.Parse(reading.Output);
        _read = document.RootElement.Clone();
        Keys = [.. server.Requests.Select(request => request.Headers.GetValueOrDefault("x-api-key") ?? request.Headers["authorization"]).Distinct()];
    }

    /// <summary>One value of what was read, such as <c>chat.text.usage</c>, as compact JSON.</summary>
    public string Of(string path)
    {
        if (_missing is not null) Skip.Test(_missing);
        return path.Split('.').Aggregate(_read, (element, name) => element.GetProperty(name)).GetRawText();
    }

    private static string RepositoryRoot() => typeof(SdkReading).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(string program, string directory, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (process.ExitCode, await output, await error);
        }
        catch (Win32Exception)
        {
            return (int.MinValue, "", $"{program} is not installed");
        }
    }

    private static string LastLine(string text) => text.TrimEnd().Split('\n')[^1];
}
