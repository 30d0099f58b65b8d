using System.Net;
using System.Net.Sockets;

namespace Gateway.Agent.Models;

/// <summary>Connects to whichever address of a host answers first (RFC 8305): the families alternate, a new attempt starts when
/// the previous one failed or has taken 250 ms, the first connection wins and all others are closed.
/// Without this a dead IPv6 route costs the whole connect timeout.</summary>
internal static class HappyEyeballs
{
    /// <summary>Time that an attempt gets before the next one starts beside it.</summary>
    public static readonly TimeSpan Stagger = TimeSpan.FromMilliseconds(250);

    /// <summary>Alternates the address families, beginning with the one the resolver put first.</summary>
    public static IReadOnlyList<IPAddress> Interleave(IReadOnlyList<IPAddress> addresses)
    {
        if (addresses.Count < 2)
        {
            return addresses;
        }

        var first = addresses.Where(address => address.AddressFamily == addresses[0].AddressFamily).ToArray();
        var second = addresses.Where(address => address.AddressFamily != addresses[0].AddressFamily).ToArray();
        var order = new List<IPAddress>(addresses.Count);
        for (var i = 0; i < Math.Max(first.Length, second.Length); i++)
        {
            if (i < first.Length)
            {
                order.Add(first[i]);
            }

            if (i < second.Length)
            {
                order.Add(second[i]);
            }
        }

        return order;
    }

    /// <summary>Runs the race.</summary>
    /// <param name="addresses">Addresses in the order to try; at least one.</param>
    /// <param name="connect">Makes one attempt.</param>
    /// <param name="time">Clock of the stagger.</param>
    /// <param name="cancellationToken">Ends all attempts.</param>
    /// <exception cref="SocketException">Every attempt failed; the last failure.</exception>
    public static async Task<T> ConnectAsync<T>(
        IReadOnlyList<IPAddress> addresses,
        Func<IPAddress, CancellationToken, Task<T>> connect,
        TimeProvider time,
        CancellationToken cancellationToken)
        where T : class, IDisposable
    {
        using var race = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new List<Task<T>>();
        var next = 0;
        try
        {
            while (true)
            {
                if (next < addresses.Count)
                {
                    running.Add(connect(addresses[next++], race.Token));
                }

                var finished = await FirstOf(running, next < addresses.Count, time, race.Token);
                if (finished is null)
                {
                    continue;
                }

                running.Remove(finished);
                if (finished.IsCompletedSuccessfully)
                {
                    return await finished;
                }

                if (running.Count == 0 && next == addresses.Count)
                {
                    return await finished;
                }

                Discard(finished);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            await race.CancelAsync();
            foreach (var loser in running)
            {
                Discard(loser);
            }
        }
    }

    private static async Task<Task<T>?> FirstOf<T>(List<Task<T>> running, bool more, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!more)
        {
            return await Task.WhenAny(running);
        }

        using var stagger = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var delay = Task.Delay(Stagger, time, stagger.Token);
        var winner = await Task.WhenAny([.. running, delay]);
        await stagger.CancelAsync();
        return winner == delay ? null : (Task<T>)winner;
    }

    private static void Discard<T>(Task<T> loser)
        where T : class, IDisposable => _ = loser.ContinueWith(
            static task =>
            {
                if (task.IsCompletedSuccessfully)
                {
                    task.Result.Dispose();
                }
                else
                {
                    _ = task.Exception;
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
}
