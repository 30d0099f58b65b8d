using System.Globalization;
using System.Text;
using Gateway.Config;
using Gateway.Diagnostics;

namespace Gateway.Mcp;

/// <summary>What servers print to standard error, in <c>logs/mcp-stderr.log</c>: masked, for the owner alone, of bounded size. Safe from
/// any thread.</summary>
internal sealed class McpErrorLog(string directory, TimeProvider time)
{
    private const long MostBytes = 1024 * 1024;
    private readonly Lock _gate = new();

    /// <summary>Takes secrets out of what is written; default: what is recognisable by itself.</summary>
    public Func<string, string> Mask { get; init; } = SecretMask.Redact;

    /// <summary>Notes the start of a server.</summary>
    public void Begin(string server) =>
        Append(string.Create(CultureInfo.InvariantCulture, $"\n===== [{time.GetLocalNow():yyyy-MM-dd HH:mm:ss}] starting MCP server '{server}' =====\n"));

    /// <summary>Notes what a server printed.</summary>
    public void Write(string server, ReadOnlySpan<char> text) => Append(Mask(new string(text)));

    private void Append(string text)
    {
        lock (_gate)
        {
            try
            {
                string path = Path.Combine(directory, "mcp-stderr.log");
                PrivateFolder.Make(directory);
                if (File.Exists(path) && new FileInfo(path).Length > MostBytes) File.Move(path, path + ".1", overwrite: true);
                using var stream = AppendFile.Open(path);
                stream.Write(Encoding.UTF8.GetBytes(text));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // A log that cannot be written costs nothing else.
            }
        }
    }
}
