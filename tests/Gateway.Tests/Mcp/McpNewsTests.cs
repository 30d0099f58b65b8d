using Gateway.Mcp;
using Gateway.Tests.Shared;

namespace Gateway.Tests.McpTests;

public class McpNewsTests
{
    [Test]
    public async Task Changes_are_told_once_and_only_when_they_last()
    {
        var time = new ManualTime();
        string state = "a";
        int told = 0;
        using var news = new McpNews(() => state, time) { Changed = () => Interlocked.Increment(ref told) };
        state = "b";
        news.Hint();
        time.Advance(TimeSpan.FromSeconds(1));
        news.Tell();
        await Assert.That(told).IsEqualTo(1);

        // Back to what it was within the pause: no news. The change after it proves that the first look is over.
        state = "c";
        news.Hint();
        state = "b";
        time.Advance(TimeSpan.FromSeconds(1));
        await ChangeAsync("d", 2);
        news.Hold(true);
        state = "e";
        news.Hint();
        time.Advance(TimeSpan.FromSeconds(1));
        await Assert.That(told).IsEqualTo(2);
        news.Hold(false);
        await AdvanceUntilAsync(3);
        state = "f";
        news.Note();
        news.Hint();
        time.Advance(TimeSpan.FromSeconds(1));
        await ChangeAsync("g", 4);

        async Task ChangeAsync(string next, int count)
        {
            state = next;
            await AdvanceUntilAsync(count);
        }

        // A look that is still under way takes the hint with it, so it is given again.
        Task AdvanceUntilAsync(int count) => Waiting.UntilAsync(
            () =>
            {
                news.Hint();
                time.Advance(TimeSpan.FromSeconds(1));
                return Volatile.Read(ref told);
            },
            seen => seen == count,
            $"news number {count}");
    }
}
