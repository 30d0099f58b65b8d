using System.Text.Json;
using ModelServer.Requests;

namespace ModelServer.Wire;

/// <summary>Error bodies in the providers' shapes; OpenAI's two formats share theirs.</summary>
internal static class Errors
{
    public static ReadOnlyMemory<byte> Body(WireApi api, int status, string? type, string? message)
    {
        (string usualType, string usualMessage) = Usual(api == WireApi.Responses ? WireApi.Chat : api, status);
        return api != WireApi.Messages
            ? Json.Object(json => Chat(json, type ?? usualType, message ?? usualMessage))
            : Json.Object(json =>
            {
                json.WriteString("type", "error");
                Messages(json, type ?? usualType, message ?? usualMessage);
            });
    }

    public static void Chat(Utf8JsonWriter json, string type, string message) => json.Object("error", () =>
    {
        json.WriteString("message", message);
        json.WriteString("type", type);
        json.WriteNull("param");
        json.WriteString("code", type);
    });

    /// <summary>Without the leading type field, which an event already has.</summary>
    public static void Messages(Utf8JsonWriter json, string type, string message) => json.Object("error", () =>
    {
        json.WriteString("type", type);
        json.WriteString("message", message);
    });

    private static (string Type, string Message) Usual(WireApi api, int status) => (api, status) switch
    {
        (WireApi.Chat, 400) => ("invalid_request_error", "The request is not valid."),
        (WireApi.Chat, 401) => ("invalid_api_key", "Incorrect API key provided."),
        (WireApi.Chat, 404) => ("model_not_found", "The model does not exist."),
        (WireApi.Chat, 429) => ("rate_limit_exceeded", "Rate limit reached. Please try again later."),
        (WireApi.Chat, _) => ("server_error", "The server had an error while processing your request."),
        (_, 400) => ("invalid_request_error", "The request is not valid."),
        (_, 401) => ("authentication_error", "invalid x-api-key"),
        (_, 404) => ("not_found_error", "model not found"),
        (_, 429) => ("rate_limit_error", "This request would exceed your rate limit."),
        (_, 529) => ("overloaded_error", "Overloaded"),
        _ => ("api_error", "Internal server error"),
    };
}
