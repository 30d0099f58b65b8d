using Gateway.Diagnostics;

namespace Gateway.Cli.Doctor;

/// <summary>Whether HTTPS can work.</summary>
internal sealed class OpenSslCheck(TlsLibrary library) : IDoctorCheck
{
    /// <inheritdoc/>
    public string Name => "OpenSSL";

    /// <inheritdoc/>
    public DoctorFinding Run() => library.Present
        ? new("found", [])
        : new("", ["the system's OpenSSL (libssl 3 or 1.1) was not found, so no model can be reached over https; install it, on Debian with: apt install libssl3"]);
}
