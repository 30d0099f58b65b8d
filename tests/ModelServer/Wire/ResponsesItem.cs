using ModelServer.Requests;
using ModelServer.Script;

namespace ModelServer.Wire;

/// <summary>One output item of a response: its ids, and what it looks like at its beginning and at its end.</summary>
/// <param name="request">What is answered.</param>
/// <param name="index">The item's place among the outputs.</param>
internal sealed class ResponsesItem(ModelRequest request, int index)
{
    /// <summary>Place among the outputs.</summary>
    public int Index => index;

    /// <summary>Id of a reasoning item.</summary>
    public string ReasoningId => $"rs_scripted_{request.Call}_{index}";

    /// <summary>Id of a message.</summary>
    public string MessageId => $"msg_scripted_{request.Call}_{index}";

    /// <summary>Id of a call's item, which is not the id its result names.</summary>
    public string CallItemId => $"fc_scripted_{request.Call}_{index}";

    /// <summary>A message; null is one that has only begun.</summary>
    public ReadOnlyMemory<byte> Message(string? text) => Json.Object(json =>
    {
        json.WriteString("id", MessageId);
        json.WriteString("type", "message");
        json.WriteString("status", Status(text));
        json.List("content", () =>
        {
            if (text is not null) json.Item(() => ResponsesJson.TextPart(json, text));
        });
        json.WriteString("role", "assistant");
    });

    /// <summary>Reasoning; null is one that has only begun. It is encrypted if the client asked for that.</summary>
    public ReadOnlyMemory<byte> Reasoning(string? summary, string? encrypted) => Json.Object(json =>
    {
        json.WriteString("id", ReasoningId);
        json.WriteString("type", "reasoning");
        if (request.IncludeEncrypted) json.WriteString("encrypted_content", encrypted ?? $"enc_scripted_{request.Call}_{index}");
        json.List("summary", () =>
        {
            if (!string.IsNullOrEmpty(summary)) json.Item(() => ResponsesJson.SummaryPart(json, summary));
        });
    });

    /// <summary>A call; null arguments are of one that has only begun.</summary>
    public ReadOnlyMemory<byte> Call(ScriptedCall call, string? arguments) => Json.Object(json =>
    {
        json.WriteString("id", CallItemId);
        json.WriteString("type", "function_call");
        json.WriteString("status", Status(arguments));
        json.WriteString("arguments", arguments ?? "");
        json.WriteString("call_id", call.Id ?? $"call_scripted_{request.Call}_{index}");
        json.WriteString("name", call.Name);
    });

    private static string Status(string? content) => content is null ? "in_progress" : "completed";
}
