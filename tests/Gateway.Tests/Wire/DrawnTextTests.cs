using System.Collections;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Gateway.Config;
using Gateway.Display;
using Gateway.Protocol;
using Gateway.Protocol.Messages;
using Gateway.Rpc;

namespace Gateway.Tests.Wire;

/// <summary>Whatever a client draws has nothing in it that a terminal would carry out: every event, every result, every error.</summary>
public class DrawnTextTests
{
    private const string Hostile = "a\u001b]52;c;ZXZpbA==\u0007\u001b[2J\u009b31m\u0085\r\b\u007f\u202e\u2066\u200e\u061c\u200b\ufeff\u00ad\U000E0041z";

    /// <summary>What goes out as it is, and why.</summary>
    private static readonly Dictionary<string, string> Exempt = new()
    {
        ["MessageCompleteEvent.text"] = "the words of the model, as they were streamed",
        ["MessageCompleteEvent.reasoning"] = "the words of the model, as they were streamed",
        ["TranscriptRow.text"] = "the words of the conversation, as they were streamed and stored",
        ["EventsSinceResult.events"] = "events as they were sent, so they are clean already",
        ["ConfigGetResult.config"] = "the user's own settings, read as data; texts that are not known to be harmless are masked",
    };

    /// <summary>How each event is sent: the type of its payload, or null for one text (or none), which <see cref="TextEvents"/> lists.</summary>
    private static readonly Dictionary<string, Type?> Payloads = new()
    {
        ["gateway.ready"] = null,
        ["session.info"] = typeof(SessionInfo),
        ["message.start"] = null,
        ["message.delta"] = null,
        ["message.complete"] = typeof(MessageCompleteEvent),
        ["thinking.delta"] = null,
        ["reasoning.delta"] = null,
        ["reasoning.available"] = null,
        ["status.update"] = typeof(StatusUpdateEvent),
        ["tool.generating"] = typeof(ToolGeneratingEvent),
        ["tool.progress"] = typeof(ToolProgressEvent),
        ["tool.start"] = typeof(ToolStartEvent),
        ["tool.complete"] = typeof(ToolCompleteEvent),
        ["approval.request"] = typeof(ApprovalRequestEvent),
        ["clarify.request"] = typeof(ClarifyRequestEvent),
        ["sudo.request"] = typeof(SudoRequestEvent),
        ["secret.request"] = typeof(SecretRequestEvent),
        ["subagent.spawn_requested"] = typeof(SubagentEventPayload),
        ["subagent.start"] = typeof(SubagentEventPayload),
        ["subagent.thinking"] = typeof(SubagentEventPayload),
        ["subagent.tool"] = typeof(SubagentEventPayload),
        ["subagent.progress"] = typeof(SubagentEventPayload),
        ["subagent.complete"] = typeof(SubagentEventPayload),
        ["background.complete"] = typeof(BackgroundCompleteEvent),
        ["error"] = typeof(ErrorEvent),
    };

    /// <summary>Events without a payload record, and what is in them.</summary>
    private static readonly Dictionary<string, string> TextEvents = new()
    {
        ["gateway.ready"] = "a skin, tested below",
        ["message.start"] = "nothing",
        ["message.delta"] = "the words of the model",
        ["reasoning.delta"] = "the words of the model",
        ["reasoning.available"] = "the words of the model",
        ["thinking.delta"] = "a caption of the skin, tested in SessionEventsTextTests",
    };

    [Test]
    public async Task Every_event_is_known_here()
    {
        var names = new EventNames(new WireEncoder()).All.Select(name => name.ToString()).ToArray();
        await Assert.That(names.Order()).IsEquivalentTo(Payloads.Keys.Order());
        await Assert.That(Payloads.Where(payload => payload.Value is null).Select(payload => payload.Key).Order()).IsEquivalentTo(TextEvents.Keys.Order());
        foreach (var type in Payloads.Values.OfType<Type>()) await Assert.That(Written()).Contains(type);
    }

    [Test]
    [MethodDataSource(nameof(WrittenNames))]
    public async Task No_text_of_a_payload_reaches_the_terminal_as_a_control_sequence(string name)
    {
        var type = Written().Single(one => one.Name == name);
        object value = Filled(type);
        var info = GatewayJson.Default.GetTypeInfo(type)!;
        using var buffer = new FrameBuffer(new WireEncoder());
        byte[] frame = (byte[])typeof(DrawnTextTests).GetMethod(nameof(Frame), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type).Invoke(null, [buffer, value, info])!;
        using var document = JsonDocument.Parse(frame);
        var bad = new List<string>();
        int seen = Look(document.RootElement.GetProperty("result"), type, bad);
        await Assert.That(bad).IsEmpty();
        await Assert.That(seen > 0 || !TextsOf(type)).IsTrue();
    }

    [Test]
    public async Task Errors_are_clean()
    {
        using var buffer = new FrameBuffer(new WireEncoder());
        using var document = JsonDocument.Parse(buffer.Error(RequestId.Null, ErrorCode.InternalError, Hostile).ToArray());
        await Assert.That(IsClean(document.RootElement.GetProperty("error").GetProperty("message").GetString()!)).IsTrue();
    }

