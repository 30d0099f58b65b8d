using Gateway.Agent.Compression;
using Gateway.Agent.Models;

namespace Gateway.Agent;

/// <summary>What a turn's requests are made of: the conversation before it and what the turn adds. Shortens both when they grow too large
/// (AGENT.md section 7).</summary>
internal sealed class TurnMessages(TurnRequest request, TurnModels models, IAgentEvents events, RetryPolicy retry)
{
    private const int MaxCompactions = 3;
    private const int FewMessages = 24;

    // A provider that counts by the minute would refuse the shorter request as well.
    private static readonly TimeSpan PauseAfter = TimeSpan.FromSeconds(2);

    private readonly List<ConversationMessage> _new = [];
    private IReadOnlyList<ConversationMessage> _history = request.History;
    private int _overflows;

    /// <summary>All of them, oldest first.</summary>
    public IReadOnlyList<ConversationMessage> All => [.. _history, .. _new];

    /// <summary>What the turn added since it began or was last shortened; the list grows with the turn.</summary>
    public IReadOnlyList<ConversationMessage> New => _new;

    /// <summary>The instructions to send.</summary>
    public string SystemPrompt { get; private set; } = request.SystemPrompt;

    /// <summary>Whether they can be shortened, should they turn out to be too large.</summary>
    public bool CanShorten => _overflows < MaxCompactions && request.Compaction is { IsOn: true };

    /// <summary>Adds a message.</summary>
    public void Add(ConversationMessage message)
    {
        _new.Add(message);
        events.MessageAdded(message);
    }

    /// <summary>Adds results of tools that have been told of already.</summary>
    public void AddTold(IReadOnlyList<ConversationMessage> results) => _new.AddRange(results);

    /// <summary>What the user said and what happened meanwhile rides on the last result; an interrupted turn has nobody to hear it.</summary>
    public void Guide(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested || _new.Count == 0 || _new[^1].Role != Role.Tool || request.Guidance is not { } guidance) return;
        if (guidance.TakeForResult() is not { Length: > 0 } heard) return;
        _new[^1] = _new[^1] with { Content = _new[^1].Content + heard };
        events.MessageAdded(_new[^1]);
    }

    /// <summary>Shortens before the first request of a turn when the conversation is large already.</summary>
    public async Task ShortenBeforeAsync(CancellationToken cancellationToken)
    {
        for (int pass = 0; pass < MaxCompactions && request.Compaction is { } compaction; pass++)
        {
            long estimate = Compressor.Estimate(All) + (SystemPrompt.Length / 4) + request.Tools.Sum(tool => (tool.Description.Length + tool.ParametersSchema.Length) / 4);
            if (_history.Count + _new.Count <= FewMessages || estimate < compaction.Threshold(models.Endpoint)) return;
            if (!await ShortenAsync(cancellationToken)) return;
        }
    }

    /// <summary>Shortens after a batch of tool calls when the last request came near the limit.</summary>
    /// <param name="promptTokens">Size of that request.</param>
    /// <param name="cancellationToken">The user's interruption.</param>
    public async Task ShortenAfterAsync(long promptTokens, CancellationToken cancellationToken)
    {
        if (promptTokens < (request.Compaction?.Threshold(models.Endpoint) ?? long.MaxValue)) return;
        events.Status("lifecycle", "⟳ compacting context…");
        await ShortenAsync(cancellationToken);
    }

    /// <summary>Most output tokens that the next requests may ask for; null for no such limit.</summary>
    public int? OutputCeiling { get; private set; }

    /// <summary>Makes room after the provider has refused a request as too large: asks for a shorter answer where that is enough, else
    /// shortens the conversation.</summary>
    /// <returns><see langword="false"/> when that cannot be done, or was done too often.</returns>
    public async Task<bool> MakeRoomAsync(ModelError error, CancellationToken cancellationToken)
    {
        if (_overflows >= MaxCompactions) return false;
        _overflows++;
        var advice = error.Kind != ModelErrorKind.Payload ? OverflowAdvice.Read(error.Message, ContextLengths.Of(models.Endpoint)) : default;
        if (advice.OutputCap is { } cap && cap < (OutputCeiling ?? int.MaxValue))
        {
            OutputCeiling = cap;
            return true;
        }

        if (request.Compaction is null) return false;
        if (advice.Window is { } window)
        {
            models.Limit(window);
            request.Compaction.Learned(models.Endpoint, advice.Stated);
        }

        int before = _history.Count + _new.Count;
        events.Status("lifecycle", $"🗜️ Context too large (~{Compressor.Estimate(All):N0} tokens) — compressing ({_overflows}/{MaxCompactions})...");
        if (!await ShortenAsync(cancellationToken)) return false;
        events.Status("lifecycle", $"🗜️ Compressed {before} → {_history.Count} messages, retrying...");
        try
        {
            await retry.WaitAsync(PauseAfter, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }

        return true;
    }

    /// <summary>Forgets what another model refused, whose limits are not those of the one that is asked now.</summary>
    public void NewModel()
    {
        _overflows = 0;
        OutputCeiling = null;
    }

    private async Task<bool> ShortenAsync(CancellationToken cancellationToken)
    {
        if (request.Compaction is null || cancellationToken.IsCancellationRequested) return false;
        if (await request.Compaction.CompactAsync(All, models.Endpoint, events, cancellationToken) is not { } shorter) return false;
        _history = shorter;
        SystemPrompt = request.Compaction.Instructions ?? SystemPrompt;
        _new.Clear();
        request.ToolContext.State.Forget();
        if (request.ToolContext.State.Todos.Open() is { } tasks) Add(new ConversationMessage(Role.User, tasks));
        return true;
    }
}
