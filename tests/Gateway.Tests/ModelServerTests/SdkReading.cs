using System.Text.Json;
using Gateway.Tests.Shared;
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
        _missing = await NodeProgram.InstallAsync("sdk-clients", "openai");
        if (_missing is not null) return;

        await using ScriptedModelServer server = await ScriptedModelServer.StartAsync(ModelScript.Named("fidelity"));
        var reading = await NodeProgram.RunAsync("node", NodeProgram.Folder("sdk-clients"), "read.mjs", server.Url);
        if (reading.ExitCode == NodeProgram.NotInstalled)
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
}
