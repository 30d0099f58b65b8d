namespace Gateway.Mcp;

/// <summary>What servers may bring along.</summary>
internal static class McpLimits
{
    /// <summary>Most tools of one server.</summary>
    public const int Tools = 256;

    private const int LongestDescription = 8000;

    /// <summary>A description, cut to a length that a prompt can bear.</summary>
    public static string Description(string text)
    {
        if (text.Length <= LongestDescription) return text;
        return text[..(char.IsHighSurrogate(text[LongestDescription - 1]) ? LongestDescription - 1 : LongestDescription)];
    }
}
