namespace Gateway.Agent.Models;

/// <summary>The two ids of a Responses call. Some programs store them as one text, <c>call_id|response_item_id</c>.</summary>
internal static class ResponsesToolId
{
    /// <summary>Takes such a text apart; an ordinary id comes back as it is, without an item.</summary>
    public static (string CallId, string? ItemId) Split(string id)
    {
        var bar = id.IndexOf("|fc_", StringComparison.Ordinal);
        return bar > 0 ? (id[..bar], id[(bar + 1)..]) : (id, null);
    }
}
