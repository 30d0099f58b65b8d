using Gateway.Protocol;
using Gateway.Sessions;

namespace Gateway.Rpc;

/// <summary>The session gate of methods that need one (WIRE 3.3).</summary>
internal static class SessionLookup
{
    /// <summary>Finds a live session.</summary>
    /// <exception cref="RpcException">4001, there is none under this id.</exception>
    public static Session Require(this SessionStore sessions, string? id) =>
        sessions.Find(id) ?? throw new RpcException(ErrorCode.SessionNotFound, "session not found");
}
