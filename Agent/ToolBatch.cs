using System.Text;
using Gateway.Agent.Models;
using Gateway.Tools;

namespace Gateway.Agent;

/// <summary>A tool call that is ready to run.</summary>
/// <param name="Tool">The tool.</param>
/// <param name="Call">The call.</param>
internal sealed record PreparedCall(ITool Tool, ToolCall Call);

/// <summary>Runs the tool calls of one reply, beside each other where that is safe, and answers every one of them, whatever happens:
/// a history with an unanswered call is refused by every provider.</summary>
internal sealed class ToolBatch(Func<ToolCall, string> preview, OversizedResults oversized, TimeProvider time)
{
    /// <summary>Runs the calls.</summary>
    /// <returns>One tool message per call, in order.</returns>
    public async Task<IReadOnlyList<ConversationMessage>> RunAsync(
        IReadOnlyList<PreparedCall> calls, ToolContext context, IAgentEvents events, CancellationToken cancellationToken)
    {
        var results = new List<ConversationMessage>(calls.Count);
        var run = new Run(calls, context, events, cancellationToken);
        Task<string>[] started = !cancellationToken.IsCancellationRequested && ParallelCalls.Allowed(calls, context.State.CurrentDirectory) ? StartAll(run) : [];
        for (int i = 0; i < calls.Count; i++)
        {
            string content;
            if (started.Length != 0)
            {
                content = await started[i];
            }
            else if (cancellationToken.IsCancellationRequested)
            {
                content = results.Count == 0
                    ? $"[Tool execution cancelled — {calls[i].Call.Name} was skipped due to user interrupt]"
                    : $"[Tool execution skipped — {calls[i].Call.Name} was not started. User sent a new message]";
            }
            else
            {
                content = await RunOneAsync(calls[i], run);
            }

            results.Add(Answer(calls[i].Call.Id, calls[i].Call.Name, content));
            lock (run.Telling) events.MessageAdded(results[^1]);
        }

        ConversationMessage[] whole = [.. results];
        oversized.Apply(results);
        for (int i = 0; i < whole.Length; i++)
        {
            if (ReferenceEquals(whole[i], results[i])) continue;
            events.MessageAdded(results[i]);

            // Nobody may refer to text that was taken out of the conversation.
            if (results[i].ToolName == "read_file") context.State.Reads.Forget();
        }

        return results;
    }

    /// <summary>A tool message.</summary>
    public static ConversationMessage Answer(string id, string name, string content) =>
        new(Role.Tool, content) { ToolCallId = id, ToolName = name };

    private Task<string>[] StartAll(Run run)
    {
        var room = new SemaphoreSlim(ParallelCalls.Limit);
        return [.. run.Calls.Select(call => Task.Run(() => InTurnAsync(call), CancellationToken.None))];

        async Task<string> InTurnAsync(PreparedCall call)
        {
            await room.WaitAsync(CancellationToken.None);
            try
            {
                return run.Cancellation.IsCancellationRequested
                    ? $"[Tool execution cancelled — {call.Call.Name} was skipped due to user interrupt]"
                    : await RunOneAsync(call, run);
            }
            finally
            {
                room.Release();
            }
        }
    }

    private async Task<string> RunOneAsync(PreparedCall prepared, Run run)
    {
        var started = time.GetTimestamp();
        string directory = run.Context.State.CurrentDirectory;
        lock (run.Telling) run.Events.ToolStarted(prepared.Call, preview(prepared.Call));
        ToolResult result;
        try
        {
            if (prepared.Tool.Name is not ("read_file" or "search_files")) run.Context.State.Reads.OtherToolRan();
            var call = prepared.Call with { Arguments = ArgumentCoercion.Apply(prepared.Call.Arguments, prepared.Tool.ParametersSchema) };
            result = await prepared.Tool.RunAsync(call, run.Context, run.Cancellation);
        }
        catch (OperationCanceledException) when (run.Cancellation.IsCancellationRequested)
        {
            result = new ToolResult($"[Tool execution cancelled — {prepared.Call.Name} was skipped due to user interrupt]", "interrupted");
        }
        catch (Exception failure)
        {
            // A bug in a tool costs that call, not the turn; the model sees what it was and can go another way.
            result = new ToolResult(ErrorJson($"Tool execution failed: {failure.GetType().Name}: {failure.Message}"), "the tool failed unexpectedly");
        }

        if (run.Context.RedactsSecrets) result = ResultRedaction.Apply(result, prepared.Tool.Name, run.Context.KnownSecrets());
        result = WithoutPassword(result, run.Context.State);
        lock (run.Telling) run.Events.ToolCompleted(prepared.Call, result, time.GetElapsedTime(started));
        await run.Events.RoomAsync(run.Cancellation);
        return result.Content + DirectoryHints.After(prepared.Call, directory, run.Context);
    }

    // Whatever the user wants masked: the password of sudo never is for the model.
    private static ToolResult WithoutPassword(ToolResult result, ToolState state) => state.SudoPassword is null
        ? result
        : result with { Content = state.WithoutPassword(result.Content)!, Error = state.WithoutPassword(result.Error), InlineDiff = state.WithoutPassword(result.InlineDiff) };

    private static string ErrorJson(string message) => Encoding.UTF8.GetString(RequestJson.Build(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("error"u8, JsonText.WithoutLoneSurrogates(message));
        writer.WriteEndObject();
    }).Span);

    /// <param name="Calls">What is run.</param>
    /// <param name="Context">For whom.</param>
    /// <param name="Events">Who hears of it.</param>
    /// <param name="Cancellation">The user's interruption.</param>
    private sealed record Run(IReadOnlyList<PreparedCall> Calls, ToolContext Context, IAgentEvents Events, CancellationToken Cancellation)
    {
        // Events are told one at a time, also by calls that run beside each other.
        public Lock Telling { get; } = new();
    }
}
