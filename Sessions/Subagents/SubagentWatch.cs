using System.Text;
using Gateway.Agent;
using Gateway.Config;
using Gateway.Tools;
using Gateway.Tools.Files;

namespace Gateway.Sessions.Subagents;

/// <summary>Follows one subagent: stores what it says in its own row, tells the client what it does, and keeps what its report needs.</summary>
/// <param name="one">Whom it follows.</param>
/// <param name="recorder">Its row.</param>
/// <param name="reads">The files it has to do with.</param>
/// <param name="client">Who hears of it.</param>
/// <param name="spend">Takes what it costs to the account of the agent that the user talks to; null: nobody does.</param>
internal sealed class SubagentWatch(
    RunningSubagent one,
    SideRecorder recorder,
    FileReads reads,
    ISessionEvents client,
    Action<TokenUsage>? spend) : IAgentEvents
{
    private const int ToolsPerProgress = 5;
    private const int MostFiles = 40;
    private const int LongestThought = 80;
    private const int LongestText = 160;
    private const int LongestSummary = 500;
    private const int KeptOutputs = 8;
    private const int LongestOutput = 600;

    private readonly List<SubagentStep> _steps = [];
    private readonly List<string> _recent = [];
    private readonly List<SubagentOutput> _output = [];

    /// <summary>Its steps so far.</summary>
    public IReadOnlyList<SubagentStep> Steps => [.. _steps];

    /// <summary>What it has spent so far, without its own subagents.</summary>
    public TokenUsage Usage { get; private set; }

    /// <summary>Tells that it waits.</summary>
    public void Requested() => Tell(SubagentMoment.Requested, one.Who.Goal);

    /// <summary>Tells that it begins.</summary>
    public void Started() => Tell(SubagentMoment.Started, one.Who.Goal);

    /// <summary>Tells that it ended.</summary>
    /// <param name="status">completed, failed or interrupted.</param>
    /// <param name="said">Its report, or else what went wrong; only the beginning is told.</param>
    /// <param name="duration">How long it took.</param>
    public void Ended(string status, string? said, TimeSpan duration)
    {
        TellProgress();
        said = string.IsNullOrEmpty(said) ? null : said;
        client.Subagent(new SubagentEvent(SubagentMoment.Completed, one.Who, one.ToolCount)
        {
            Text = said is null ? null : Start(said, LongestText),
            End = new SubagentEnd(status, said is null ? null : Start(said, LongestSummary), Math.Round(duration.TotalSeconds, 2), Usage)
            {
                FilesRead = [.. reads.Read.Take(MostFiles)],
                FilesWritten = [.. reads.Changed.Take(MostFiles)],
                Output = [.. _output],
            },
        });
    }

    /// <inheritdoc/>
    public void ModelCallStarted() => client.Subagent(new SubagentEvent(SubagentMoment.Asking, one.Who, one.ToolCount));

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
        client.Subagent(new SubagentEvent(SubagentMoment.Tool, one.Who, count) { Tool = call.Name, Preview = shown, Text = shown });
        _recent.Add(call.Name);
        if (_recent.Count >= ToolsPerProgress) TellProgress();
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
    public void TokensSpent(TokenUsage usage, ModelEndpoint endpoint)
    {
        Usage += usage;
        recorder.Spent(usage, endpoint);

        // Tokens are counted with whoever used them, money where the user looks for it.
        spend?.Invoke(new TokenUsage { Cost = usage.Cost, Unpriced = usage.Unpriced });
    }

    private void TellProgress()
    {
        if (_recent.Count == 0) return;
        string place = one.Who.Count > 1 ? $"[{one.Who.Index + 1}] " : "";
        Tell(SubagentMoment.Progress, $"🔀 {place}{string.Join(", ", _recent)}");
        _recent.Clear();
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
