using ModelServer.Requests;

namespace ModelServer.Script;

/// <summary>Picks the reply for a request: the first whose conditions hold and that is not used up, else the fallback.</summary>
internal sealed class ReplyChooser(ModelScript script)
{
    private readonly Lock _lock = new();
    private readonly int[] _used = new int[script.Replies.Count];

    /// <summary>Null when the script has nothing to say to this.</summary>
    public Reply? Choose(ModelRequest request)
    {
        lock (_lock)
        {
            for (int i = 0; i < _used.Length; i++)
            {
                Reply reply = script.Replies[i];
                if (_used[i] >= reply.Times || !Fits(reply.When, request)) continue;
                _used[i]++;
                return reply;
            }
        }
        return script.Fallback;
    }

    private static bool Fits(Conditions when, ModelRequest request) =>
        Contains(request.LastUserText, when.LastUserContains)
        && Contains(request.ToolResult, when.ToolResultContains)
        && (when.LastRole is null || when.LastRole == request.LastRole)
        && (when.Model is null || when.Model == request.Model)
        && (when.HasTool is null || request.ToolNames.Contains(when.HasTool))
        && (when.Image is null || request.LastImages.Contains(when.Image))
        && (when.Api is null || when.Api == NameOf(request.Api))
        && (when.Call is null || when.Call == request.Call);

    private static string NameOf(WireApi api) => api switch
    {
        WireApi.Chat => "chat",
        WireApi.Responses => "responses",
        _ => "messages",
    };

    private static bool Contains(string text, IReadOnlyList<string> anyOf) =>
        anyOf.Count == 0 || anyOf.Any(part => text.Contains(part, StringComparison.OrdinalIgnoreCase));
}
