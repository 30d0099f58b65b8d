using System.Collections.Concurrent;
using Gateway.Config;
using Gateway.Tools.Terminal;

namespace Gateway.Tools.Skills;

/// <summary>The variables that the skills read in one conversation declare: commands of that conversation get them, although they may be
/// credentials (AGENT.md 10.1). Safe from any thread.</summary>
internal sealed class SkillVariables
{
    private readonly ConcurrentDictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _declined = new(StringComparer.Ordinal);

    /// <summary>Names and values for the environment of commands, as they are now.</summary>
    public IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string>(_values, StringComparer.Ordinal);

    /// <summary>Lets commands have a variable. Those of providers and messaging channels are never given.</summary>
    public void Allow(string name, string value)
    {
        if (!CommandEnvironment.IsReserved(name) && !ProviderCatalog.KnownVariables().Contains(name, StringComparer.Ordinal)) _values[name] = value;
    }

    /// <summary>Remembers that the user does not want to be asked for a variable again.</summary>
    public void Decline(string name) => _declined[name] = true;

    /// <summary>Whether the user was asked for a variable and gave none.</summary>
    public bool IsDeclined(string name) => _declined.ContainsKey(name);
}
