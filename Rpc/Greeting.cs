using System.Text.Json;
using Gateway.Config;

namespace Gateway.Rpc;

/// <summary>The first frame of a connection. Before it: no network, no database, no thread pool, no JSON metadata, and
/// YAML only when config.yaml names a skin.</summary>
internal static class Greeting
{
    /// <summary>Sends gateway.ready with the active skin (WIRE 6.1), the epoch of event numbers and what this gateway can do
    /// (NEWER_CLIENTS item 4).</summary>
    public static void Send(Outbox outbox, GatewayEnvironment environment) =>
        outbox.Event(outbox.Events.GatewayReady, null, (ActiveSkin.Resolve(environment.HermesHome), outbox.Epoch), Write);

    private static void Write(Utf8JsonWriter json, (Skin Skin, string Epoch) payload)
    {
        json.WriteStartObject();
        json.WritePropertyName("skin"u8);
        SkinPayload.Write(json, payload.Skin);
        json.WriteString("replay_epoch"u8, payload.Epoch);
        json.WriteStartObject("capabilities"u8);
        json.WriteBoolean("event_replay"u8, true);
        json.WriteBoolean("session_recovery"u8, true);
        json.WriteBoolean("turn_lease"u8, true);
        json.WriteBoolean("turn_recovery"u8, false);
        json.WriteBoolean("change_events"u8, false);
        json.WriteBoolean("client_turn_id"u8, false);
        json.WriteBoolean("server_requests"u8, false);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
