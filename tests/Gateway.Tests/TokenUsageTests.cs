using Gateway.Agent;

namespace Gateway.Tests;

public class TokenUsageTests
{
    [Test]
    public async Task Sum_keeps_the_latest_prompt_size()
    {
        var sum = new TokenUsage(Input: 5, Output: 1, Calls: 1, LastPrompt: 5) + new TokenUsage(Input: 7, CacheRead: 2, Calls: 1, LastPrompt: 9);
        await Assert.That(sum).IsEqualTo(new TokenUsage(Input: 12, Output: 1, CacheRead: 2, Calls: 2, LastPrompt: 9));
    }
}
