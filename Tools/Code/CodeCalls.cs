using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Gateway.Tools.Code;

/// <summary>Answers the tool calls of one running script. They go through the same tools as those of the model, so that approvals, limits
/// and the redaction of the whole result apply to them.</summary>
internal sealed class CodeCalls(IReadOnlyList<ITool> tools, ToolContext context, int most) : IDisposable
{
    private const int LongestLine = 8 * 1024 * 1024;
    private const int MostConnections = 32;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly SemaphoreSlim _room = new(MostConnections);
    private int _made;

    /// <summary>How many calls were made.</summary>
    public int Made => Volatile.Read(ref _made);

    /// <summary>The tools that a script may call.</summary>
    public static bool MayCall(string name) => name is "terminal" or "read_file" or "write_file" or "patch" or "search_files" or "web_search" or "web_extract";

    /// <summary>Begins to listen.</summary>
    /// <exception cref="SocketException">The socket cannot be made.</exception>
    public void Listen(string path)
    {
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen(2 * MostConnections);
    }

    /// <summary>Answers until it is cancelled, and then until the last call has ended.</summary>
    public async Task ServeAsync(CancellationToken cancellationToken)
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                // Further connections wait in the queue of the socket.
                await _room.WaitAsync(cancellationToken);
                var connection = await _listener.AcceptAsync(cancellationToken);
                open.RemoveAll(one => one.IsCompleted);
                open.Add(Task.Run(() => ServeAsync(connection, cancellationToken), CancellationToken.None));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The script has ended.
        }

        await Task.WhenAll(open);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener.Dispose();
        _room.Dispose();
    }

    private async Task ServeAsync(Socket connection, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = new NetworkStream(connection, ownsSocket: true);
            var lines = new BoundedLines(stream, LongestLine);
            while (await lines.ReadAsync(cancellationToken) is { } line)
            {
                string answer = await AnswerAsync(line, cancellationToken);
                await stream.WriteAsync(Encoding.UTF8.GetBytes(OneLine(answer) + "\n"), cancellationToken);
            }

            // What follows a line that is too long cannot be told apart from its rest.
            if (lines.TooLong) await stream.WriteAsync(Encoding.UTF8.GetBytes(Problem($"The call is longer than {LongestLine} bytes.") + "\n"), cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The script is gone, or was stopped.
        }
        finally
        {
            _room.Release();
        }
    }

    private async Task<string> AnswerAsync(ReadOnlyMemory<byte> line, CancellationToken cancellationToken)
    {
        JsonElement call;
        try
        {
            using var document = JsonDocument.Parse(line);
            call = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return Problem("The call is not valid JSON.");
        }

        string name = call.ValueKind == JsonValueKind.Object ? ToolJson.Text(call, "tool") ?? "" : "";
        if (!MayCall(name) || tools.FirstOrDefault(tool => tool.Name == name) is not { } found) return Problem($"Tool '{name}' is not available to scripts.");
        int number = Interlocked.Increment(ref _made);
        if (number > most)
        {
            Interlocked.Decrement(ref _made);
            return Problem($"Tool call limit reached ({most}). No more tool calls are allowed in this execution.");
        }

        try
        {
            var arguments = Arguments(call.TryGetProperty("args", out var given) ? given : default);
            var result = await found.RunAsync(new ToolCall($"script_{number}", name, arguments), context, cancellationToken);
            return result.Content;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Problem("interrupted");
        }
        catch (InvalidOperationException)
        {
            return Problem("The arguments hold text that is no valid Unicode.");
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return Problem($"Tool execution failed: {exception.GetType().Name}");
        }
    }

    // A script waits for its commands; it has no use for those that outlive it.
    private static JsonElement Arguments(JsonElement given)
    {
        string text = ToolJson.Object(json =>
        {
            if (given.ValueKind != JsonValueKind.Object) return;
            foreach (var member in given.EnumerateObject())
                if (member.Name is not ("background" or "pty" or "notify_on_complete" or "watch_patterns")) member.WriteTo(json);
        });
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    private static string OneLine(string answer) => answer.AsSpan().IndexOfAny('\n', '\r') < 0 ? answer : Whole(answer);

    private static string Whole(string answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            return ToolJson.Compact(document.RootElement);
        }
        catch (JsonException)
        {
            return ToolJson.Object(json => json.WriteString("output", answer)).Replace("\n", "\\n", StringComparison.Ordinal);
        }
    }

    private static string Problem(string message) => ToolJson.Object(json => json.WriteString("error", message));
}
