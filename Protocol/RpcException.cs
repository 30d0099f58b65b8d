namespace Gateway.Protocol;

/// <summary>A refusal that the client is to see. The only exception whose text reaches it.</summary>
internal sealed class RpcException : Exception
{
    /// <summary>Refuses a request.</summary>
    /// <param name="code">Which error.</param>
    /// <param name="message">What failed, on what, what to do next; shown verbatim.</param>
    public RpcException(ErrorCode code, string message)
        : base(message) => Code = code;

    /// <summary>Which error.</summary>
    public ErrorCode Code { get; }
}
