using System.Text;
using Gateway.Agent.Models;

namespace Gateway.Tests.AgentTests;

public class ThinkTagFilterTests
{
    [Test]
    [Arguments("<think>plan</think>Answer", "Answer", "plan")]
    [Arguments("Before <thinking>a<b></thinking> after", "Before  after", "a<b>")]
    [Arguments("<REASONING_SCRATCHPAD>x</REASONING_SCRATCHPAD>y", "y", "x")]
    [Arguments("a <b> <thin> </p> 1<2 <", "a <b> <thin> </p> 1<2 <", "")]
    [Arguments("use `<think>` tags and \"</think>\"", "use `<think>` tags and \"</think>\"", "")]
    [Arguments("late</think>Answer", "lateAnswer", "")]
    [Arguments("<think>never closed", "", "never closed")]
    [Arguments("<<think>x</think>", "<", "x")]
    [Arguments("<think>a<think>b</think>c", "c", "a<think>b")]
    public async Task Blocks_are_separated_wherever_the_stream_cuts(string input, string text, string thought)
    {
        for (var first = 0; first <= input.Length; first++)
        {
            for (var second = first; second <= input.Length; second++)
            {
                var sink = new Sink();
                var filter = new ThinkTagFilter(sink);
                filter.Feed(input.AsSpan(0, first));
                filter.Feed(input.AsSpan(first, second - first));
                filter.Feed(input.AsSpan(second));
                filter.Flush();
                if (sink.Text.ToString() != text || sink.Thought.ToString() != thought)
                {
                    Assert.Fail($"cut at {first} and {second}: text '{sink.Text}', thought '{sink.Thought}'");
                }
            }
        }

        await Task.CompletedTask;
    }

    private sealed class Sink : IThinkTagSink
    {
        public StringBuilder Text { get; } = new();

        public StringBuilder Thought { get; } = new();

        public void OnText(ReadOnlySpan<char> text) => Text.Append(text);

        public void OnThought(ReadOnlySpan<char> text) => Thought.Append(text);
    }
}
