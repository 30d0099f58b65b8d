using Gateway.Tests.Shared;

namespace Gateway.ProcessTests;

/// <summary>Programs that hold the same open file descriptions as the published binary and change their flags.</summary>
public class SharedDescriptionTests
{
    private const int Requests = 300;

    private const string NonblockProgram = """
        #include <fcntl.h>
        int main(void) {
            for (int fd = 0; fd <= 1; fd++)
                if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0) return 1;
            return 0;
        }
        """;

    [Test]
    [Arguments("before its start")]
    [Arguments("while it reads")]
    public async Task Descriptors_made_non_blocking_by_others_cost_nothing(string when)
    {
        await using var stage = await Stage.SetAsync();
        string program = Path.Combine(stage.Work, "nonblock");
        await File.WriteAllTextAsync(program + ".c", NonblockProgram);
        var (compiled, _, complaints) = Facts.Run("/usr/bin/gcc", stage, "-o", program, program + ".c");
        await Assert.That(compiled).IsEqualTo(0).Because(complaints);

        string change = when == "before its start" ? "./nonblock <&3 && echo > done" : "(until [ -e go ]; do sleep 0.05; done; ./nonblock <&3 && echo > done) &";
        await using var gateway = ChildProgram.Start("/bin/sh", stage, "-c", $"exec 3<&0; {change}\nexec '{GatewayProcess.Binary}'");
        gateway.Type("""{"id":"first","method":"voice.toggle"}""" + "\n");
        await gateway.WaitForOutputAsync("\"first\"");
        await File.WriteAllTextAsync(Path.Combine(stage.Work, "go"), "");
        await Facts.UntilAsync(() => File.Exists(Path.Combine(stage.Work, "done")), there => there, "the flag to be set");

        // With nothing to read for now, and then a line in two parts.
        gateway.Type("""{"id":"halves","method":""");
        gateway.Type("\"voice.toggle\"}\n");
        await gateway.WaitForOutputAsync("\"halves\"");
        gateway.Type(string.Concat(Enumerable.Range(0, Requests).Select(i => $$"""{"id":"r{{i}}","method":"voice.toggle"}""" + "\n")));
        string output = await gateway.WaitForOutputAsync($"\"r{Requests - 1}\"");
        await Assert.That(Enumerable.Range(0, Requests).Count(i => output.Contains($"\"id\":\"r{i}\"", StringComparison.Ordinal))).IsEqualTo(Requests);
        gateway.CloseInput();
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
        await Assert.That(SignalMomentTests.CrashLog(stage)).Contains("reason=stdin EOF (TUI closed the command pipe)");
    }
}
