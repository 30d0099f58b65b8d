using Gateway.Tests.Shared;

namespace Gateway.ProcessTests;

/// <summary>The scenarios once more, over real pipes.</summary>
public class ScenarioTests
{
    public static IEnumerable<string> Files() =>
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Scenarios"), "*.scenario").Order();

    [Test]
    [MethodDataSource(nameof(Files))]
    public async Task Plays_as_written(string file)
    {
        var scenario = Scenario.Load(file);
        await using var stage = await Stage.ForAsync(scenario);
        await using var gateway = GatewayProcess.Start(stage, "-m", "tui_gateway.entry");
        await scenario.PlayAsync(gateway);
        gateway.CloseInput();
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
        await Assert.That(gateway.Conversation.Frames[0].GetProperty("params").GetProperty("type").GetString()).IsEqualTo("gateway.ready");
    }
}
