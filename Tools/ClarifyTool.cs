using System.Text.Json;

namespace Gateway.Tools;

/// <summary>Asks the user (AGENT.md section 11).</summary>
internal sealed class ClarifyTool : ITool
{
    private const int MostChoices = 4;

    /// <inheritdoc/>
    public string Name => "clarify";

    /// <inheritdoc/>
    public string Toolset => "clarify";

    /// <inheritdoc/>
    public string Description =>
        """
        Asks the user a question and waits for the answer. Use it when the task can be understood in ways that lead to different work, or when a decision is the user's to make; not for what you can find out yourself, and not for leave to run commands.
        Give up to four choices where you can; the user may always answer freely.
        """;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ParametersSchema { get; } =
        """
        {"type":"object","properties":{"question":{"type":"string","description":"The question."},"choices":{"type":"array","items":{"type":"string"},"maxItems":4,"description":"Answers to choose from; leave out for an open question."}},"required":["question"]}
        """u8.ToArray();

    /// <inheritdoc/>
    public async Task<ToolResult> RunAsync(ToolCall call, ToolContext context, CancellationToken cancellationToken)
    {
        if (context.Questions is null) return ToolJson.Error("Clarify tool is not available in this execution context.");
        if (ToolJson.Text(call.Arguments, "question")?.Trim() is not { Length: > 0 } question) return ToolJson.Error("question must be a text that is not empty.");
        string[]? choices = call.Arguments.TryGetProperty("choices", out var list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select(item => ArgumentText.OrNull(item)?.Trim()).Where(text => !string.IsNullOrEmpty(text)).Take(MostChoices).OfType<string>()]
            : null;
        if (choices is { Length: 0 }) choices = null;
        string answer;
        try
        {
            answer = await context.Questions.ClarifyAsync(question, choices, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // An interrupt withdraws the question, which is no answer.
            answer = "";
        }

        return new ToolResult(
            ToolJson.Object(json =>
            {
                json.WriteString("question", question);
                if (choices is null) json.WriteNull("choices_offered");
                else ToolJson.Strings(json, "choices_offered", choices);
                json.WriteString("user_response", answer.Trim());
            }),
            null,
            answer.Trim().Length == 0 ? "no answer" : "answered");
    }
}
