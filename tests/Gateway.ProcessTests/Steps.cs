using System.Text.Json;
using Gateway.Tests.Shared;

namespace Gateway.ProcessTests;

/// <summary>What tests of endings do again and again.</summary>
internal static class Steps
{
    public const int Hangup = 1;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    /// <summary>Waits for the first frame.</summary>
    public static Task ReadyAsync(this GatewayProcess gateway) =>
        gateway.Conversation.WaitForAsync(0, frame => EndingTests.IsEvent(frame, "gateway.ready"), "gateway.ready");

    /// <summary>Waits for an event.</summary>
    public static Task<JsonElement> EventAsync(this GatewayProcess gateway, string type) =>
        gateway.FrameAsync(frame => EndingTests.IsEvent(frame, type), type);

    /// <summary>Waits for the answer to the request with this number.</summary>
    public static Task<JsonElement> AnswerAsync(this GatewayProcess gateway, int id) =>
        gateway.FrameAsync(frame => EndingTests.Id(frame) == $"{id}", $"the answer to {id}");

    /// <summary>Sends a request and waits for its answer.</summary>
    public static Task<JsonElement> AskAsync(this GatewayProcess gateway, int id, string method, string parameters = "{}")
    {
        gateway.Send(Request(id, method, parameters));
        return gateway.AnswerAsync(id);
    }

    /// <summary>A line that calls a method.</summary>
    public static string Request(int id, string method, string parameters = "{}") =>
        $$"""{"id":{{id}},"method":"{{method}}","params":{{parameters}}}""";

    /// <summary>Creates a session and starts a turn in it.</summary>
    /// <returns>The session's id.</returns>
    public static async Task<string> StartTurnAsync(this GatewayProcess gateway, int id = 1)
    {
        string session = await EndingTests.CreateSession(gateway);
        gateway.Send(Request(id, "prompt.submit", $$"""{"session_id":"{{session}}","text":"go"}"""));
        return session;
    }

    /// <summary>Waits until the channel is full: it holds a good deal and no more is added. How much fits depends on how the
    /// frames fall on the pages of a pipe.</summary>
    /// <returns>Bytes in it.</returns>
    public static async Task<int> WedgedAsync(this GatewayProcess gateway)
    {
        int before = 0;
        int same = 0;
        return await Facts.UntilAsync(
            () => gateway.UnreadBytes,
            now =>
            {
                same = now == before ? same + 1 : 0;
                before = now;
                return now > 30_000 && same >= 20;
            },
            "the channel to be full");
    }

    /// <summary>Text of the crash log; "" when there is none.</summary>
    public static string CrashLog(this Stage stage)
    {
        string path = Path.Combine(stage.Home, "logs", "tui_gateway_crash.log");
        return File.Exists(path) ? File.ReadAllText(path) : "";
    }

    /// <summary>Fails unless the crash log, to which nothing is added any more, has this text.</summary>
    public static async Task AssertLoggedAsync(this Stage stage, string text) => await Assert.That(stage.CrashLog()).Contains(text);

    private static async Task<JsonElement> FrameAsync(this GatewayProcess gateway, Func<JsonElement, bool> matches, string what)
    {
        int at = await gateway.Conversation.WaitForAsync(0, matches, what);
        return gateway.Conversation.Frames[at];
    }
}
