using Gateway.Protocol;
using Gateway.Protocol.Messages;
using Gateway.Sessions;

namespace Gateway.Rpc.Methods;

/// <summary>Answers of the user to questions of a turn (WIRE sections 11 and 12).</summary>
internal sealed class RespondMethods
{
    private readonly SessionFactory _factory;
    private readonly PendingQuestions _questions;

    /// <summary>Creates the group.</summary>
    public RespondMethods(SessionFactory factory, PendingQuestions questions)
    {
        _factory = factory;
        _questions = questions;
    }

    /// <summary>The rows of the group.</summary>
    public IReadOnlyList<Route> Routes =>
    [
        Route.Of("approval.respond", Lane.Control, json => json.ApprovalRespondParams, json => json.ApprovalRespondResult, ApprovalAsync),
        Route.Of("clarify.respond", Lane.Control, json => json.ClarifyRespondParams, json => json.StatusResult, Clarify).Taking(Route.LongText),
        Route.Of("sudo.respond", Lane.Control, json => json.SudoRespondParams, json => json.StatusResult, Sudo),
        Route.Of("secret.respond", Lane.Control, json => json.SecretRespondParams, json => json.StatusResult, Secret),
    ];

    private async ValueTask<ApprovalRespondResult> ApprovalAsync(ApprovalRespondParams request, Call call)
    {
        var session = await _factory.RequireAsync(request.SessionId, call.CancellationToken);
        var settled = _questions.AnswerSession(
            QuestionKind.Approval, session.Id, request.RequestId, request.Choice ?? "deny", request.All ?? false);

        // The client forgets the question when this answer arrives, so what follows from it comes after.
        call.AfterReply = settled.Deliver;
        return new ApprovalRespondResult(settled.Count);
    }

    private ValueTask<StatusResult> Clarify(ClarifyRespondParams request, Call call) =>
        Answer(QuestionKind.Clarify, "answer", request.RequestId, request.Answer, call);

    private ValueTask<StatusResult> Sudo(SudoRespondParams request, Call call) =>
        Answer(QuestionKind.Sudo, "password", request.RequestId, request.Password, call);

    private ValueTask<StatusResult> Secret(SecretRespondParams request, Call call) =>
        Answer(QuestionKind.Secret, "value", request.RequestId, request.Value, call);

    private ValueTask<StatusResult> Answer(QuestionKind kind, string what, string? requestId, string? answer, Call call)
    {
        var settled = _questions.AnswerRequest(kind, requestId ?? "", answer ?? "");
        if (settled.Count == 0 && _questions.IsLate(requestId ?? "")) return new(new StatusResult("expired"));
        if (settled.Count == 0) throw new RpcException(ErrorCode.SessionBusy, $"no pending {what} request");
        call.AfterReply = settled.Deliver;
        return new(new StatusResult("ok"));
    }
}
