using System.Text;
using Gateway.Tests.Shared;

namespace Gateway.ProcessTests;

/// <summary>What other processes can learn of the published file's process.</summary>
public class OwnMemoryTests
{
    private const string Key = "Rb6procKEYENVval77UuYy1";

    [Test]
    public async Task Keys_leave_the_environment_block_and_still_work()
    {
        await using var stage = await Stage.SetAsync(null, ["custom_providers: [{name: corp, base_url: 'http://127.0.0.1:1/v1', key_env: MYCORP_ACCESS}]"]);
        await using var gateway = GatewayProcess.StartInShell(stage, $"SOME_API_KEY={Key} MYCORP_ACCESS={Key} PLAIN_WORD=stays; export SOME_API_KEY MYCORP_ACCESS PLAIN_WORD; exec \"$GATEWAY\"");
        gateway.Send("""{"id":1,"method":"session.create","params":{}}""");
        await gateway.Conversation.WaitForAsync(0, frame => frame.TryGetProperty("id", out var id) && id.ToString() == "1", "the session");
        gateway.Send("""{"id":2,"method":"shell.exec","params":{"command":"echo ${#SOME_API_KEY} ${#MYCORP_ACCESS}"}}""");
        int at = await gateway.Conversation.WaitForAsync(0, frame => frame.TryGetProperty("id", out var id) && id.ToString() == "2", "the command");

        // The user's own command has them all the same: children get a list of their own.
        await Assert.That(gateway.Conversation.Frames[at].GetProperty("result").GetProperty("stdout").GetString()).IsEqualTo("23 23\n");
        if (!Environment.IsPrivilegedProcess)
        {
            // Nobody but root can look at all.
            await Assert.That(() => File.ReadAllBytes($"/proc/{gateway.Id}/environ")).Throws<UnauthorizedAccessException>();
            return;
        }

        string block = Encoding.UTF8.GetString(await File.ReadAllBytesAsync($"/proc/{gateway.Id}/environ"));
        await Assert.That(block).Contains("PLAIN_WORD=stays");
        await Assert.That(block).Contains("SOME_API_KEY=\0").And.DoesNotContain("SOME_API_KEY=R");
        await Facts.UntilAsync(() => Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{gateway.Id}/environ")), text => !text.Contains(Key, StringComparison.Ordinal), "the keys to be gone");
        gateway.CloseInput();
        await Assert.That(await gateway.ExitAsync()).IsEqualTo(0);
    }
}
