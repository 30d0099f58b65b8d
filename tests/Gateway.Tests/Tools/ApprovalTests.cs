using Gateway.Tools;
using Gateway.Tools.Approvals;
using Gateway.Tools.Terminal;

namespace Gateway.Tests.ToolsTests;

public class ApprovalTests
{
    private static readonly ApprovalGate Gate = new(new DangerousCommands());

    [Test]
    [Arguments("recursive delete", "recursive delete", true)]
    [Arguments("recursive delete", @"rm\s+-[^\s]*r", true)]
    [Arguments("recursive delete", "delete in root path", false)]
    [Arguments("find -delete", "find", true)]
    [Arguments("find -exec rm", "find", true)]
    [Arguments("fork bomb", @":\(\)\s*\{\s*:\s*\|\", true)]
    [Arguments("overwrite system file via redirection", ")", true)]
    [Arguments("overwrite project env/config via redirection", @">>?\s*[""\']?(?:(?:(?", true)]
    [Arguments("git branch force delete", @"git\s+branch\s+-D", true)]
    [Arguments("SQL DELETE without WHERE", @"DELETE\s+FROM", true)]
    [Arguments("write to block device", @">\s*/dev/sd", true)]
    [Arguments("disk copy", "DISK COPY", false)]
    public async Task Keys_are_known_under_earlier_names(string key, string stored, bool granted) =>
        await Assert.That(ApprovalKeys.IsGranted(key, ["something else", stored])).IsEqualTo(granted);

    [Test]
    [Arguments((int)ApprovalChoice.Once, null)]
    [Arguments((int)ApprovalChoice.Session, null)]
    [Arguments((int)ApprovalChoice.Always, null)]
    [Arguments((int)ApprovalChoice.Deny, "BLOCKED: Command denied by user. Do NOT retry this command.")]
    [Arguments((int)ApprovalChoice.TimedOut, "BLOCKED: Command timed out. Do NOT retry this command.")]
    [Arguments(99, "BLOCKED: Command denied by user. Do NOT retry this command.")]
    public async Task The_users_answer_decides(int choice, string? refusal)
    {
        var approvals = new ScriptedApprovals { Answer = (ApprovalChoice)choice };
        var decision = await Gate.CheckAsync(new JudgedCommand("false && rm -r x && git reset --hard"), approvals, null, CancellationToken.None);
        await Assert.That(decision.Refusal).IsEqualTo(refusal);
        await Assert.That(decision.Note).IsEqualTo(refusal is null
            ? "Command required approval (recursive delete; git reset --hard (destroys uncommitted changes)) and was approved by the user."
            : null);
        await Assert.That(approvals.Asked!.PatternKeys).IsEquivalentTo(["recursive delete", "git reset --hard (destroys uncommitted changes)"]);
        await Assert.That(approvals.Asked.Description).IsEqualTo("recursive delete; git reset --hard (destroys uncommitted changes)");
        await Assert.That(approvals.Asked.Command).IsEqualTo("false && rm -r x && git reset --hard");
    }

    [Test]
    public async Task Granted_keys_are_not_asked_about()
    {
        var approvals = new ScriptedApprovals { Granted = { "recursive delete" } };
        await Assert.That(await Gate.CheckAsync(new JudgedCommand("false && rm -r x"), approvals, null, CancellationToken.None)).IsEqualTo(new ApprovalDecision(null, null));
        await Assert.That(approvals.Asked).IsNull();
        _ = await Gate.CheckAsync(new JudgedCommand("false && rm -r x; git clean -f"), approvals, null, CancellationToken.None);
        await Assert.That(approvals.Asked!.PatternKeys).IsEquivalentTo(["git clean with force (deletes untracked files)"]);
    }

    /// <summary>The whole matrix: who is asked about what, and what becomes of the command.</summary>
    [Test]
    [MatrixDataSource]
    public async Task Every_way_of_deciding_has_its_outcome(
        [Matrix("echo hi", "rm -r x", "rm -rf /")] string command,
        [Matrix("manual", "smart", "off")] string mode,
        [Matrix("APPROVE", "DENY", "ESCALATE", "Sure, APPROVE it", "", "none")] string judgement,
        [Matrix("nothing", "granted")] string before,
        [Matrix("Deny", "Once", "Session", "Always", "TimedOut")] string answer)
    {
        var approvals = new ScriptedApprovals { Answer = Enum.Parse<ApprovalChoice>(answer), AllowsEverything = mode == "off", AsksModelFirst = mode == "smart" };
        if (before == "granted") approvals.Granted.Add("recursive delete");
        var judge = judgement == "none" ? null : new Judge(judgement);
        var decision = await Gate.CheckAsync(new JudgedCommand("false && " + command), approvals, judge, CancellationToken.None);

        bool dangerous = command == "rm -r x" && mode != "off" && before == "nothing";
        bool judged = dangerous && mode == "smart" && judge is not null;
        bool asked = dangerous && !(judged && judgement is "APPROVE" or "DENY");
        bool runs = command switch
        {
            "rm -rf /" => false,
            _ when asked => answer is "Once" or "Session" or "Always",
            _ when judged => judgement == "APPROVE",
            _ => true,
        };
        await Assert.That(decision.IsAllowed).IsEqualTo(runs);
        await Assert.That(approvals.Asked is not null).IsEqualTo(asked);
        await Assert.That(judge?.Asked is not null).IsEqualTo(judged);
        await Assert.That(decision.Note is not null).IsEqualTo(runs && dangerous);
        await Assert.That(approvals.Granted.Contains("recursive delete")).IsEqualTo(before == "granted" || (judged && judgement == "APPROVE"));
        if (judged) await Assert.That(judge!.Asked!.Text).Contains("false && rm -r x");
    }

    [Test]
    public async Task Yolo_allows_the_dangerous_but_not_the_hardline()
    {
        var approvals = new ScriptedApprovals { AllowsEverything = true };
        await Assert.That((await Gate.CheckAsync(new JudgedCommand("false && rm -r x"), approvals, null, CancellationToken.None)).IsAllowed).IsTrue();
        var refused = await Gate.CheckAsync(new JudgedCommand("false && rm -rf /"), approvals, null, CancellationToken.None);
        await Assert.That(refused.Refusal).IsEqualTo(
            "BLOCKED (hardline): recursive delete of root filesystem. This command is on the unconditional blocklist and cannot be executed via the agent — not even with --yolo, /yolo, approvals.mode=off, or cron approve mode. If you genuinely need to run it, run it yourself in a terminal outside the agent.");
        await Assert.That(approvals.Asked).IsNull();
    }

    [Test]
    public async Task A_question_names_the_folder_that_the_user_does_not_expect()
    {
        var approvals = new ScriptedApprovals();
        await Gate.CheckAsync(new JudgedCommand("false && rm -r x") { Directory = "/srv/other", UnexpectedDirectory = "/srv/other" }, approvals, null, CancellationToken.None);
        await Assert.That(approvals.Asked!.Description).IsEqualTo("recursive delete; runs in /srv/other");
        await Gate.CheckAsync(new JudgedCommand("false && rm -r x") { Directory = "/srv/own" }, approvals, null, CancellationToken.None);
        await Assert.That(approvals.Asked!.Description).IsEqualTo("recursive delete");
    }

    [Test]
    [Arguments(10, false)]
    [Arguments(400, true)]
    public async Task Typed_variables_are_asked_about_once_their_values_may_be_forgotten(int assignments, bool isAsked)
    {
        var approvals = new ScriptedApprovals();
        var typed = new TypedText("/srv/own");
        for (int i = 0; i < assignments; i++) typed.Wrote($"name{i}=value{i}\n");
        await typed.CheckAsync("echo $name0\n", Gate, new ToolContext("key", "/srv/own", approvals), CancellationToken.None);
        await Assert.That(approvals.Asked?.PatternKeys.Contains(CommandRules.ForgottenVariables) ?? false).IsEqualTo(isAsked);
    }

    [Test]
    public async Task Lines_that_set_nothing_do_not_make_variables_forgotten()
    {
        var approvals = new ScriptedApprovals();
        var typed = new TypedText("/srv/own");
        typed.Wrote("a=rm\n");
        for (int i = 0; i < 400; i++) typed.Wrote("ls -la some/folder\n");
        await typed.CheckAsync("false && $a -r x\n", Gate, new ToolContext("key", "/srv/own", approvals), CancellationToken.None);
        await Assert.That(approvals.Asked?.PatternKeys).Contains("recursive delete");
    }
}

internal sealed class ScriptedApprovals : IApprovals
{
    public bool AllowsEverything { get; init; }

    public bool AsksModelFirst { get; init; }

    public HashSet<string> Granted { get; } = [];

    public void Grant(IReadOnlyList<string> patternKeys) => Granted.UnionWith(patternKeys);

    public ApprovalChoice Answer { get; set; } = ApprovalChoice.Deny;

    public ApprovalRequest? Asked { get; private set; }

    public bool IsGranted(string patternKey) => Granted.Contains(patternKey);

    public Task<ApprovalChoice> AskAsync(ApprovalRequest request, CancellationToken cancellationToken)
    {
        Asked = request;
        return Task.FromResult(Answer);
    }
}

internal sealed class Judge(string answer) : IAuxiliaryModel
{
    public AuxiliaryRequest? Asked { get; private set; }

    public Task<AuxiliaryAnswer> AskAsync(AuxiliaryRequest request, CancellationToken cancellationToken)
    {
        Asked = request;
        return Task.FromResult(answer.Length == 0 ? new AuxiliaryAnswer(null, "no model is configured") : new AuxiliaryAnswer(answer, null));
    }
}
