using Gateway.Protocol;
using Gateway.Sessions;

namespace Gateway.Rpc;

/// <summary>What clients are told when a session cannot be worked on now.</summary>
internal static class TurnRefusalAnswer
{
    /// <summary>The error: 4001 for a closed session, else 4009.</summary>
    /// <param name="refused">Why.</param>
    /// <param name="busy">What to say when a turn runs in this process; null says it in general.</param>
    public static RpcException Answer(this TurnRefusedException refused, string? busy = null) => refused.Reason switch
    {
        TurnRefusal.Closed => new RpcException(ErrorCode.SessionNotFound, refused.Message),
        TurnRefusal.Busy => new RpcException(ErrorCode.SessionBusy, busy ?? refused.Message),
        _ => new RpcException(ErrorCode.SessionBusy, refused.Message),
    };
}
