using System.Collections.Immutable;
using Gateway.Config;
using Gateway.Storage;
using Gateway.Tools.Files;

namespace Gateway.Tools.Sandbox;

/// <summary>What confined commands do not see: secrets of the user, and ways to programs outside that would do their bidding.</summary>
/// <param name="environment">The homes.</param>
internal sealed class HiddenPlaces(GatewayEnvironment environment)
{
    private static ImmutableArray<string> OfUser =>
    [
        .. ProtectedPlaces.KeysOfUser.Names,
        ".ssh", ".config/git/credentials", ".npmrc", ".pypirc", ".claude.json", ".composer/auth.json", ".m2/settings-security.xml", ".config/sops", ".config/op",
        ".bash_history", ".zsh_history", ".python_history", ".psql_history",
    ];

    // Programs and skills that commands may run.
    private static ImmutableArray<string> KeptOfHermes => ["skills", "bin", "node"];

    // Sockets of docker, of the session's and the system's bus, and of agents are in /run; what finds names of hosts is, too.
    private static ImmutableArray<string> KeptOfRun => ["systemd/resolve", "resolvconf", "NetworkManager/resolv.conf", "nscd", "current-system", "booted-system", "wrappers", "opengl-driver"];

    /// <summary>Homes of Hermes, the root of profiles and the usual one included, without links.</summary>
    public IReadOnlyList<string> HermesHomes
    {
        get
        {
            string own = environment.HermesHome, usual = Path.Combine(environment.UserHome, ".hermes");
            string? above = Path.GetDirectoryName(own);
            string[] homes = Path.GetFileName(above) == "profiles" ? [own, Path.GetDirectoryName(above)!, usual] : [own, usual];
            return [.. homes.Where(Directory.Exists).Select(Real).Distinct(StringComparer.Ordinal)];
        }
    }

    /// <summary>The user's home, without links.</summary>
    public string UserHome => Real(environment.UserHome);

    /// <summary>Folders that are shown empty but for what is kept of them.</summary>
    public IReadOnlyList<EmptiedFolder> Emptied =>
        [.. HermesHomes.Select(home => new EmptiedFolder(home, Existing(home, KeptOfHermes))), new EmptiedFolder("/run", Existing("/run", KeptOfRun))];

    /// <summary>Files and folders that exist and cannot be read, without links.</summary>
    public IReadOnlyList<string> Secrets => [.. Existing(environment.UserHome, OfUser).Select(Real).Distinct(StringComparer.Ordinal)];

    /// <summary>A path without links.</summary>
    internal static string Real(string path) => RealPath.Resolve(path) ?? path;

    private static string[] Existing(string folder, ImmutableArray<string> names) => [.. names.Select(name => Path.Combine(folder, name)).Where(Path.Exists)];
}

/// <summary>A folder that is shown empty.</summary>
/// <param name="Path">Absolute path without links.</param>
/// <param name="Kept">Absolute paths in it that can be read all the same.</param>
internal sealed record EmptiedFolder(string Path, IReadOnlyList<string> Kept);
