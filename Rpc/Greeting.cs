using Gateway.Config;

namespace Gateway.Rpc;

/// <summary>The first frame of a connection. Before it: no network, no database, no thread pool, no JSON metadata, and
/// YAML only when config.yaml names a skin.</summary>
internal static class Greeting
{
    /// <summary>Sends gateway.ready with the active skin (WIRE 6.1).</summary>
    public static void Send(Outbox outbox, GatewayEnvironment environment) =>
        outbox.Event(outbox.Events.GatewayReady, null, ActiveSkin.Resolve(environment.HermesHome), SkinPayload.WriteReady);
}
