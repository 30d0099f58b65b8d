using System.Text.Json.Serialization;

namespace Gateway.Protocol.Messages;

/// <summary>prompt.submit</summary>
/// <param name="SessionId">Live session id.</param>
/// <param name="Text">The message, not trimmed; required.</param>
internal sealed record PromptSubmitParams(string? SessionId = null, string? Text = null) : ISessionScoped;

/// <summary>input.detect_drop</summary>
/// <param name="SessionId">Live session id.</param>
/// <param name="Text">What stands in the composer.</param>
internal sealed record DetectDropParams(string? SessionId = null, string? Text = null) : ISessionScoped;

/// <summary>input.detect_drop</summary>
internal sealed record DetectDropResult(bool Matched, bool? IsImage = null, string? Path = null, string? Name = null, string? Text = null);

/// <summary>approval.respond</summary>
/// <param name="SessionId">Live session id.</param>
/// <param name="Choice">once, session, always or deny; anything else denies.</param>
/// <param name="All">Answers every waiting approval of the session.</param>
/// <param name="RequestId">Id of the request being answered; when given it must be the one on show.</param>
internal sealed record ApprovalRespondParams(string? SessionId = null, string? Choice = null, bool? All = null, string? RequestId = null)
    : ISessionScoped;

/// <summary>approval.respond</summary>
/// <param name="Resolved">Approvals released; 0 when none waited.</param>
internal sealed record ApprovalRespondResult(int Resolved);

/// <summary>clarify.respond; an empty answer means cancelled.</summary>
internal sealed record ClarifyRespondParams(string? RequestId = null, string? Answer = null);

/// <summary>sudo.respond; an empty password means cancelled.</summary>
internal sealed record SudoRespondParams(string? RequestId = null, string? Password = null);

/// <summary>secret.respond; an empty value means skipped.</summary>
internal sealed record SecretRespondParams(string? RequestId = null, string? Value = null);

/// <summary>shell.exec</summary>
internal sealed record ShellExecParams(string? Command = null);

/// <summary>shell.exec</summary>
/// <param name="Stdout">End of the output.</param>
/// <param name="Stderr">End of the error output.</param>
/// <param name="Code">Exit status, or minus the signal that ended the command.</param>
internal sealed record ShellExecResult(
    [property: JsonConverter(typeof(ColouredTextConverter))] string Stdout,
    [property: JsonConverter(typeof(ColouredTextConverter))] string Stderr,
    int Code);

/// <summary>session.steer</summary>
/// <param name="SessionId">Live or stored id.</param>
/// <param name="Text">What to tell the turn that runs.</param>
internal sealed record SteerParams(string? SessionId = null, string? Text = null) : ISessionScoped;

/// <summary>session.steer</summary>
/// <param name="Status">"queued".</param>
/// <param name="Text">The text, trimmed.</param>
internal sealed record SteerResult(string Status, string Text);
