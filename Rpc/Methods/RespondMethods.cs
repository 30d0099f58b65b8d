using Gateway.Protocol;
using Gateway.Protocol.Messages;
using Gateway.Sessions;

namespace Gateway.Rpc.Methods;

/// <summary>Answers of the user to questions of a turn (WIRE sections 11 and 12).</summary>
internal sealed class RespondMethods
{
    private readonly SessionStore _sessions;
    private readonly PendingQuestions _questions;

    /// <summary>Creates the group.</summary>
    public RespondMethods(SessionStore sessions, PendingQuestions questions)
    {
        _sessions = sessions;
        _questions = questions;
    }

    /// <summary>The rows of the group.</summary>
    public IReadOnlyList<Route> Routes =>
    [
        Route.Of("approval.respond", Lane.Control, GatewayJson.Default.ApprovalRespondParams, GatewayJson.Default.ApprovalRespondResult, Approval),
        Route.Of("clarify.respond", Lane.Control, GatewayJson.Default.ClarifyRespondParams, GatewayJson.Default.StatusResult, Clarify),
        Route.Of("sudo.respond", Lane.Control, GatewayJson.Default.SudoRespondParams, GatewayJson.Default.StatusResult, Sudo),
        Route.Of("secret.respond", Lane.Control, GatewayJson.Default.SecretRespondParams, GatewayJson.Default.StatusResult, Secret),
    ];

    private ApprovalRespondResult Approval(ApprovalRespondParams request)
    {
        var session = _sessions.Require(request.SessionId);
        string choice = request.Choice ?? "deny";
        return new(_questions.AnswerSession(QuestionKind.Approval, session.Id, request.RequestId, choice, request.All ?? false));
    }

    private StatusResult Clarify(ClarifyRespondParams request) => Answer(QuestionKind.Clarify, "answer", request.RequestId, request.Answer);

    private StatusResult Sudo(SudoRespondParams request) => Answer(QuestionKind.Sudo, "password", request.RequestId, request.Password);

    private StatusResult Secret(SecretRespondParams request) => Answer(QuestionKind.Secret, "value", request.RequestId, request.Value);

    private StatusResult Answer(QuestionKind kind, string what, string? requestId, string? answer) =>
        _questions.AnswerRequest(kind, requestId ?? "", answer ?? "")
            ? new StatusResult("ok")
            : throw new RpcException(ErrorCode.SessionBusy, $"no pending {what} request");
}
