using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Gateway.Diagnostics;

/// <summary>Finds out whether HTTPS can work. The runtime loads OpenSSL at the first TLS handshake and aborts the process
/// when there is none, so the first https request asks here before.</summary>
/// <param name="canLoad">Whether a shared library of this name can be loaded; null asks the system.</param>
internal sealed class TlsLibrary(Func<string, bool>? canLoad = null)
{
    // The names and the order the runtime tries.
    private static readonly ImmutableArray<string> Names = ["libssl.so.3", "libssl.so.1.1", "libssl.so.1.0.2", "libssl.so.1.0.0", "libssl.so.10", "libssl.so"];

    private readonly Lazy<bool> _present = new(() => !OperatingSystem.IsLinux() || Names.Any(canLoad ?? Load));

    /// <summary>Whether the library is there. The first call looks, later ones remember.</summary>
    public bool Present => _present.Value;

    // Stays loaded: a request that needs it follows at once.
    private static bool Load(string name) => NativeLibrary.TryLoad(name, out _);
}
