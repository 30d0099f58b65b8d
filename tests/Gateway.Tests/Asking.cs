using System.Text.Json;

namespace Gateway.Tests;

/// <summary>One request and its answer.</summary>
internal static class Asking
{
    /// <summary>Sends a request under an id of its own and waits for its answer.</summary>
    public static async Task<JsonElement> AskAsync(this GatewayHarness gateway, string method, string parameters = "{}")
    {
        string id = Guid.NewGuid().ToString("N");
        gateway.Send($$"""{"id":"{{id}}","method":"{{method}}","params":{{parameters}}}""");
        int index = await gateway.Conversation.WaitForAsync(0, frame => frame.TryGetProperty("id", out var value) && value.ValueKind == JsonValueKind.String && value.GetString() == id, $"the answer of {method}");
        return gateway.Conversation.Frames[index];
    }

    /// <summary>The result of an answer; fails when it is an error.</summary>
    public static JsonElement Result(this JsonElement answer) =>
        answer.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException($"not a result: {answer.GetRawText()}");

    /// <summary>The error of an answer as "code message"; fails when it is a result.</summary>
    public static string Refusal(this JsonElement answer) =>
        answer.TryGetProperty("error", out var error) ? $"{error.GetProperty("code").GetInt32()} {error.GetProperty("message").GetString()}" : throw new InvalidOperationException($"not an error: {answer.GetRawText()}");
}
