using System.Text;
using System.Text.Json;

namespace ModelServer.Script;

/// <summary>Reads the steps of a reply. The field that names the step comes with the step's own options beside it.</summary>
internal static class StepReader
{
    /// <summary>Characters per fragment of tool arguments unless the script says otherwise.</summary>
    private const int DefaultFragment = 16;

    public static IReadOnlyList<Step> ReadAll(Fields owner, string name)
    {
        List<Step> steps = [];
        foreach ((JsonElement item, string where) in owner.List(name)) steps.Add(Read(new Fields(item, where)));
        return steps;
    }

    private static Step Read(Fields fields)
    {
        // "repeat" first: beside it, "text" is what is repeated.
        Step step = fields switch
        {
            _ when fields.Has("repeat") => Repeat(fields),
            _ when fields.Has("text") => Text(fields),
            _ when fields.Has("reasoning") => Reasoning(fields),
            _ when fields.Has("redacted_reasoning") => new RedactedReasoningStep(fields.RequiredText("redacted_reasoning")),
            _ when fields.Has("tool_call") => new ToolCallsStep([Call(new Fields(fields.Required("tool_call"), fields.Where + ".tool_call"))], false),
            _ when fields.Has("tool_calls") => Calls(fields),
            _ when fields.Has("usage") => Usage(fields),
            _ when fields.Has("finish") => new FinishStep(fields.RequiredText("finish")),
            _ when fields.Has("delay_ms") => new DelayStep(TimeSpan.FromMilliseconds(fields.Number("delay_ms")!.Value)),
            _ when fields.Has("gate") => new GateStep(fields.RequiredText("gate")),
            _ when fields.Has("hold") => On(fields, "hold", new HoldStep()),
            _ when fields.Has("headers_only") => On(fields, "headers_only", new HeadersStep()),
            _ when fields.Has("drop") => new DropStep(Drop(fields)),
            _ when fields.Has("status") => Status(fields),
            _ when fields.Has("error") => Error(fields),
            _ when fields.Has("raw") => Raw(fields),
            _ when fields.Has("keep_alive") => new KeepAliveStep(fields.Number("keep_alive")!.Value),
            _ => throw ScriptException.At(fields.Where, "no known step among: " + string.Join(", ", fields.Names)),
        };
        fields.Finish();
        return step;
    }

    private static TextStep Text(Fields fields)
    {
        string text = fields.RequiredText("text");
        Template.Check(text, fields.Where);
        return new TextStep(text, fields.Number("chunk") ?? 0);
    }

    private static ReasoningStep Reasoning(Fields fields)
    {
        string text = fields.RequiredText("reasoning");
        Template.Check(text, fields.Where);
        ReasoningSpelling spelling = fields.Text("spelling") switch
        {
            null or "reasoning_content" => ReasoningSpelling.ReasoningContent,
            "reasoning" => ReasoningSpelling.Reasoning,
            "reasoning_details" => ReasoningSpelling.ReasoningDetails,
            "openrouter" => ReasoningSpelling.OpenRouter,
            "think" => ReasoningSpelling.Think,
            var other => throw ScriptException.At(fields.Where, $"unknown spelling \"{other}\""),
        };
        return new ReasoningStep(text, fields.Number("chunk") ?? 0, spelling, fields.Text("signature"));
    }

    private static ToolCallsStep Calls(Fields fields)
    {
        List<ScriptedCall> calls = [];
        foreach ((JsonElement item, string where) in fields.List("tool_calls")) calls.Add(Call(new Fields(item, where)));
        return new ToolCallsStep(calls, fields.Flag("interleave"));
    }

    private static ScriptedCall Call(Fields fields)
    {
        string arguments = fields.Text("arguments_text")
            ?? (fields.Any("arguments") is { } value ? Compact(value) : "{}");
        Template.Check(arguments, fields.Where);
        var call = new ScriptedCall(
            fields.Text("id"), fields.RequiredText("name"), arguments,
            fields.Number("fragment") ?? DefaultFragment, fields.Flag("whole"), fields.Number("index"));
        fields.Finish();
        return call;
    }

    private static UsageStep Usage(Fields fields)
    {
        JsonElement value = fields.Required("usage");
        if (value.ValueKind == JsonValueKind.Null) return new UsageStep(null);
        var counts = new Fields(value, fields.Where + ".usage");
        var usage = new ScriptedUsage(
            counts.Tokens("input"), counts.Tokens("output"), counts.Tokens("cached"),
            counts.Tokens("cache_written"), counts.Tokens("reasoning"));
        counts.Finish();
        return new UsageStep(usage);
    }

    private static StatusStep Status(Fields fields)
    {
        string? retryAfter = fields.Any("retry_after") switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } text => text.GetString(),
            { } number => number.GetRawText(),
        };
        return new StatusStep(
            fields.Number("status")!.Value, fields.Text("message"), fields.Text("type"), retryAfter,
            fields.Text("body"), fields.Text("content_type"), fields.Map("headers"));
    }

    private static ErrorStep Error(Fields fields)
    {
        var error = new Fields(fields.Required("error"), fields.Where + ".error");
        var step = new ErrorStep(error.RequiredText("type"), error.RequiredText("message"));
        error.Finish();
        return step;
    }

    private static RawStep Raw(Fields fields)
    {
        string text = fields.RequiredText("raw");
        byte[] bytes = fields.Flag("base64") ? Convert.FromBase64String(text) : Encoding.UTF8.GetBytes(text);
        return new RawStep(bytes, fields.Number("chunk") ?? 0);
    }

    private static RepeatStep Repeat(Fields fields)
    {
        int count = fields.Number("repeat")!.Value;
        return new RepeatStep(count, fields.Has("text") ? [Text(fields)] : ReadAll(fields, "steps"));
    }

    private static bool Drop(Fields fields) => fields.Any("drop") switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.String } value when value.GetString() == "reset" => true,
        { ValueKind: JsonValueKind.String } value when value.GetString() == "close" => false,
        _ => throw ScriptException.At(fields.Where, "\"drop\" must be true, \"reset\" or \"close\""),
    };

    private static Step On(Fields fields, string name, Step step) =>
        fields.Flag(name) ? step : throw ScriptException.At(fields.Where, $"\"{name}\" must be true");

    private static string Compact(JsonElement value)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Wire.Json.Options)) value.WriteTo(writer);
        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }
}
