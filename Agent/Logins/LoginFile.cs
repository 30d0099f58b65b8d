using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Config;
using Gateway.Storage;

namespace Gateway.Agent.Logins;

/// <summary>A file with logins that other programs change too. It is changed under a lock, as a whole, and what is unknown in it is kept
/// (STATE.md 5).</summary>
/// <param name="path">The file.</param>
/// <param name="lockPath">The file whose lock everybody takes.</param>
/// <param name="patience">How long to wait for that lock; 15 s unless given.</param>
internal sealed class LoginFile(string path, string lockPath, TimeSpan? patience = null)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly JsonWriterOptions Form = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true };

    /// <summary>Changes the file while nobody else does.</summary>
    /// <param name="change">Changes the content, and says whether it did. It is not called when there is no file, or none that can be
    /// understood.</param>
    /// <param name="cancellationToken">Ends the wait for the lock. Once <paramref name="change"/> is done, its result is kept.</param>
    /// <exception cref="StoredFileException">The file cannot be locked or written.</exception>
    public async Task ChangeAsync(Func<JsonObject, Task<bool>> change, CancellationToken cancellationToken)
    {
        if (!File.Exists(path)) return;
        using var held = await LockFile.TakeAsync(lockPath, cancellationToken, patience ?? Patience);
        if (Load() is not { } content || !await change(content)) return;
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Form)) content.WriteTo(json);
        PrivateFiles.Replace(path, buffer.WrittenSpan);
    }

    private JsonObject? Load()
    {
        try
        {
            return HomeFile.Read(path) is { } bytes ? LoginJson.Parse(bytes) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
