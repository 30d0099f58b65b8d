namespace Gateway.Sessions;

/// <summary>What is asked of the user.</summary>
internal enum QuestionKind
{
    /// <summary>May this command run?</summary>
    Approval,

    /// <summary>The model wants to know something.</summary>
    Clarify,

    /// <summary>The sudo password.</summary>
    Sudo,

    /// <summary>A value for a secret variable.</summary>
    Secret,
}

/// <summary>Questions that were answered but whose askers do not know yet.</summary>
/// <param name="Count">How many.</param>
/// <param name="Deliver">Lets the askers go on; to be called once the client's own answer is on its way.</param>
internal sealed record Settlement(int Count, Action Deliver);

/// <summary>Questions to one client, shown one at a time in the order they came up. A client shows one question per kind and
/// forgets it when the answer to the previous one returns, so the next follows a little after that (TUI_CONTRACT section 6).</summary>
internal sealed class PendingQuestions : IDisposable
{
    /// <summary>Pause between the end of one question and the next.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);

    private const int RememberedIds = 64;

    private readonly Lock _gate = new();
    private readonly LinkedList<Question> _queue = [];
    private readonly HashSet<string> _closed = new(StringComparer.Ordinal);
    private readonly Queue<string> _late = new();
    private readonly TimeProvider _time;
    private Question? _open;
    private ITimer? _pauseTimer;
    private ITimer? _againTimer;
    private bool _pausing;

    /// <summary>Creates an empty queue.</summary>
    public PendingQuestions(TimeProvider time) => _time = time;

    /// <summary>Asks and waits.</summary>
    /// <param name="kind">What is asked.</param>
    /// <param name="sessionId">Whose question it is.</param>
    /// <param name="timeout">How long it stays open once shown; zero or less is an immediate time-out.</param>
    /// <param name="show">Shows it under the given request id.</param>
    /// <param name="cancellationToken">Withdraws it.</param>
    /// <returns>The answer; "" when released, or when the session is closed; null when nobody answered in time.</returns>
    public async Task<string?> AskAsync(
        QuestionKind kind, string sessionId, TimeSpan timeout, Action<string> show, CancellationToken cancellationToken)
    {
        if (timeout <= TimeSpan.Zero) return null;
        var question = new Question(kind, sessionId, RandomHex.Digits(8), show);
        lock (_gate)
        {
            if (_closed.Contains(sessionId)) return "";
            _queue.AddLast(question);
        }

        try
        {
            ShowNext();
            await question.Shown.Task.WaitAsync(cancellationToken);
            return await question.Answer.Task.WaitAsync(timeout, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            lock (_gate)
            {
                _late.Enqueue(question.RequestId);
                if (_late.Count > RememberedIds) _late.Dequeue();
            }

            return null;
        }
        finally
        {
            Withdraw(question);
        }
    }

    /// <summary>Answers the question of a session that is on show, or all its questions of a kind.</summary>
    /// <param name="kind">What was asked.</param>
    /// <param name="sessionId">Whose question.</param>
    /// <param name="requestId">When given, only the question with this id.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="all">Also those that wait unseen.</param>
    public Settlement AnswerSession(QuestionKind kind, string sessionId, string? requestId, string answer, bool all) =>
        Settle(
            question => question.Kind == kind && question.SessionId == sessionId
                && (all || (question == _open && (requestId is null || requestId == question.RequestId))),
            answer);

    /// <summary>Answers the open question with this id.</summary>
    public Settlement AnswerRequest(QuestionKind kind, string requestId, string answer) =>
        Settle(question => question.Kind == kind && question == _open && question.RequestId == requestId, answer);

    /// <summary>Whether the question with this id was open until its time ran out, not long ago.</summary>
    public bool IsLate(string requestId)
    {
        lock (_gate) return _late.Contains(requestId);
    }

    /// <summary>Gives every question of a session the empty answer.</summary>
    public void Release(string sessionId) => Settle(question => question.SessionId == sessionId, "").Deliver();

    /// <summary>The session is closed: what is asked and what will be asked gets the empty answer, since clients do not show it.</summary>
    public void Close(string sessionId)
    {
        lock (_gate) _closed.Add(sessionId);
        Release(sessionId);
    }

    /// <summary>The session is live, perhaps again.</summary>
    public void Open(string sessionId)
    {
        lock (_gate) _closed.Remove(sessionId);
    }

    /// <summary>Shows the open question of a session once more, a little later and under the same id: clients take every question off the
    /// screen when a turn ends, also one that somebody else asked (TUI_CONTRACT 6.7).</summary>
    public void ShowAgain(string sessionId)
    {
        lock (_gate)
        {
            if (_open is not { } open || open.SessionId != sessionId || !open.Shown.Task.IsCompleted) return;
            var timer = _time.CreateTimer(_ => Show(open), null, Pause, Timeout.InfiniteTimeSpan);
            Interlocked.Exchange(ref _againTimer, timer)?.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pauseTimer?.Dispose();
        _againTimer?.Dispose();
    }

    // A settled question stays in the queue until its asker has taken the answer; a second answer does not find it.
    private Settlement Settle(Func<Question, bool> which, string answer)
    {
        lock (_gate)
        {
            Question[] settled = [.. _queue.Where(question => !question.Settled && which(question))];
            foreach (var question in settled) question.Settled = true;
            return new Settlement(settled.Length, () =>
            {
                foreach (var question in settled)
                {
                    question.Answer.TrySetResult(answer);
                    question.Shown.TrySetResult();
                }
            });
        }
    }

    private void Withdraw(Question question)
    {
        lock (question.Showing) question.Withdrawn = true;
        lock (_gate)
        {
            _queue.Remove(question);
            if (_open != question) return;
            _open = null;
            _pausing = true;
        }

        var timer = _time.CreateTimer(_ => EndPause(), null, Pause, Timeout.InfiniteTimeSpan);
        Interlocked.Exchange(ref _pauseTimer, timer)?.Dispose();
    }

    private void EndPause()
    {
        lock (_gate) _pausing = false;
        ShowNext();
    }

    private void ShowNext()
    {
        Question question;
        lock (_gate)
        {
            if (_open is not null || _pausing || _queue.First is null) return;
            question = _open = _queue.First.Value;
        }

        Show(question);
        question.Shown.TrySetResult();
    }

    // A question that is withdrawn while it is being shown is shown before its turn reports its end, never after.
    private static void Show(Question question)
    {
        lock (question.Showing)
        {
            if (!question.Withdrawn && !question.Settled) question.Show(question.RequestId);
        }
    }

    private sealed class Question(QuestionKind kind, string sessionId, string requestId, Action<string> show)
    {
        public QuestionKind Kind { get; } = kind;

        public string SessionId { get; } = sessionId;

        public string RequestId { get; } = requestId;

        public Action<string> Show { get; } = show;

        public Lock Showing { get; } = new();

        public bool Withdrawn { get; set; }

        public bool Settled { get; set; }

        public TaskCompletionSource Shown { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<string> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
