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
    /// <param name="calls">What is run.</param>
    /// <param name="context">For whom.</param>
    /// <param name="events">Who hears of it.</param>
    /// <param name="guidance">What the user says meanwhile, which stands behind the last result there is at that time, if calls run one
    /// after the other; what is said during the last call is left where it is. Null: nothing can be said.</param>
    /// <param name="cancellationToken">The user's interruption.</param>
    /// <returns>One tool message per call, in order.</returns>
    public async Task<IReadOnlyList<ConversationMessage>> RunAsync(
        IReadOnlyList<PreparedCall> calls, ToolContext context, IAgentEvents events, Guidance? guidance, CancellationToken cancellationToken)
    {
        var results = new List<ConversationMessage>(calls.Count);
        var heard = new string?[calls.Count];
        var run = new Run(calls, context, events, cancellationToken);
        Task<Ran>[] started = !cancellationToken.IsCancellationRequested && ParallelCalls.Allowed(calls, context.State.CurrentDirectory) ? StartAll(run) : [];
        for (int i = 0; i < calls.Count; i++)
        {
            string content;
            if (started.Length != 0)
            {
                content = (await started[i]).Content;
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
            events.MessageAdded(results[^1]);
            if (started.Length != 0 || i == calls.Count - 1 || cancellationToken.IsCancellationRequested) continue;
            heard[i] = guidance?.TakeForResult();
            if (heard[i] is { Length: > 0 }) events.MessageAdded(Followed(results[i], heard[i]));
        }

        for (int i = 0; i < started.Length; i++)
        {
            var ran = await started[i];
            events.ToolCompleted(calls[i].Call, ran.Result, ran.Duration);
        }

        if (started.Length != 0) await events.RoomAsync(cancellationToken);

        ConversationMessage[] whole = [.. results];
        oversized.Apply(results);
        for (int i = 0; i < whole.Length; i++)
        {
            bool isWhole = ReferenceEquals(whole[i], results[i]);

            // Only now, because what the user says must not go to the file with the rest of a long result.
            results[i] = Followed(results[i], heard[i]);
            if (isWhole) continue;
            events.MessageAdded(results[i]);

            // Nobody may refer to text that was taken out of the conversation.
            if (results[i].ToolName == "read_file") context.State.Reads.Forget();
        }

        return results;
    }

    /// <summary>A tool message.</summary>
    public static ConversationMessage Answer(string id, string name, string content) =>
        new(Role.Tool, content) { ToolCallId = id, ToolName = name };

    private static ConversationMessage Followed(ConversationMessage result, string? heard) =>
        string.IsNullOrEmpty(heard) ? result : result with { Content = result.Content + heard };

    private Task<Ran>[] StartAll(Run run)
    {
        var room = new SemaphoreSlim(ParallelCalls.Limit);
        run.Events.ToolsStarted([.. run.Calls.Select(call => (call.Call, preview(call.Call)))]);
        return [.. run.Calls.Select(call => Task.Run(() => InTurnAsync(call), CancellationToken.None))];

        async Task<Ran> InTurnAsync(PreparedCall call)
        {
            await room.WaitAsync(CancellationToken.None);
            try
            {
                if (!run.Cancellation.IsCancellationRequested) return await ExecuteAsync(call, run);
                var cancelled = Cancelled(call);
                return new Ran(cancelled, cancelled.Content, TimeSpan.Zero);
            }
            finally
            {
                room.Release();
            }
        }
    }

    private async Task<string> RunOneAsync(PreparedCall prepared, Run run)
    {
        run.Events.ToolStarted(prepared.Call, preview(prepared.Call));
        var ran = await ExecuteAsync(prepared, run);
        run.Events.ToolCompleted(prepared.Call, ran.Result, ran.Duration);
        await run.Events.RoomAsync(run.Cancellation);
        return ran.Content;
    }

    private async Task<Ran> ExecuteAsync(PreparedCall prepared, Run run)
    {
        var started = time.GetTimestamp();
        string directory = run.Context.State.CurrentDirectory;
        ToolResult result;
        try
        {
            if (prepared.Tool.Name is not ("read_file" or "search_files")) run.Context.State.Reads.OtherToolRan();
            var call = prepared.Call with { Arguments = ArgumentCoercion.Apply(prepared.Call.Arguments, prepared.Tool.ParametersSchema) };
            result = await prepared.Tool.RunAsync(call, run.Context, run.Cancellation);
        }
        catch (OperationCanceledException) when (run.Cancellation.IsCancellationRequested)
        {
            result = Cancelled(prepared);
        }
        catch (Exception failure)
        {
            // A bug in a tool costs that call, not the turn; the model sees what it was and can go another way.
            result = new ToolResult(ErrorJson($"Tool execution failed: {failure.GetType().Name}: {failure.Message}"), "the tool failed unexpectedly");
        }

        if (run.Context.RedactsSecrets) result = ResultRedaction.Apply(result, prepared.Tool.Name, run.Context.KnownSecrets());
        result = WithoutPassword(result, run.Context.State);
        var duration = time.GetElapsedTime(started);
        return new Ran(result, result.Content + DirectoryHints.After(prepared.Call, directory, run.Context), duration);
    }

    private static ToolResult Cancelled(PreparedCall call) => new($"[Tool execution cancelled — {call.Call.Name} was skipped due to user interrupt]", "interrupted");

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
    private sealed record Run(IReadOnlyList<PreparedCall> Calls, ToolContext Context, IAgentEvents Events, CancellationToken Cancellation);

    /// <param name="Result">What the tool said.</param>
    /// <param name="Content">What the model reads.</param>
    /// <param name="Duration">How long it took.</param>
    private sealed record Ran(ToolResult Result, string Content, TimeSpan Duration);
}
