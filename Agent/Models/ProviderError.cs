using System.Globalization;
using System.Text.Json;

namespace Gateway.Agent.Models;

/// <summary>Errors in the words of a provider.</summary>
internal static class ProviderError
{
    private const int LeastWords = 30;

    /// <summary>An error that came inside an answer.</summary>
    /// <param name="root">The error object, or one that contains it.</param>
    /// <param name="secret">The credential, to be kept out of the text.</param>
    public static ModelError InStream(JsonElement root, string secret)
    {
        var (message, code) = ErrorBody.Parse(root);

        // Some pass on the status that they got themselves.
        int? status = int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 400 and <= 599 ? number : null;
        var kind = ErrorClassifier.Classify(status, code, message);
        return new ModelError(kind, message.Length == 0 ? "The provider reported an error." : Redaction.Clean(message, secret))
        {
            Disconnected = kind == ModelErrorKind.Timeout && ErrorClassifier.IsDisconnect(message),
        };
    }

    /// <summary>What to say when the provider says nothing.</summary>
    public static string WordsFor(int status) => status switch
    {
        401 => "The endpoint refused the API key.",
        403 => "The endpoint refused access.",
        413 => "The request is too large for the endpoint.",
        429 => "Too many requests.",
        >= 500 => "The provider has a problem.",
        _ => "The endpoint refused the request.",
    };

    /// <summary>Whether a refusal says so little that its reason has to be guessed from the request.</summary>
    /// <param name="status">HTTP status.</param>
    /// <param name="kind">What it was taken for.</param>
    /// <param name="message">The provider's words.</param>
    public static bool IsVague(int status, ModelErrorKind kind, string message) =>
        status == 400 && kind == ModelErrorKind.Format && message.Length < LeastWords;
}
