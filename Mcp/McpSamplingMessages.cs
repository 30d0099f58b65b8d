using System.Text;
using Gateway.Tools;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

// The newest revision of the protocol gives sampling up; servers of the ones before go on using it.
#pragma warning disable MCP9005

namespace Gateway.Mcp;

/// <summary>Reads the conversation of a server's request to the model (sampling).</summary>
internal static class McpSamplingMessages
{
    /// <summary>The messages as they are put to the model, and how many rounds of tools there were since the user said something.</summary>
    /// <exception cref="McpProtocolException">They make no conversation.</exception>
    public static (IReadOnlyList<AuxiliaryMessage> Messages, int ToolRounds) Read(IList<SamplingMessage> messages)
    {
        if (messages.Count == 0) throw Invalid("messages are empty");
        var read = new List<AuxiliaryMessage>();
        var open = new HashSet<string>(StringComparer.Ordinal);
        int rounds = 0;
        foreach (var message in messages)
        {
            if (open.Count > 0 && !message.Content.Any(block => block is ToolResultContentBlock)) throw Invalid($"the call {open.First()} has no result");
            if (message.Role == Role.Assistant)
            {
                read.Add(OfModel(message));
                foreach (var call in read[^1].Calls ?? []) open.Add(call.Id);
                if (read[^1].Calls is not null) rounds++;
            }
            else if (message.Content.Any(block => block is ToolResultContentBlock))
            {
                read.AddRange(message.Content.Select(block => Result(block, open)));
                if (open.Count > 0) throw Invalid($"the call {open.First()} has no result");
            }
            else
            {
                read.Add(OfUser(message));
                rounds = 0;
            }
        }

        if (open.Count > 0) throw Invalid($"the call {open.First()} has no result");
        return (read, rounds);
    }

    private static AuxiliaryMessage OfModel(SamplingMessage message)
    {
        AuxiliaryCall[] calls = [.. message.Content.OfType<ToolUseContentBlock>().Select(call => new AuxiliaryCall(call.Id, call.Name, call.Input.GetRawText()))];
        return new AuxiliaryMessage(true, string.Join('\n', message.Content.Where(block => block is not ToolUseContentBlock).Select(Text))) { Calls = calls.Length == 0 ? null : calls };
    }

    private static AuxiliaryMessage OfUser(SamplingMessage message)
    {
        string[] images =
        [
            .. message.Content.OfType<ImageContentBlock>().Where(image => image.MimeType.StartsWith("image/", StringComparison.Ordinal))
                .Select(image => $"data:{image.MimeType};base64,{Encoding.ASCII.GetString(image.Data.Span)}"),
        ];
        string text = string.Join('\n', message.Content.Where(block => block is not ImageContentBlock image || !image.MimeType.StartsWith("image/", StringComparison.Ordinal)).Select(Text));
        return new AuxiliaryMessage(false, text, images.Length == 0 ? null : images);
    }

    // Providers take results in words only; what else a tool gave is named.
    private static AuxiliaryMessage Result(ContentBlock block, HashSet<string> open)
    {
        if (block is not ToolResultContentBlock result) throw Invalid("a message with results of tools has something else in it");
        if (!open.Remove(result.ToolUseId)) throw Invalid($"there is a result for {result.ToolUseId}, which is no open call");
        string text = McpResults.Text(result.Content);
        if (text.Length == 0 && result.StructuredContent is { } structured) text = structured.GetRawText();
        return new AuxiliaryMessage(false, result.IsError == true ? $"Error: {text}" : text) { ResultOf = result.ToolUseId };
    }

    private static string Text(ContentBlock block) => block is TextContentBlock text
        ? text.Text
        : throw Invalid($"content of type {block.Type} cannot be put to the model; only text, and images of the user, can");

    private static McpProtocolException Invalid(string what) => new(what, McpErrorCode.InvalidParams);
}
