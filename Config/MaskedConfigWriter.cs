using System.Text.Json;

namespace Gateway.Config;

/// <summary>Writes configuration as JSON for clients (WIRE.md 17.2 "full", Q42). Structure, names, switches and numbers are kept;
/// of the texts only those clients read are, all others are masked: a list of what is secret would always miss something.</summary>
internal static class MaskedConfigWriter
{
    /// <summary>Writes the tree as one JSON value. NaN and infinities, which JSON does not have, become texts.</summary>
    public static void Write(Utf8JsonWriter writer, ConfigNode root) => Write(writer, root, Place.Root);

    private static void Write(Utf8JsonWriter writer, ConfigNode node, Place place)
    {
        switch (node.Kind)
        {
            case ConfigKind.Null:
                writer.WriteNullValue();
                break;
            case ConfigKind.Boolean when place != Place.Secret:
                writer.WriteBooleanValue(node.AsBool(false));
                break;
            case ConfigKind.Integer when place != Place.Secret:
                writer.WriteNumberValue(node.Integer);
                break;
            case ConfigKind.Float when place != Place.Secret && double.IsFinite(node.Double):
                writer.WriteNumberValue(node.Double);
                break;
            case ConfigKind.Float when place != Place.Secret:
                writer.WriteStringValue(node.AsString());
                break;
            case ConfigKind.List:
                writer.WriteStartArray();
                foreach (var item in node.Items)
                {
                    Write(writer, item, place);
                }

                writer.WriteEndArray();
                break;
            case ConfigKind.Map:
                writer.WriteStartObject();
                foreach (var (key, value) in node.Entries)
                {
                    writer.WritePropertyName(key);
                    Write(writer, value, Below(place, key, value));
                }

                writer.WriteEndObject();
                break;
            default:
                writer.WriteStringValue(Text(node.AsString() ?? "", place));
                break;
        }
    }

    private static string Text(string text, Place place) => place switch
    {
        _ when text.Length == 0 || IsReference(text) => text,
        Place.Shown => SecretMask.Redact(text),
        Place.Address => Address(text),
        _ => SecretMask.Mask(text),
    };

    // A bare reference names a variable and gives nothing away.
    private static bool IsReference(string text) =>
        text.Length > 3 && text.StartsWith("${", StringComparison.Ordinal) && text[^1] == '}'
        && !text.AsSpan(2, text.Length - 3).ContainsAnyExcept(SecretMask.NameCharacters);

    // User names, passwords and queries of addresses are credentials as often as not.
    private static string Address(string text) =>
        CustomProvider.IsUrl(text)
            ? SecretMask.Redact(text.AsSpan().ContainsAny('@', '?', '#')
                ? new Uri(text).GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
                : text)
            : SecretMask.Mask(text);

    private static Place Below(Place place, string key, ConfigNode value)
    {
        // What goes to another program or server as it stands: whatever it contains, it may be a credential.
        var handedOn = key.ToLowerInvariant() is "headers" or "args" or "env" || (value.IsMap && key.EndsWith("_env", StringComparison.OrdinalIgnoreCase));
        if (place == Place.Secret || handedOn)
        {
            return Place.Secret;
        }

        // These three may also be the name of a group of settings.
        if (SecretMask.IsSecretName(key) && !(value.IsMap && key is "api" or "auth" or "key"))
        {
            return Place.Secret;
        }

        return (place, key) switch
        {
            (Place.Root, "model") => value.IsMap ? Place.Model : Place.Shown,
            (Place.Root, "agent") => Place.Agent,
            (Place.Root, "terminal") => Place.Terminal,
            (Place.Root, "display" or "approvals" or "provider" or "enabled_toolsets" or "platform_toolsets" or "known_plugin_toolsets") => Place.Shown,
            (Place.Root or Place.Model, "base_url") => Place.Address,
            (Place.Model, "default" or "provider") => Place.Shown,
            (Place.Agent, "reasoning_effort" or "service_tier" or "max_turns" or "disabled_toolsets") => Place.Shown,
            (Place.Terminal, "cwd" or "timeout" or "backend") => Place.Shown,
            (Place.Shown, _) => Place.Shown,
            _ => Place.Masked,
        };
    }

    private enum Place
    {
        Root,
        Model,
        Agent,
        Terminal,
        Shown,
        Address,
        Masked,
        Secret,
    }
}
