using System.Text;

namespace Gateway.Agent;

/// <summary>What a model has to know of the machine it works on, where that is not what it looks like (AGENT.md section 2, item 13).</summary>
internal static class Surroundings
{
    private const string KernelFile = "/proc/version";
    private const int Enough = 1024;

    private const string Wsl =
        "This Linux runs inside Windows (WSL). The drives of Windows are below /mnt, C: is /mnt/c; paths that the user copies from Windows have to be written that way, "
        + "and programs of Windows can be started by their name with .exe.";

    /// <summary>The hint; null where none is needed.</summary>
    /// <param name="kernelFile">Where the kernel says what it is.</param>
    public static string? Hint(string kernelFile = KernelFile)
    {
        try
        {
            using var file = File.OpenRead(kernelFile);
            Span<byte> text = stackalloc byte[Enough];
            int length = file.ReadAtLeast(text, Enough, throwOnEndOfStream: false);
            return Encoding.UTF8.GetString(text[..length]).Contains("microsoft", StringComparison.OrdinalIgnoreCase) ? Wsl : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Systems without that file are not Windows in disguise.
            return null;
        }
    }
}
