using Gateway.Config;

namespace Gateway.Tests.ConfigTests;

/// <summary>A HERMES_HOME of its own below the temp directory, deleted at the end.</summary>
internal sealed class ConfigTestHome : IDisposable
{
    public ConfigTestHome()
    {
        // The real path, because /tmp may itself be a link.
        Root = Directory.CreateTempSubdirectory("gateway-config-").FullName;
        Directory.CreateDirectory(Home);
        Directory.CreateDirectory(Work);
    }

    public string Root { get; }

    public string Home => Path.Combine(Root, "hermes");

    public string Work => Path.Combine(Root, "work");

    public string ConfigPath => Path.Combine(Home, "config.yaml");

    public void Dispose() => Directory.Delete(Root, recursive: true);

    public string Write(string relative, string text)
    {
        var path = Path.Combine(Root, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public GatewayEnvironment Environment(params (string Name, string Value)[] variables)
    {
        var all = variables.ToDictionary(variable => variable.Name, variable => variable.Value);
        all.TryAdd("HERMES_HOME", Home);
        return new GatewayEnvironment(all, Work, Root);
    }

    public static ConfigNode Parse(string yaml) =>
        ConfigFile.ParseRoot(yaml, out var problem) ?? throw new InvalidOperationException(problem);
}
