namespace Gateway.Protocol;

/// <summary>A refusal that the client is to see. The only exception whose text reaches it.</summary>
internal sealed class RpcException : Exception
{
    private const int LongestName = 200;

    /// <summary>Refuses a request.</summary>
    /// <param name="code">Which error.</param>
    /// <param name="message">What failed, on what, what to do next; shown verbatim.</param>
    public RpcException(ErrorCode code, string message)
        : base(message) => Code = code;

    /// <summary>Which error.</summary>
    public ErrorCode Code { get; }

    /// <summary>A name that the client sent, as messages repeat it: for the reader's sake, and not to send megabytes back.</summary>
    public static string Shorten(string name) => name.Length <= LongestName ? name : name[..(char.IsHighSurrogate(name[LongestName - 1]) ? LongestName - 1 : LongestName)] + "…";
}
