using Gateway.Sessions;

namespace Gateway.Tests;

public class PendingQuestionsTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Test]
    public async Task An_answer_reaches_its_question()
    {
        using var questions = new PendingQuestions(TimeProvider.System);
        string? shown = null;
        var asked = questions.AskAsync(QuestionKind.Approval, "s", Long, id => shown = id, default);
        await Assert.That(shown).IsNotNull();
        await Assert.That(Deliver(questions.AnswerSession(QuestionKind.Approval, "s", shown, "once", all: false))).IsEqualTo(1);
        await Assert.That(await asked).IsEqualTo("once");
        await Assert.That(Deliver(questions.AnswerSession(QuestionKind.Approval, "s", null, "once", all: false))).IsEqualTo(0);
    }

    [Test]
    public async Task The_next_question_shows_after_a_pause_and_not_before()
    {
        var time = new ManualTime();
        using var questions = new PendingQuestions(time);
        var shown = new List<string>();
        var first = questions.AskAsync(QuestionKind.Approval, "s", Long, _ => shown.Add("first"), default);
        var second = questions.AskAsync(QuestionKind.Clarify, "s", Long, _ => shown.Add("second"), default);
        await Assert.That(shown).IsEquivalentTo(["first"]);
        await Assert.That(Deliver(questions.AnswerSession(QuestionKind.Approval, "s", null, "deny", all: false))).IsEqualTo(1);
        await first;
        await Assert.That(shown).IsEquivalentTo(["first"]);
        time.Advance(PendingQuestions.Pause);
        await Assert.That(shown).IsEquivalentTo(["first", "second"]);
        questions.Release("s");
        await Assert.That(await second).IsEqualTo("");
    }

    [Test]
    public async Task Nobody_answers_in_time()
    {
        var time = new ManualTime();
        using var questions = new PendingQuestions(time);
        var asked = questions.AskAsync(QuestionKind.Approval, "s", TimeSpan.FromSeconds(10), _ => { }, default);
        time.Advance(TimeSpan.FromSeconds(9));
        await Assert.That(asked.IsCompleted).IsFalse();
        time.Advance(TimeSpan.FromSeconds(2));
        await Assert.That(await asked).IsNull();
        await Assert.That(await questions.AskAsync(QuestionKind.Approval, "s", TimeSpan.Zero, _ => { }, default)).IsNull();
    }

    [Test]
    public async Task A_withdrawn_question_makes_room()
    {
        var time = new ManualTime();
        using var questions = new PendingQuestions(time);
        using var cancel = new CancellationTokenSource();
        bool second = false;
        var first = questions.AskAsync(QuestionKind.Approval, "a", Long, _ => { }, cancel.Token);
        _ = questions.AskAsync(QuestionKind.Approval, "b", Long, _ => second = true, default);
        await cancel.CancelAsync();
        await Assert.That(async () => await first).Throws<OperationCanceledException>();
        time.Advance(PendingQuestions.Pause);
        await Assert.That(second).IsTrue();
    }

    [Test]
    public async Task All_answers_what_waits_unseen_too()
    {
        using var questions = new PendingQuestions(new ManualTime());
        var first = questions.AskAsync(QuestionKind.Approval, "s", Long, _ => { }, default);
        var second = questions.AskAsync(QuestionKind.Approval, "s", Long, _ => { }, default);
        var other = questions.AskAsync(QuestionKind.Approval, "other", Long, _ => { }, default);
        await Assert.That(Deliver(questions.AnswerSession(QuestionKind.Approval, "s", null, "deny", all: true))).IsEqualTo(2);
        await Assert.That(await first).IsEqualTo("deny");
        await Assert.That(await second).IsEqualTo("deny");
        await Assert.That(other.IsCompleted).IsFalse();
    }

    [Test]
    public async Task The_end_of_a_turn_shows_the_open_question_of_that_session_again()
    {
        var time = new ManualTime();
        using var questions = new PendingQuestions(time);
        var shown = new List<string>();
        var asked = questions.AskAsync(QuestionKind.Approval, "s", Long, shown.Add, default);
        _ = questions.AskAsync(QuestionKind.Approval, "s", Long, _ => shown.Add("another"), default);
        questions.ShowAgain("other");
        time.Advance(PendingQuestions.Pause);
        await Assert.That(shown.Count).IsEqualTo(1);
        questions.ShowAgain("s");
        await Assert.That(shown.Count).IsEqualTo(1);
        time.Advance(PendingQuestions.Pause);
        await Assert.That(shown.Count).IsEqualTo(2);
        await Assert.That(shown[1]).IsEqualTo(shown[0]);

        questions.ShowAgain("s");
        Deliver(questions.AnswerSession(QuestionKind.Approval, "s", shown[0], "once", all: false));
        await asked;
        time.Advance(PendingQuestions.Pause);
        await Assert.That(shown[2..]).IsEquivalentTo(["another"]);
    }

    [Test]
    public async Task A_closed_session_asks_nothing()
    {
        using var questions = new PendingQuestions(new ManualTime());
        bool shown = false;
        var waiting = questions.AskAsync(QuestionKind.Approval, "s", Long, _ => { }, default);
        questions.Close("s");
        await Assert.That(await waiting).IsEqualTo("");
        await Assert.That(await questions.AskAsync(QuestionKind.Approval, "s", Long, _ => shown = true, default)).IsEqualTo("");
        await Assert.That(shown).IsFalse();
        questions.Open("s");
        _ = questions.AskAsync(QuestionKind.Clarify, "other", Long, _ => { }, default);
        await Assert.That(questions.AskAsync(QuestionKind.Approval, "s", Long, _ => shown = true, default).IsCompleted).IsFalse();
    }

    [Test]
    public async Task A_late_answer_finds_that_it_is_late()
    {
        var time = new ManualTime();
        using var questions = new PendingQuestions(time);
        string id = "";
        var asked = questions.AskAsync(QuestionKind.Clarify, "s", TimeSpan.FromSeconds(10), shown => id = shown, default);
        await Assert.That(questions.IsLate(id)).IsFalse();
        time.Advance(TimeSpan.FromSeconds(11));
        await Assert.That(await asked).IsNull();
        await Assert.That(questions.IsLate(id)).IsTrue();
        await Assert.That(questions.AnswerRequest(QuestionKind.Clarify, id, "x").Count).IsEqualTo(0);
    }

    private static int Deliver(Settlement settled)
    {
        settled.Deliver();
        return settled.Count;
    }
}
