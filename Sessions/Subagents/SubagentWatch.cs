using System.Text;
using Gateway.Agent;
using Gateway.Config;
using Gateway.Tools;

namespace Gateway.Sessions.Subagents;

/// <summary>Follows one subagent: stores what it says in its own row, tells the client what it does, and keeps what its report needs.</summary>
internal sealed class SubagentWatch(
    RunningSubagent one,
    SideRecorder recorder,
    ISessionEvents client,
    Func<ToolCall, string> preview) : IAgentEvents
{
    private const int ToolsPerProgress = 5;
    private const int MostFiles = 40;
    private const int LongestThought = 80;
    private const int KeptOutputs = 8;
    private const int LongestOutput = 240;

    private readonly List<SubagentStep> _steps = [];
    private readonly List<string> _recent = [];
    private readonly List<string> _read = [];
    private readonly List<string> _written = [];
    private readonly List<SubagentOutput> _output = [];

    /// <summary>Its steps so far.</summary>
    public IReadOnlyList<SubagentStep> Steps => [.. _steps];

    /// <summary>Files it wrote.</summary>
    public IReadOnlyList<string> FilesWritten => [.. _written];

    /// <summary>Tells that it waits.</summary>
    public void Requested() => Tell(SubagentMoment.Requested, one.Who.Goal);

    /// <summary>Tells that it begins.</summary>
    public void Started() => Tell(SubagentMoment.Started, one.Who.Goal);

    /// <summary>Tells that it ended.</summary>
    public void Ended(string status, string? summary, TimeSpan duration, TokenUsage usage) => client.Subagent(new SubagentEvent(SubagentMoment.Completed, one.Who, one.ToolCount)
    {
        Text = summary,
        End = new SubagentEnd(status, summary, Math.Round(duration.TotalSeconds, 2), usage)
        {
            FilesRead = [.. _read],
            FilesWritten = [.. _written],
            Output = [.. _output],
        },
    });

    /// <inheritdoc/>
    public void ModelCallStarted()
    {
    }

    /// <inheritdoc/>
    public void ModelCallEnded()
    {
    }

    /// <inheritdoc/>
    public void TextDelta(ReadOnlySpan<char> text)
    {
    }

    /// <inheritdoc/>
    public void ReasoningDelta(ReadOnlySpan<char> text)
    {
    }

    /// <inheritdoc/>
    public void ReplyText(string text) => Tell(SubagentMoment.Thinking, Start(text.Split('\n')[0].Trim(), LongestThought));

    /// <inheritdoc/>
    public void ToolGenerating(string name)
    {
    }

    /// <inheritdoc/>
    public void ToolStarted(ToolCall call, string shown)
    {
        int count = one.Uses(call.Name);
        string text = shown.Length > 0 ? shown : preview(call);
        client.Subagent(new SubagentEvent(SubagentMoment.Tool, one.Who, count) { Tool = call.Name, Preview = text, Text = text });
        Note(call);
        _recent.Add(call.Name);
        if (_recent.Count < ToolsPerProgress) return;
        Tell(SubagentMoment.Progress, $"🔀 [{one.Who.Index + 1}] {string.Join(", ", _recent)}");
        _recent.Clear();
    }

    /// <inheritdoc/>
    public void ToolCompleted(ToolCall call, ToolResult result, TimeSpan duration)
    {
        _steps.Add(new SubagentStep(call.Name, Encoding.UTF8.GetByteCount(call.Arguments.GetRawText()), Encoding.UTF8.GetByteCount(result.Content), result.Error is not null));
        _output.Add(new SubagentOutput(call.Name, Start(result.Content, LongestOutput), result.Error is not null));
        if (_output.Count > KeptOutputs) _output.RemoveAt(0);
    }

    /// <inheritdoc/>
    public ValueTask RoomAsync(CancellationToken cancellationToken) => client.RoomAsync(cancellationToken);

    /// <inheritdoc/>
    public void Status(string kind, string text) => Tell(SubagentMoment.Thinking, Start(text, LongestThought));

    /// <inheritdoc/>
    public void MessageAdded(ConversationMessage message) => recorder.Add(message);

    /// <inheritdoc/>
    public void TokensSpent(TokenUsage usage, ModelEndpoint endpoint) => recorder.Spent(usage, endpoint);

    private void Note(ToolCall call)
    {
        var list = call.Name switch { "read_file" => _read, "write_file" or "patch" => _written, _ => null };
        if (list is null || list.Count >= MostFiles || !call.Arguments.TryGetProperty("path", out var value)) return;
        if (ArgumentText.OrNull(value) is { Length: > 0 } path && !list.Contains(path)) list.Add(path);
    }

    private void Tell(SubagentMoment moment, string text)
    {
        if (text.Length > 0) client.Subagent(new SubagentEvent(moment, one.Who, one.ToolCount) { Text = text });
    }

    private static string Start(string text, int length)
    {
        if (text.Length <= length) return text;
        return text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }
}
