using System.Text.Json;

namespace ModelServer.Requests;

/// <summary>An image in a message.</summary>
/// <param name="MediaType">Its media type; "url" for one that is somewhere else.</param>
/// <param name="Data">The image in Base64, or its address.</param>
internal sealed record ImagePart(string MediaType, string Data);

/// <summary>Reads the images of messages in both wire formats and refuses those that providers refuse.</summary>
internal static class ImageParts
{
    private const string Url = "url";

    /// <summary>The images of a message.</summary>
    public static IEnumerable<ImagePart> Of(JsonElement message)
    {
        if (!message.TryGetProperty("content", out JsonElement content) || content.ValueKind != JsonValueKind.Array) yield break;
        foreach (JsonElement part in content.EnumerateArray())
        {
            string type = part.GetProperty("type").GetString() ?? "";
            if (type == "image_url") yield return OfUrl(part.GetProperty("image_url").GetProperty("url").GetString() ?? "");
            if (type != "image") continue;
            JsonElement source = part.GetProperty("source");
            yield return source.GetProperty("type").GetString() == "base64"
                ? new ImagePart(source.GetProperty("media_type").GetString() ?? "", source.GetProperty("data").GetString() ?? "")
                : OfUrl(source.GetProperty("url").GetString() ?? "");
        }
    }

    /// <summary>What is wrong with the images of a message; null when nothing is.</summary>
    public static string? Problem(JsonElement message)
    {
        string role = message.GetProperty("role").GetString() ?? "";
        foreach (ImagePart image in Of(message))
        {
            if (role != "user") return $"Images are not allowed in a message with role '{role}'.";
            if (image.MediaType == Url && !image.Data.StartsWith("https://", StringComparison.Ordinal) && !image.Data.StartsWith("http://", StringComparison.Ordinal))
                return "Invalid image URL: expected a base64-encoded data URL or an http(s) URL.";
            if (image.MediaType == Url) continue;
            if (image.MediaType is not ("image/png" or "image/jpeg" or "image/gif" or "image/webp")) return $"You uploaded an unsupported image: '{image.MediaType}'.";
            if (image.Data.Length == 0 || !Convert.TryFromBase64String(image.Data, new byte[image.Data.Length], out _)) return "The image data is not valid base64.";
        }
        return null;
    }

    private static ImagePart OfUrl(string url)
    {
        int end = url.StartsWith("data:", StringComparison.Ordinal) ? url.IndexOf(";base64,", StringComparison.Ordinal) : -1;
        return end < 0 ? new ImagePart(Url, url) : new ImagePart(url["data:".Length..end], url[(end + ";base64,".Length)..]);
    }
}
