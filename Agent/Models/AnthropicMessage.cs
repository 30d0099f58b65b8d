using System.Text;

namespace Gateway.Agent.Models;

/// <summary>A piece of an Anthropic message: text, an image, a call, or a call's result.</summary>
/// <param name="Text">Text of a text part or a result.</param>
/// <param name="Call">The call; null for other parts.</param>
/// <param name="ToolCallId">The call a result belongs to; null for other parts.</param>
internal sealed record AnthropicPart(string Text, StoredToolCall? Call = null, string? ToolCallId = null)
{
    /// <summary>The image, as a data: or https: URL; null for other parts.</summary>
    public string? ImageUrl { get; init; }
}

/// <summary>A message in Anthropic's form: user and assistant alternate, tool results are the user's.</summary>
internal sealed class AnthropicMessage(string role)
{
    /// <summary>user or assistant.</summary>
    public string Role => role;

    /// <summary>Its parts; never empty.</summary>
    public List<AnthropicPart> Parts { get; } = [];

    /// <summary>Signed reasoning of the newest stored message in it.</summary>
    public string? ReasoningDetailsJson { get; private set; }

    /// <summary>Converts a repaired history, merging neighbours of one role.</summary>
    public static List<AnthropicMessage> From(IReadOnlyList<ConversationMessage> history)
    {
        var messages = new List<AnthropicMessage>(history.Count);
        foreach (var message in history)
        {
            var role = message.Role == Agent.Role.Assistant ? "assistant" : "user";
            if (messages.Count == 0 || messages[^1].Role != role)
            {
                messages.Add(new AnthropicMessage(role));
            }

            messages[^1].Add(message);
        }

        return messages;
    }

    /// <summary>An id in the alphabet the service accepts; ids of other providers can have more.</summary>
    public static string ToolId(string id)
    {
        if (id.Length != 0 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
        {
            return id;
        }

        var clean = new StringBuilder("call_");
        foreach (var c in id)
        {
            clean.Append(char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '_');
        }

        return clean.ToString();
    }

    private void Add(ConversationMessage message)
    {
        var text = message.Content ?? "";
        if (message.Role == Agent.Role.Tool)
        {
            Parts.Add(new AnthropicPart(text.Length == 0 ? "(no output)" : text, ToolCallId: message.ToolCallId));
            return;
        }

        ReasoningDetailsJson = message.ReasoningDetailsJson ?? ReasoningDetailsJson;
        if (text.Length != 0)
        {
            Parts.Add(new AnthropicPart(text));
        }
        else if (message.ToolCalls.Count == 0 && message.ImageUrls is not { Count: > 0 })
        {
            Parts.Add(new AnthropicPart(role == "user" ? "(empty message)" : "(empty)"));
        }

        foreach (var image in message.ImageUrls ?? [])
        {
            Parts.Add(new AnthropicPart("") { ImageUrl = image });
        }

        foreach (var call in message.ToolCalls)
        {
            Parts.Add(new AnthropicPart("", call));
        }
    }
}
