using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gateway.Protocol;
using Gateway.Protocol.Messages;
using Gateway.Rpc;
using Gateway.Tests.BadInput;

namespace Gateway.Tests.RepoRules;

/// <summary>Writes PROTOCOL.md from the method table.</summary>
internal static class ProtocolDocument
{
    public static string Write(RouteTable table, IReadOnlyList<string> notYet)
    {
        var text = new StringBuilder();
        text.Append("""
            # Protocol

            Generated from the method table; `UPDATE_GOLDEN=1 dotnet run --project tests/Gateway.Tests -- --treenode-filter "/*/*/ProtocolDocumentTests/*"` renews it.

            Newline-delimited JSON-RPC 2.0: one JSON object a line, UTF-8, requests on standard input, answers and events on standard output.
            Every request gets exactly one answer. The id is echoed as it was sent, in its own spelling, as far as that is text on one line (see Bad input). Unknown members of params are ignored.
            Events are notifications with `"method": "event"` and params `{type, session_id, payload, seq}`, where `seq` numbers the events of a session; the first frame is `gateway.ready`.
            The longest line is 64 MiB unless `HERMES_TUI_GATEWAY_MAX_LINE_BYTES` says otherwise; a longer one is skipped and answered with an error.

            Lanes say where a method runs. **Control** overtakes everything. **Inline** runs at once, in order.
            **Session** keeps the order of a session, and of requests without one, while other sessions run on. **Worker** runs side by side, in no order; **Child** likewise, for what waits on a child process.

            ## Methods

            | method | lane | params | result |
            |---|---|---|---|

            """);
        foreach (var route in table.Routes.Where(route => !notYet.Contains(route.Method)))
            text.Append($"| `{route.Method}` | {route.Lane} | {Members(route.Params)} | {Members(route.Result)} |\n");

        text.Append("\n## Known, not available yet\n\nThese are refused with -32601 and a message that says so.\n\n");
        text.Append(string.Join(", ", notYet.Select(name => $"`{name}`"))).Append(".\n");

        text.Append("\n## Events\n\n");
        foreach (var name in new EventNames(new WireEncoder()).All) text.Append($"- `{name}`\n");

        text.Append("\n## Error codes\n\n| code | name |\n|---|---|\n");
        foreach (var code in Enum.GetValues<ErrorCode>().Order()) text.Append($"| {(int)code} | {code} |\n");

        text.Append("\n## Bad input\n\nWhat becomes of odd and broken lines; the test that keeps it reads the same list. Whatever the line, the next one is taken as if it had not been.\n");
        text.Append("An error that is found behind the id carries the id.\n\n| the line is or has | outcome | id of the answer |\n|---|---|---|\n");
        foreach (var group in BadInputCases.All().GroupBy(badInput => (badInput.What, badInput.ShownOutcome)))
            text.Append($"| {group.Key.What} | {group.Key.ShownOutcome} | {string.Join(", ", group.Select(badInput => badInput.ShownId))} |\n");
        return text.ToString();
    }

    private static string Members(JsonTypeInfo type) =>
        type.Kind == JsonTypeInfoKind.None ? type.Type == typeof(SpawnTreeDocument) ? "the stored document" : "the answer of the tool"
            : type.Properties.Count == 0 ? "–" : string.Join(", ", type.Properties.Select(property => $"`{property.Name}` {Word(property.PropertyType)}"));

    private static string Word(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(string) ? "string"
            : type == typeof(bool) ? "boolean"
            : type == typeof(int) || type == typeof(long) || type == typeof(double) ? "number"
            : type == typeof(JsonElement) ? "JSON"
            : type.Name.StartsWith("IReadOnlyList", StringComparison.Ordinal) ? "array"
            : "object";
    }
}
