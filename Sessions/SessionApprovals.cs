using Gateway.Tools;

namespace Gateway.Sessions;

/// <summary>How dangerous commands are dealt with (CONFIG.md, approvals).</summary>
/// <param name="Everything">Nothing is asked at all.</param>
/// <param name="ModelFirst">A model is asked before the user.</param>
/// <param name="Timeout">How long a question stays open.</param>
internal readonly record struct ApprovalPolicy(bool Everything, bool ModelFirst, TimeSpan Timeout);

/// <summary>Puts the dangerous commands of one session to its user and remembers what was granted.</summary>
internal sealed class SessionApprovals : IApprovals
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _granted = new(StringComparer.Ordinal);
    private readonly string _sessionId;
    private readonly PendingQuestions _questions;
    private readonly PermanentGrants _permanent;
    private readonly ISessionEvents _events;
    private readonly Func<ApprovalPolicy> _policy;

    /// <summary>Creates the approvals of a session.</summary>
    /// <param name="sessionId">Live id of the session.</param>
    /// <param name="questions">Where questions wait for their turn.</param>
    /// <param name="permanent">Approvals that outlive the process.</param>
    /// <param name="events">Where questions are shown.</param>
    /// <param name="policy">Who is asked, and how long a question stays open; read anew for each command.</param>
    public SessionApprovals(
        string sessionId,
        PendingQuestions questions,
        PermanentGrants permanent,
        ISessionEvents events,
        Func<ApprovalPolicy> policy)
    {
        _sessionId = sessionId;
        _questions = questions;
        _permanent = permanent;
        _events = events;
        _policy = policy;
    }

    /// <inheritdoc/>
    public bool AllowsEverything => _policy().Everything;

    /// <inheritdoc/>
    public bool AsksModelFirst => _policy().ModelFirst;

    /// <inheritdoc/>
    public void Grant(IReadOnlyList<string> patternKeys) => Remember(patternKeys);

    /// <summary>The choice an answer stands for. Unknown words deny (Q5).</summary>
    public static ApprovalChoice ChoiceOf(string? answer) => answer switch
    {
        "once" => ApprovalChoice.Once,
        "session" => ApprovalChoice.Session,
        "always" => ApprovalChoice.Always,
        _ => ApprovalChoice.Deny,
    };

    /// <inheritdoc/>
    public bool IsGranted(string patternKey)
    {
        lock (_gate)
        {
            if (_granted.Contains(patternKey)) return true;
        }

        return _permanent.Covers(patternKey, _permanent.Stored());
    }

    /// <inheritdoc/>
    public async Task<ApprovalChoice> AskAsync(ApprovalRequest request, CancellationToken cancellationToken)
    {
        string? answer = await _questions.AskAsync(
            QuestionKind.Approval,
            _sessionId,
            _policy().Timeout,
            requestId => _events.ApprovalRequested(request, requestId),
            cancellationToken);
        if (answer is null) return ApprovalChoice.TimedOut;
        var choice = ChoiceOf(answer);
        if (choice is ApprovalChoice.Session or ApprovalChoice.Always) Remember(request.PatternKeys);
        if (choice is ApprovalChoice.Always && request.PermanentKeys.Count > 0) Store(request.PermanentKeys);
        return choice;
    }

    private void Remember(IReadOnlyList<string> keys)
    {
        lock (_gate) _granted.UnionWith(keys);
    }

    // The command was approved; that it will be asked for again after a restart is no reason to refuse it now.
    private void Store(IReadOnlyList<string> keys)
    {
        try
        {
            _permanent.Store(keys);
        }
        catch (IOException exception)
        {
            _events.Status("warn", $"⚠ The approval holds for this session only: {exception.Message}");
        }
    }
}
