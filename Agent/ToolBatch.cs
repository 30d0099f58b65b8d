using System.Text;
using Gateway.Agent.Models;
using Gateway.Tools;

namespace Gateway.Agent;

/// <summary>A tool call that is ready to run.</summary>
/// <param name="Tool">The tool.</param>
/// <param name="Call">The call.</param>
internal sealed record PreparedCall(ITool Tool, ToolCall Call);

/// <summary>Runs the tool calls of one reply, one after the other, and answers every one of them, whatever happens:
/// a history with an unanswered call is refused by every provider.</summary>
internal sealed class ToolBatch(Func<ToolCall, string> preview, OversizedResults oversized, TimeProvider time)
{
    /// <summary>Runs the calls.</summary>
    /// <returns>One tool message per call, in order.</returns>
    public async Task<IReadOnlyList<ConversationMessage>> RunAsync(
        IReadOnlyList<PreparedCall> calls, ToolContext context, IAgentEvents events, CancellationToken cancellationToken)
    {
        var results = new List<ConversationMessage>(calls.Count);
        foreach (var call in calls)
        {
            string content;
            if (cancellationToken.IsCancellationRequested)
            {
                content = results.Count == 0
                    ? $"[Tool execution cancelled — {call.Call.Name} was skipped due to user interrupt]"
                    : $"[Tool execution skipped — {call.Call.Name} was not started. User sent a new message]";
            }
            else
            {
                content = await RunOneAsync(call, context, events, cancellationToken);
            }

            results.Add(Answer(call.Call.Id, call.Call.Name, content));
            events.MessageAdded(results[^1]);
        }

        ConversationMessage[] whole = [.. results];
        oversized.Apply(results);
        for (int i = 0; i < whole.Length; i++)
            if (!ReferenceEquals(whole[i], results[i])) events.MessageAdded(results[i]);
        return results;
    }

    /// <summary>A tool message.</summary>
    public static ConversationMessage Answer(string id, string name, string content) =>
        new(Role.Tool, content) { ToolCallId = id, ToolName = name };

    private async Task<string> RunOneAsync(PreparedCall prepared, ToolContext context, IAgentEvents events, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        events.ToolStarted(prepared.Call, preview(prepared.Call));
        ToolResult result;
        try
        {
            result = await prepared.Tool.RunAsync(prepared.Call, context, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            result = new ToolResult($"[Tool execution cancelled — {prepared.Call.Name} was skipped due to user interrupt]", "interrupted");
        }
        catch (Exception failure)
        {
            // A bug in a tool costs that call, not the turn; the model sees what it was and can go another way.
            result = new ToolResult(ErrorJson($"Tool execution failed: {failure.GetType().Name}: {failure.Message}"), "the tool failed unexpectedly");
        }

        events.ToolCompleted(prepared.Call, result, time.GetElapsedTime(started));
        await events.RoomAsync(cancellationToken);
        return result.Content;
    }

    private static string ErrorJson(string message) => Encoding.UTF8.GetString(RequestJson.Build(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("error"u8, JsonText.WithoutLoneSurrogates(message));
        writer.WriteEndObject();
    }).Span);
}
