using ModelServer.Script;

namespace ModelServer.Wire;

/// <summary>Renders what a reply says in one wire format.</summary>
internal interface IReplyWriter
{
    /// <summary>Sends what precedes everything else; does nothing the second time.</summary>
    Task BeginAsync();

    Task TextAsync(string piece);

    Task ReasoningAsync(string piece, ReasoningSpelling spelling);

    /// <summary>Ends a stretch of reasoning, signed or not.</summary>
    Task EndReasoningAsync(ReasoningSpelling spelling, string? signature);

    Task RedactedReasoningAsync(string data);

    /// <summary>Begins a tool call; <paramref name="arguments"/> holds all of them when the call is sent whole.</summary>
    Task BeginCallAsync(ScriptedCall call, int index, string arguments);

    Task ArgumentsAsync(ScriptedCall call, int index, string piece);

    Task KeepAliveAsync();

    /// <summary>An error in the middle of a stream, which ends it.</summary>
    Task ErrorAsync(ErrorStep error);

    Task FinishAsync(string reason, ScriptedUsage? usage);
}
