using System.Text.Json;

namespace Gateway.Tests.Shared;

/// <summary>One client of a gateway, wherever it runs.</summary>
public interface IGatewayClient : IAsyncDisposable
{
    /// <summary>Everything that went either way, for the message of a failing test.</summary>
    Conversation Conversation { get; }

    /// <summary>Sends one line.</summary>
    void Send(string line);
}

/// <summary>The frames a client received, in order, and what it sent; tests wait here for facts.</summary>
public sealed class Conversation
{
    private readonly object _gate = new();
    private readonly List<JsonElement> _frames = [];
    private readonly List<string> _talk = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _ended;

    /// <summary>How long a test waits before it fails. Only a failing test pays it.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(20);

    /// <summary>How many frames came so far.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _frames.Count;
        }
    }

    /// <summary>The frames so far.</summary>
    public IReadOnlyList<JsonElement> Frames
    {
        get
        {
            lock (_gate) return [.. _frames];
        }
    }

    /// <summary>Records what the client sent.</summary>
    public void Sent(string line)
    {
        lock (_gate) _talk.Add("-> " + line);
    }

    /// <summary>Records a received line; one that is not a strict frame ends the conversation.</summary>
    public void Received(ReadOnlySpan<byte> line)
    {
        if (StrictFrame.ProblemOf(line) is string problem)
        {
            End($"a frame is malformed ({problem}): {System.Text.Encoding.UTF8.GetString(line)}");
            return;
        }

        var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = 2000 });
        var frame = JsonElement.ParseValue(ref reader);
        lock (_gate)
        {
            _frames.Add(frame);
            _talk.Add("<- " + System.Text.Encoding.UTF8.GetString(line).TrimEnd('\n'));
            Pulse();
        }
    }

    /// <summary>Records that nothing more will come.</summary>
    public void End(string how)
    {
        lock (_gate)
        {
            _ended = how;
            _talk.Add("== " + how);
            Pulse();
        }
    }

    /// <summary>Waits for a frame at or after <paramref name="from"/> that matches.</summary>
    /// <returns>Its index.</returns>
    public async Task<int> WaitForAsync(int from, Func<JsonElement, bool> matches, string what)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                for (int i = from; i < _frames.Count; i++)
                    if (matches(_frames[i])) return i;
                if (_ended is not null) throw new TimeoutException($"{_ended} while waiting for {what}\n{Talk()}");
                changed = _changed.Task;
            }

            var left = deadline - DateTime.UtcNow;
            if (left <= TimeSpan.Zero || await Task.WhenAny(changed, Task.Delay(left)) != changed)
                throw new TimeoutException($"waited in vain for {what}\n{Talk()}");
        }
    }

    /// <summary>Everything that went either way.</summary>
    public string Talk()
    {
        lock (_gate) return string.Join('\n', _talk.TakeLast(60).Select(line => line.Length > 400 ? line[..400] + "…" : line));
    }

    private void Pulse()
    {
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.TrySetResult();
    }
}
