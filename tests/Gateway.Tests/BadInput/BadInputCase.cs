using Gateway.Protocol;

namespace Gateway.Tests.BadInput;

/// <summary>Odd or broken lines and what the gateway makes of each. The test plays them, PROTOCOL.md lists them.</summary>
/// <param name="What">The lines in words.</param>
/// <param name="Lines">Each of them has this outcome.</param>
/// <param name="Answers">Whether there is an answer.</param>
/// <param name="Id">The id of the answer, as its exact JSON text.</param>
/// <param name="Code">The error of the answer; null when the request is carried out.</param>
/// <param name="Message">How the error message begins.</param>
public sealed record BadInputCase(string What, IReadOnlyList<byte[]> Lines, bool Answers, string Id, int? Code, string Message)
{
    private const int LongestShown = 70;

    /// <summary>The outcome in words, for PROTOCOL.md.</summary>
    public string ShownOutcome =>
        !Answers ? "no answer"
        : Code is null ? "carried out"
        : $"{Code} {(Message.Length > LongestShown ? Message[..20] + "…" : Message.Replace("\0", "\\u0000", StringComparison.Ordinal))}".TrimEnd();

    /// <summary>The id of the answer, for PROTOCOL.md.</summary>
    public string ShownId => !Answers ? "–" : Id.Length > LongestShown ? "echoed" : $"`{Id}`";

    internal static BadInputCase Refused(string what, ErrorCode code, string message, string id, params IReadOnlyList<byte[]> lines) =>
        new(what, lines, true, id, (int)code, message);

    internal static BadInputCase CarriedOut(string what, string id, params IReadOnlyList<byte[]> lines) => new(what, lines, true, id, null, "");

    internal static BadInputCase Ignored(string what, params IReadOnlyList<byte[]> lines) => new(what, lines, false, "", null, "");
}
