namespace Gateway.Transport;

/// <summary>Copies every frame to a WebSocket server, one text message each (WIRE 5.3, 5.5): the dashboard listens in that
/// way. Connects in the background once the first frame is out and comes back after failures; whatever happens to it,
/// the client and the user notice nothing.</summary>
internal sealed class Sidecar : IFrameTap
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    // A connection that held for so long counts as good: the next failure begins with the first pause again.
    private static readonly TimeSpan HeldAfter = TimeSpan.FromSeconds(10);

    // An aborted loop still notes what was lost.
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly string _address;
    private readonly Func<bool> _openSslPresent;
    private readonly TimeProvider _time;
    private readonly SidecarNotes _notes;
    private readonly SidecarQueue _queue = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationTokenSource _aborting = new();
    private Task? _loop;
    private bool _closed;

    /// <summary>Creates a sidecar; nothing happens before the first frame.</summary>
    /// <param name="address">Where to connect to, ws or wss. Its query holds a token and is never noted.</param>
    /// <param name="openSslPresent">Whether OpenSSL can be loaded. Handshake and masking need it on plain connections too,
    /// and the runtime ends the process when it is missing.</param>
    /// <param name="note">Takes lines for the log; called in the background.</param>
    /// <param name="time">Clock for pauses and limits.</param>
    public Sidecar(string address, Func<bool> openSslPresent, Action<string> note, TimeProvider time)
    {
        _address = address;
        _openSslPresent = openSslPresent;
        _time = time;
        _notes = new SidecarNotes(note, time);
    }

    /// <summary>Longest time that closing waits for frames to go out; default 3 s (WIRE 5.3).</summary>
    public TimeSpan DrainLimit { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Frames that were not delivered, so far.</summary>
    public long Dropped => _queue.Dropped;

    /// <summary>Joins a sidecar to the client's transport when one is configured; otherwise returns that transport.</summary>
    /// <param name="primary">The client.</param>
    /// <param name="address">HERMES_TUI_SIDECAR_URL; null when unset.</param>
    /// <param name="openSslPresent">Whether OpenSSL can be loaded; asked in the background.</param>
    /// <param name="note">Takes lines for the log; called in the background.</param>
    /// <param name="time">Clock for pauses and limits.</param>
    public static ITransport Tee(ITransport primary, string? address, Func<bool> openSslPresent, Action<string> note, TimeProvider time) =>
        address is null ? primary : new TeeTransport(primary, new Sidecar(address, openSslPresent, note, time));

    /// <inheritdoc/>
    public void Offer(ReadOnlySpan<byte> frame)
    {
        _queue.Offer(frame);
        if (Volatile.Read(ref _loop) is null) Start();
    }

    /// <inheritdoc/>
    public void Close(TimeSpan limit)
    {
        Task? loop;
        lock (_gate)
        {
            _closed = true;
            loop = _loop;
        }

        _queue.Close();
        _closing.Cancel();
        if (loop is null || loop.Wait(limit < DrainLimit ? limit : DrainLimit)) return;
        _aborting.Cancel();
        loop.Wait(LastWords);
    }

    private void Start()
    {
        lock (_gate)
        {
            if (!_closed) _loop ??= Task.Run(RunAsync);
        }
    }

    // Never fails: the root of the background loop.
    private async Task RunAsync()
    {
        try
        {
            if (!Uri.TryCreate(_address.Trim(), UriKind.Absolute, out var url) || url.Scheme is not ("ws" or "wss") || url.Host.Length == 0)
                _notes.GaveUp("HERMES_TUI_SIDECAR_URL is no ws:// or wss:// address");
            else if (!_openSslPresent())
                _notes.GaveUp("WebSockets need the OpenSSL library (libssl), which is not installed on this machine");
            else
                await ServeAsync(url);
        }
        catch (Exception exception)
        {
            _notes.GaveUp($"failed by {exception.GetType().Name}");
        }

        _queue.Close();
        _queue.Clear();
    }

    private async Task ServeAsync(Uri url)
    {
        string endpoint = url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
        var pause = FirstPause;
        try
        {
            while (true)
            {
                var (trouble, connected, held) = await TryServeAsync(url, endpoint);
                if (trouble is null || _closing.IsCancellationRequested) return;
                if (trouble.Pointless)
                {
                    _notes.GaveUp($"refused by the server ({trouble.Message})");
                    return;
                }

                if (held)
                {
                    pause = FirstPause;
                    _notes.Held();
                }

                // The timer runs before it is spoken of.
                var pausing = Task.Delay(pause, _time, _closing.Token);
                _notes.Failed(connected ? "connection lost" : "connection failed", trouble.Message, pause, last: pause == LongestPause);
                _notes.Dropped(_queue.Dropped, atOnce: connected);
                await pausing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (_closing.IsCancellationRequested) return;
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
        finally
        {
            _queue.Close();
            _queue.Clear();
            _notes.Dropped(_queue.Dropped, atOnce: true);
        }
    }

    // One connection, from the attempt to its end.
    private async Task<Outcome> TryServeAsync(Uri url, string endpoint)
    {
        bool connected = false;
        long since = 0;
        SidecarException? trouble = null;
        try
        {
            await using var connection = await SidecarConnection.OpenAsync(url, _time, _aborting.Token);
            connected = true;
            since = _time.GetTimestamp();
            _notes.Connected(endpoint);
            _notes.Dropped(_queue.Dropped, atOnce: true);
            bool complete = await PassOnAsync(connection);
            await connection.SayGoodbyeAsync();
            if (!complete) trouble = connection.Trouble;
        }
        catch (SidecarException exception)
        {
            trouble = exception;
        }

        return new Outcome(trouble, connected, connected && _time.GetElapsedTime(since) >= HeldAfter);
    }

    // Sends what comes: true when there will be nothing more, false when the connection has ended.
    private async Task<bool> PassOnAsync(SidecarConnection connection)
    {
        while (!connection.Lost.IsCancellationRequested)
        {
            if (_queue.TryTake(out var message))
            {
                await SendAsync(connection, message);
                continue;
            }

            _notes.Dropped(_queue.Dropped, atOnce: false);
            try
            {
                if (!await _queue.WaitAsync(connection.Lost)) return true;
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }

        return false;
    }

    private async ValueTask SendAsync(SidecarConnection connection, SidecarQueue.Message message)
    {
        try
        {
            await connection.SendAsync(message.Bytes);
        }
        catch (SidecarException)
        {
            // Half of it may be out, so it cannot be sent again.
            _queue.Drop();
            throw;
        }
        finally
        {
            SidecarQueue.Release(message);
        }
    }

    /// <summary>How one connection went.</summary>
    /// <param name="Trouble">What ended it; null when everything was sent.</param>
    /// <param name="Connected">Whether it was established.</param>
    /// <param name="Held">Whether it held for a good while.</param>
    private readonly record struct Outcome(SidecarException? Trouble, bool Connected, bool Held);
}
