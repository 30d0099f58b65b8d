using Gateway.Agent.Models;

namespace Gateway.Tests.AgentTests;

/// <summary>What is read from refusals for size.</summary>
public class OverflowAdviceTests
{
    [Test]
    [Arguments("input length and `max_tokens` exceed context limit: 188059 + 20000 > 200000, decrease input length", 200_000 - 188_059 - 64)]
    [Arguments("This model's maximum context length is 8192 tokens. However, you requested 9000 tokens (5000 in the messages, 4000 in the completion).", 8192 - 5000 - 64)]
    [Arguments("This endpoint's maximum context length is 32768 tokens. However, you requested about 40000 tokens (20000 of text input, 20000 in the output).", 32_768 - 20_000 - 64)]
    [Arguments("prompt too large, available_tokens: 5000", 5000 - 64)]
    [Arguments("max_tokens: 100000 > 64000, which is the maximum allowed number of output tokens for claude-x", 64_000)]
    [Arguments("max_tokens is too large: 128000. This model supports at most 16384 completion tokens", 16_384)]
    public async Task The_answer_alone_is_too_long(string message, int cap) =>
        await Assert.That(OverflowAdvice.Read(message, 1_000_000)).IsEqualTo(new OverflowAdvice(cap, null, false));

    [Test]
    [Arguments("This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.", 8192)]
    [Arguments("This model's maximum context length is 8192 tokens. However, you requested 9900 tokens (8100 in the messages, 1800 in the completion).", 8192)]
    [Arguments("prompt is too long: 210000 tokens > 200000 maximum", 200_000)]
    [Arguments("the request exceeds the available context size (4,096 tokens), n_ctx 4096", 4096)]
    [Arguments("prompt (5000) is longer than max_model_len (4096)", 4096)]
    public async Task The_provider_names_the_window(string message, int window) =>
        await Assert.That(OverflowAdvice.Read(message, 256_000)).IsEqualTo(new OverflowAdvice(null, window, true));

    [Test]
    [Arguments("too many tokens", 256_000, 128_000)]
    [Arguments("too many tokens", 128_000, 64_000)]
    [Arguments("context length exceeded: use fewer than 999999999999 tokens", 64_000, 32_000)]
    [Arguments("context window is 12 tokens", 16_000, 8000)]
    [Arguments("Extra usage is required for long context requests", 1_000_000, 200_000)]
    public async Task Without_a_number_it_is_guessed(string message, int assumed, int window) =>
        await Assert.That(OverflowAdvice.Read(message, assumed)).IsEqualTo(new OverflowAdvice(null, window, false));

    [Test]
    [Arguments("too many tokens", 8000)]
    [Arguments("maximum context length is 300000 tokens", 256_000)]
    [Arguments("Extra usage is required for long context requests", 200_000)]
    public async Task Nothing_new_is_learned(string message, int assumed) =>
        await Assert.That(OverflowAdvice.Read(message, assumed).Window).IsNull();
}
