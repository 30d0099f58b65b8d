using System.Globalization;

namespace Gateway.Tests.Fuzz;

/// <summary>Plays rounds of a fuzz test, each from a seed of its own. A normal run always plays the same ones, so that a
/// failure is about the change at hand; <c>FUZZ_SECONDS</c> plays new ones for that long; <c>FUZZ_SEED</c> plays one again.</summary>
internal static class FuzzRun
{
    /// <summary>Plays.</summary>
    /// <param name="rounds">How many in a normal run.</param>
    /// <param name="round">One round; throws when the oracle does not agree.</param>
    public static async Task PlayAsync(int rounds, Func<Random, Task> round)
    {
        if (Environment.GetEnvironmentVariable("FUZZ_SEED") is { Length: > 0 } chosen)
        {
            await PlayOneAsync(int.Parse(chosen, CultureInfo.InvariantCulture), round);
            return;
        }

        long played = 0;
        if (double.TryParse(Environment.GetEnvironmentVariable("FUZZ_SECONDS"), CultureInfo.InvariantCulture, out double seconds))
        {
            int first = Random.Shared.Next();
            var until = DateTime.UtcNow.AddSeconds(seconds);
            while (DateTime.UtcNow < until) await PlayOneAsync(unchecked(first + (int)played++), round);
        }
        else
        {
            while (played < rounds) await PlayOneAsync((int)++played, round);
        }

        if (TestContext.Current is { } context) context.Output.WriteLine($"{context.Metadata.TestName}: {played} rounds");
    }

    private static async Task PlayOneAsync(int seed, Func<Random, Task> round)
    {
        try
        {
            await round(new Random(seed));
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"FUZZ_SEED={seed} plays this again: {exception.Message}", exception);
        }
    }
}
