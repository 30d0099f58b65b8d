using Gateway.Tests.Shared;

namespace Gateway.ProcessTests;

/// <summary>Faults below the managed code, on a thread that serves a request: they leave a line in the crash log and end the
/// process, with a status and not with a signal, since clients never restart what a signal killed.</summary>
[NotInParallel("faults")]
public class NativeFaultTests
{
    [Test]
    [Arguments("null", "SIGSEGV")]
    [Arguments("overflow", "SIGSEGV")]
    [Arguments("abort", "SIGABRT")]
    public async Task Inside_a_request(string fault, string signal)
    {
        await using var stage = await Stage.SetAsync(environment: Faults.Variables);
        _ = new Faults(stage);
        await using var gateway = GatewayProcess.Start(stage);
        await gateway.AskAsync(1, "voice.toggle");
        int status = await Endings.RecordAsync($"native fault: {fault}", gateway, () => gateway.Send(Steps.Request(2, "complete.path", $$"""{"word":"./fault-{{fault}}/"}""")));
        await stage.AssertLoggedAsync(signal);
        await Assert.That(status).IsBetween(1, 127);
    }

    [Test]
    [Arguments("null")]
    [Arguments("overflow")]
    [Arguments("abort")]
    public async Task Without_a_place_for_the_log(string fault)
    {
        await using var stage = await Stage.SetAsync(environment: Faults.Variables);
        new Faults(stage).FailFiles(28, stage.Home);
        await using var gateway = GatewayProcess.StartInShell(stage, "exec \"$GATEWAY\" 2>&-");
        await gateway.AskAsync(1, "voice.toggle");
        int status = await Endings.RecordAsync($"native fault: {fault}, disk full and stderr closed", gateway, () => gateway.Send(Steps.Request(2, "complete.path", $$"""{"word":"./fault-{{fault}}/"}""")));
        await Assert.That(status).IsNotEqualTo(0);
    }
}
