using System.Reflection;
using ModelServer;
using ModelServer.Script;

namespace Gateway.Tests.Shared;

/// <summary>A home directory and a model server for one gateway under test.</summary>
public sealed class Stage : IAsyncDisposable
{
    private Stage(string home, ScriptedModelServer? model, IReadOnlyDictionary<string, string> environment)
    {
        Home = home;
        Model = model;
        Environment = environment;
    }

    /// <summary>HERMES_HOME of the gateway.</summary>
    public string Home { get; }

    /// <summary>Directory the gateway works in.</summary>
    public string Work => Path.Combine(Home, "work");

    /// <summary>The model; null when the test needs none.</summary>
    public ScriptedModelServer? Model { get; }

    /// <summary>Environment of the gateway; nothing else is inherited but PATH.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>Root of the repository.</summary>
    public static string RepositoryRoot { get; } = typeof(Stage).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    /// <summary>Sets the stage.</summary>
    /// <param name="script">Script of the model server; null for none.</param>
    /// <param name="config">Lines to add to config.yaml.</param>
    /// <param name="environment">Variables, NAME=value.</param>
    public static async Task<Stage> SetAsync(ModelScript? script = null, IEnumerable<string>? config = null, IEnumerable<string>? environment = null)
    {
        string home = Directory.CreateTempSubdirectory("gateway-test-").FullName;
        Directory.CreateDirectory(Path.Combine(home, "work"));
        var model = script is null ? null : await ScriptedModelServer.StartAsync(script);
        var lines = new List<string>();
        if (model is not null) lines.Add($"model: {{default: test-model, provider: custom, base_url: \"{model.Url}/v1\", api_key: test-key-1234567890}}");
        lines.AddRange(config ?? []);

        // Titles are asked for in the background, which would take replies that scripts mean for turns. Nobody listens at this port.
        if (!lines.Exists(line => line.StartsWith("auxiliary:", StringComparison.Ordinal))) lines.Add("auxiliary: {title_generation: {base_url: \"http://127.0.0.1:9/v1\"}}");
        await File.WriteAllLinesAsync(Path.Combine(home, "config.yaml"), lines);
        var variables = new Dictionary<string, string>
        {
            ["PATH"] = System.Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin",
            ["HOME"] = home,
            ["HERMES_HOME"] = home,
            ["TERMINAL_CWD"] = Path.Combine(home, "work"),
        };
        foreach (string variable in environment ?? [])
            variables[variable[..variable.IndexOf('=')]] = variable[(variable.IndexOf('=') + 1)..].Replace("$home", home);
        return new Stage(home, model, variables);
    }

    /// <summary>The stage a scenario asks for.</summary>
    public static Task<Stage> ForAsync(Scenario scenario) =>
        SetAsync(
        scenario.Script is string script ? script.StartsWith('{') ? ModelScript.Parse(script) : ModelScript.Named(script) : null,
        scenario.Config,
        scenario.Environment);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Model is not null) await Model.DisposeAsync();
        Directory.Delete(Home, recursive: true);
    }
}
