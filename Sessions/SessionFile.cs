using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Agent.Models;
using Gateway.Storage;

namespace Gateway.Sessions;

/// <summary>What the files about sessions, below HERMES_HOME/sessions, have in common (STATE.md section 6): people and other programs read them,
/// nothing here reads them back.</summary>
internal static class SessionFile
{
    // state.db has every character; without a bound, each turn would write all long outputs of all turns before it again.
    private const int LongestText = 20_000;

    private const int LongestKey = 100;

    private static readonly JsonWriterOptions Form = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether a session's stored key can be part of a file name.</summary>
    public static bool Takes(string key) => key.Length <= LongestKey && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    /// <summary>Replaces a file by what is written, readable by its owner alone.</summary>
    /// <exception cref="StoredFileException">It cannot be written; the old content is still there.</exception>
    public static void Replace(string path, Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Form)) write(json);
        PrivateFiles.Replace(path, buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    /// <summary>A text with its secrets masked, cut after 20,000 characters. Masked first: half a secret would not be recognised.</summary>
    /// <param name="text">The text.</param>
    /// <param name="mask">Masks secrets.</param>
    /// <param name="where">What is said of the rest, such as where it is.</param>
    public static string Text(string text, Func<string, string> mask, string where = "")
    {
        text = JsonText.WithoutLoneSurrogates(mask(text));
        if (text.Length <= LongestText) return text;
        int end = char.IsHighSurrogate(text[LongestText - 1]) ? LongestText - 1 : LongestText;
        return string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, end)}\n[... {text.Length - end} more characters{where} ...]");
    }

    /// <summary>A moment of the local clock as other programs write it, without a zone.</summary>
    public static string Local(DateTime time) => time.ToString("yyyy-MM-ddTHH:mm:ss.ffffff", CultureInfo.InvariantCulture);
}
