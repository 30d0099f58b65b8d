using System.Reflection;

namespace Gateway.Rpc;

/// <summary>What this build is.</summary>
internal static class BuildInfo
{
    /// <summary>Version of the gateway, such as 0.1.0.</summary>
    public static string Version =>
        typeof(BuildInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
}
