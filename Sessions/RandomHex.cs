namespace Gateway.Sessions;

/// <summary>Random ids. From the kernel by way of <see cref="Guid"/>: the framework's cryptographic generator would load
/// OpenSSL, and end the process on a machine that has none.</summary>
internal static class RandomHex
{
    /// <summary>Random lower-case hexadecimal digits.</summary>
    /// <param name="digits">How many; at most 12, since the rest of a GUID is not all random.</param>
    public static string Digits(int digits) => Guid.NewGuid().ToString("N")[..digits];
}
