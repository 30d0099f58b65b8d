using System.Globalization;
using System.Text.Json;

namespace Gateway.Config;

/// <summary>HERMES_HOME/auth.json as it stands: logins and pools of credentials (STATE.md 5). Read anew each time, since other programs renew
/// what is in it.</summary>
internal sealed class AuthFile : IDisposable
{
    private readonly JsonDocument? _document;

    private AuthFile(JsonDocument? document) => _document = document;

    /// <summary>Reads the file; without one, or with one that is no JSON object, everything is empty.</summary>
    public static AuthFile Read(string hermesHome)
    {
        try
        {
            if (HomeFile.Read(Path.Combine(hermesHome, "auth.json")) is not { } bytes) return new AuthFile(null);
            var document = JsonDocument.Parse(bytes);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return new AuthFile(document);
            document.Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            // Whoever wrote it has to mend it; a key from the environment works without.
        }

        return new AuthFile(null);
    }

    /// <summary>The provider that the user logged in to last; null when there is none.</summary>
    public string? ActiveProvider => Text(Member(Root, "active_provider"));

    /// <summary>What a login to a provider left here; undefined when there is none.</summary>
    public JsonElement Login(string provider) => Member(Member(Root, "providers"), provider);

    /// <summary>The pool of a provider, in the order of the file.</summary>
    public IEnumerable<JsonElement> Pool(string provider) =>
        Member(Member(Root, "credential_pool"), provider) is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray().Where(entry => entry.ValueKind == JsonValueKind.Object)
            : [];

    /// <summary>Whether the user took a source away, so that what it holds is not to be used.</summary>
    public bool IsSuppressed(string provider, string source) =>
        Member(Member(Root, "suppressed_sources"), provider) is { ValueKind: JsonValueKind.Array } list
        && list.EnumerateArray().Any(entry => Text(entry) == source);

    /// <inheritdoc/>
    public void Dispose() => _document?.Dispose();

    /// <summary>A member of an object; undefined when there is none, or nothing to have one.</summary>
    public static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;

    /// <summary>A text that is not blank; null for everything else.</summary>
    public static string? Text(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.String) return null;
        try
        {
            return element.GetString()!.Trim() is { Length: > 0 } text ? text : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is JSON, yet no text.
            return null;
        }
    }

    /// <summary>A moment: seconds or milliseconds since 1970, or an ISO date (UTC where it names no zone); null for everything else.</summary>
    public static DateTimeOffset? Moment(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out double number) && number is > 0 and < 1e14)
        {
            // Nobody means a date in the year 33658, so a number this large counts milliseconds.
            return DateTimeOffset.UnixEpoch.AddSeconds(number > 1e12 ? number / 1000 : Math.Min(number, 2e11));
        }

        return Text(element) is { } text
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment)
                ? moment
                : null;
    }

    private JsonElement Root => _document?.RootElement ?? default;
}
