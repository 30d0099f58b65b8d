using System.Buffers;
using System.Text.Json;
using Gateway.Config;
using Gateway.Protocol;
using Gateway.Protocol.Messages;

namespace Gateway.Rpc.Methods;

/// <summary>Reading the configuration (WIRE 17.2).</summary>
internal sealed class ConfigMethods
{
    private readonly GatewayEnvironment _environment;
    private readonly ConfigFile _config;

    /// <summary>Creates the group.</summary>
    public ConfigMethods(GatewayEnvironment environment, ConfigFile config)
    {
        _environment = environment;
        _config = config;
    }

    /// <summary>The rows of the group.</summary>
    public IReadOnlyList<Route> Routes =>
    [
        Route.Of("config.get", Lane.Session, json => json.ConfigGetParams, json => json.ConfigGetResult, Get),
        Route.Of("setup.status", Lane.Session, json => json.NoParams, json => json.SetupStatusResult, SetupStatus),
    ];

    private ConfigGetResult Get(ConfigGetParams request)
    {
        string key = request.Key ?? "";
        var snapshot = _config.Read();
        switch (key)
        {
            case "full":
                return new ConfigGetResult { Config = Masked(snapshot.Root) };
            case "mtime":
                return new ConfigGetResult { Mtime = snapshot.ModifiedAt };
            case "profile":
                return new ConfigGetResult { Home = _environment.HermesHome, Display = ForPeople(_environment.HermesHome) };
        }

        var value = ConfigValues.Get(key, snapshot.Root)
            ?? throw new RpcException(ErrorCode.BadInput, $"unknown config key: {RpcException.Shorten(key)}");
        return key == "prompt" ? new ConfigGetResult { Prompt = value.Value } : new ConfigGetResult { Value = value.Value, Display = value.Display };
    }

    // A file with a mistake in it is a setup all the same; the session then tells what is wrong, which a setup screen would not.
    private SetupStatusResult SetupStatus(NoParams request)
    {
        var snapshot = _config.Read();
        return new(snapshot.Problem is not null || ModelResolver.IsConfigured(_environment, snapshot.Root));
    }

    private static byte[] Masked(ConfigNode root)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = new WireEncoder() }))
            MaskedConfigWriter.Write(writer, root);
        return bytes.WrittenSpan.ToArray();
    }

    private string ForPeople(string path) =>
        path == _environment.UserHome ? "~"
        : path.StartsWith(_environment.UserHome + '/', StringComparison.Ordinal) ? "~" + path[_environment.UserHome.Length..]
        : path;
}
