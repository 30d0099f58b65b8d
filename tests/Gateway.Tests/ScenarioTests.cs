using Gateway.Tests.Shared;

namespace Gateway.Tests;

/// <summary>Conversations as data against the real loop in memory.</summary>
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
        await using var gateway = new GatewayHarness(stage);
        await scenario.PlayAsync(gateway);
    }
}