    [Test]
    public async Task Colours_of_a_diff_stay_and_nothing_else()
    {
        await Assert.That(VisibleText.Coloured("\u001b[38;2;1;2;3m+x\u001b[0m\u001b[2J\u001b]0;t\u0007\r\nend\u001b[")).IsEqualTo("\u001b[38;2;1;2;3m+x\u001b[0m\\x1b[2J\\x1b]0;t\\x07\nend\\x1b[");
        string diff = Gateway.Tools.Files.InlineDiff.Of("--- a/f\u001b[8m\n+++ b/f\u001b[8m\n@@ -1 +1 @@\n-old\r\n+new \u001b[8mhidden\u001b]52;c;x\u0007\r\n")!;
        await Assert.That(diff).Contains("+new \\x1b[8mhidden\\x1b]52;c;x\\x07\u001b[0m");
        await Assert.That(diff).Contains("-old\u001b[0m");
        await Assert.That(diff).DoesNotContain("\u001b[8m");
    }

    [Test]
    public async Task A_skin_cannot_steer_the_terminal()
    {
        var skin = BuiltInSkins.Default() with { BannerHero = Hostile, ToolPrefix = Hostile, Branding = new Dictionary<string, string> { [Hostile] = Hostile } };
        using var buffer = new FrameBuffer(new WireEncoder());
        using var document = JsonDocument.Parse(buffer.Event(new EventNames(new WireEncoder()).GatewayReady, null, skin, SkinPayload.Write).ToArray());
        var bad = new List<string>();
        Look(document.RootElement, typeof(Skin), bad);
        await Assert.That(bad).IsEmpty();
    }

    [Test]
    public async Task Stored_documents_are_clean_and_otherwise_as_they_were()
    {
        byte[] document = Encoding.UTF8.GetBytes("{\"a\\u001b[2J\":\"\\u009b\\u202e\",\n\"n\":1.50,\"plain\":\"\\u00e9 ü\"}");
        string clean = Encoding.UTF8.GetString(ForeignJson.OnOneLine(document)!);
        await Assert.That(clean).IsEqualTo("{\"a\\\\x1b[2J\":\"\\\\x9b\\\\u202e\", \"n\":1.50,\"plain\":\"\\u00e9 ü\"}");
    }

    /// <summary>The names of all types that are written to the wire.</summary>
    public static IEnumerable<string> WrittenNames() => Written().Select(type => type.Name);

    private static IReadOnlyList<Type> Written() =>
    [
        .. typeof(GatewayJson).GetCustomAttributesData().Where(data => data.AttributeType == typeof(JsonSerializableAttribute))
            .Select(data => (Type)data.ConstructorArguments[0].Value!).Where(type => !type.Name.EndsWith("Params", StringComparison.Ordinal)).Append(typeof(SessionInfo)),
    ];

    private static byte[] Frame<T>(FrameBuffer buffer, T value, JsonTypeInfo<T> info) => buffer.Result(RequestId.Null, value, info).ToArray();

    // An instance with the hostile text wherever there is room for one.
    private static object Filled(Type type)
    {
        if (type == typeof(SpawnTreeDocument) || type == typeof(CronManageResult))
            return Activator.CreateInstance(type, ForeignJson.OnOneLine(Encoding.UTF8.GetBytes($$"""{"text":"{{JsonEncodedText.Encode(Hostile)}}"}"""))!)!;
        var constructor = type.GetConstructors().OrderByDescending(one => one.GetParameters().Length).FirstOrDefault();
        object value = constructor is null ? Activator.CreateInstance(type)! : constructor.Invoke([.. constructor.GetParameters().Select(parameter => Value(parameter.ParameterType))]);
        foreach (var property in type.GetProperties().Where(property => property.SetMethod is not null)) property.SetValue(value, Value(property.PropertyType));
        return value;
    }

    private static object? Value(Type type)
    {
        if (type == typeof(string)) return Hostile;
        if (type == typeof(byte[])) return "[]"u8.ToArray();
        if (type.IsArray) return Filled(type.GetElementType()!, 1);
        if (Nullable.GetUnderlyingType(type) is { } inner) return Value(inner);
        if (type.IsPrimitive) return Activator.CreateInstance(type);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)) return Filled(type.GetGenericArguments()[0], 1);
        if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(IReadOnlyDictionary<,>)) return Filled(type);
        var map = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(type.GetGenericArguments()))!;
        map[Hostile] = Value(type.GetGenericArguments()[1]);
        return map;
    }

    private static Array Filled(Type element, int count)
    {
        var array = Array.CreateInstance(element, count);
        for (int i = 0; i < count; i++) array.SetValue(Value(element), i);
        return array;
    }

    // How many texts are in it; the paths of those that are not clean are noted.
    private static int Look(JsonElement element, Type type, List<string> bad, string path = "")
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                if (!Exempt.ContainsKey(path) && !IsClean(element.GetString()!)) bad.Add(path);
                return 1;
            case JsonValueKind.Array:
                return element.EnumerateArray().Sum(item => Look(item, type, bad, path));
            case JsonValueKind.Object:
                int count = 0;
                foreach (var member in element.EnumerateObject())
                {
                    if (!IsClean(member.Name)) bad.Add($"{path} (name)");
                    bool isRow = element.TryGetProperty("role", out _) && member.Name == "text";
                    count += Look(member.Value, type, bad, isRow ? "TranscriptRow.text" : $"{type.Name}.{member.Name}");
                }

                return count;
            default:
                return 0;
        }
    }

    private static bool TextsOf(Type type) => type.GetProperties().Any(property => property.PropertyType == typeof(string));

    private static bool IsClean(string text) =>
        text.All(unit => unit is '\n' or '\t' || !char.IsControl(unit)) && text.EnumerateRunes().All(rune => rune.Value is '\n' or '\t' || Rune.GetUnicodeCategory(rune) is not (System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.Format));
}
