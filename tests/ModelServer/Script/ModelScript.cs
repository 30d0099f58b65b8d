using System.Text.Json;

namespace ModelServer.Script;

/// <summary>What the server answers, read from a file (README.md describes the format).</summary>
public sealed class ModelScript
{
    private ModelScript(IReadOnlyList<string> models, IReadOnlyList<Reply> replies, Reply? fallback)
    {
        Models = models;
        Replies = replies;
        Fallback = fallback;
    }

    internal IReadOnlyList<string> Models { get; }

    internal IReadOnlyList<Reply> Replies { get; }

    internal Reply? Fallback { get; }

    /// <summary>Reads a script from its text.</summary>
    /// <exception cref="ScriptException">It is not a script.</exception>
    public static ModelScript Parse(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(
                json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return Read(new Fields(document.RootElement, "script"));
        }
        catch (Exception problem) when (problem is JsonException or FormatException)
        {
            throw new ScriptException("script: " + problem.Message);
        }
    }

    /// <summary>Reads a script file.</summary>
    public static ModelScript Load(string path) => Parse(File.ReadAllText(path));

    /// <summary>Reads one of the scripts that come with the server, such as <c>text</c> or <c>text.json</c>.</summary>
    public static ModelScript Named(string name) => Load(PathOf(name));

    /// <summary>Where a script that comes with the server lies.</summary>
    public static string PathOf(string name) =>
        Path.Combine(AppContext.BaseDirectory, "scripts", Path.ChangeExtension(name, ".json"));

    private static ModelScript Read(Fields fields)
    {
        IReadOnlyList<string> models = fields.Texts("models");
        fields.Text("about"); // For readers of the file.
        List<Reply> replies = [];
        foreach ((JsonElement item, string where) in fields.List("replies")) replies.Add(ReadReply(new Fields(item, where)));
        Reply? fallback = fields.Any("fallback") is { } value ? ReadReply(new Fields(value, "script.fallback")) : null;
        fields.Finish();
        return new ModelScript(models.Count > 0 ? models : ["scripted-model"], replies, fallback);
    }

    private static Reply ReadReply(Fields fields)
    {
        bool conditional = fields.Has("when");
        Conditions when = fields.Any("when") is { } value ? ReadConditions(new Fields(value, fields.Where + ".when")) : new Conditions();
        // A plain list is played from top to bottom; a reply with conditions stands for as long as they hold.
        int times = fields.Number("times") ?? (conditional ? int.MaxValue : 1);
        fields.Text("about");
        fields.Required("steps");
        IReadOnlyList<Step> steps = StepReader.ReadAll(fields, "steps");
        var reply = new Reply(when, times, fields.Number("bytes_per_write") ?? 0, steps);
        fields.Finish();
        if (steps.Skip(1).Any(step => step is StatusStep) && !steps.TakeWhile(step => step is not StatusStep).All(IsQuiet))
            throw ScriptException.At(fields.Where, "\"status\" is an answer of its own; nothing may be sent before it");
        return reply;
    }

    private static bool IsQuiet(Step step) => step is DelayStep or GateStep or UsageStep or FinishStep;

    private static Conditions ReadConditions(Fields fields)
    {
        var conditions = new Conditions
        {
            LastUserContains = fields.Texts("last_user_contains"),
            ToolResultContains = fields.Texts("tool_result_contains"),
            LastRole = fields.Text("last_role"),
            Model = fields.Text("model"),
            HasTool = fields.Text("has_tool"),
            Image = fields.Text("image"),
            Api = fields.Text("api"),
            Call = fields.Number("call"),
        };
        fields.Finish();
        return conditions;
    }
}
