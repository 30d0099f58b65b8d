using Gateway.Tests.Shared;

namespace Gateway.ProcessTests;

/// <summary>The stand-in for the TUI loses what the TUI would lose: each fault of a gateway is noticed.</summary>
public class TuiClientSelfTests
{
    [Test]
    [Arguments("info-in-the-same-read", "main-screen", "failure", "the gateway is gone; waited for the main screen")]
    [Arguments("info-before-the-answer", "main-screen", "failure", "the gateway is gone; waited for the main screen")]
    [Arguments("approval-with-the-answer", "approval-chain", "failure", "the gateway is gone; waited for an approval prompt")]
    [Arguments("busy-after-the-end", "queue", "requeued", "message 1")]
    [Arguments("blank-line", "main-screen", "violations", "not JSON on stdout")]
    [Arguments("result-not-an-object", "main-screen", "violations", "the result is not an object: config.get")]
    [Arguments("turns-overlap", "final-text", "violations", "message.start before the previous turn's end")]
    [Arguments("killed-by-the-signal", "quit", "exit", "SIGKILL")]
    public async Task Fault_is_noticed(string fault, string scenario, string where, string what)
    {
        var report = await PlayAsync(fault, scenario);
        await Assert.That(report.At(where).ToString()).Contains(what).Because(report.ToString());
    }

    [Test]
    public async Task Empty_final_text_loses_what_streamed_since_the_last_tool()
    {
        var report = await PlayAsync("empty-final-text", "final-text");
        await Assert.That(string.Join(", ", report.Rows)).IsEqualTo("user: go, assistant: before, tool: ").Because(report.ToString());
    }

    private static async Task<TuiReport> PlayAsync(string fault, string scenario)
    {
        await using var stage = await Stage.SetAsync();
        await using var client = TuiClient.Start(stage, scenario, TuiClient.Script("fake-gateway.mjs"), ("FAKE_GATEWAY", fault));
        return await client.ReportAsync();
    }
}
