namespace Gateway.Agent.Compression;

/// <summary>Which messages of a conversation stay as they are: the beginning, which says what it is about, and the newest part,
/// which is still being worked on (AGENT.md section 7, step 2). What lies between is summarised.</summary>
/// <param name="Head">How many messages stay at the beginning.</param>
/// <param name="Tail">Where the part begins that stays at the end.</param>
internal readonly record struct CompressionPlan(int Head, int Tail)
{
    /// <summary>Fewer messages than this are not worth a summary.</summary>
    public const int LeastMessages = 8;

    private const int HeadMessages = 3;
    private const int LeastTail = 3;
    private const int MessageOverhead = 10;
    private const int CharactersPerToken = 4;
    private const int ImageTokens = 1600;
    private const double Stretch = 1.5;

    /// <summary>Plans the compression of a conversation.</summary>
    /// <param name="messages">The conversation, without the system prompt.</param>
    /// <param name="tailTokens">How many tokens the newest part may have; a message that overlaps the limit is kept whole within half as much again.</param>
    /// <returns>Null when nothing lies between beginning and end.</returns>
    public static CompressionPlan? For(IReadOnlyList<ConversationMessage> messages, long tailTokens)
    {
        if (messages.Count < LeastMessages) return null;
        int head = HeadMessages;
        while (head < messages.Count && messages[head].Role == Role.Tool) head++;

        int tail = messages.Count;
        long spent = 0;
        while (tail > head)
        {
            spent += Tokens(messages[tail - 1]);
            bool enough = messages.Count - tail >= LeastTail;
            if (enough && (spent > tailTokens * Stretch || spent - Tokens(messages[tail - 1]) >= tailTokens)) break;
            tail--;
        }

        int question = LastUser(messages);
        if (question >= head) tail = Math.Min(tail, question);

        // A result never stands without the call that it answers.
        while (tail > 0 && tail < messages.Count && messages[tail].Role == Role.Tool) tail--;
        return tail > head ? new CompressionPlan(head, tail) : null;
    }

    /// <summary>About how many tokens a message costs.</summary>
    public static long Tokens(ConversationMessage message) =>
        ((message.Content?.Length ?? 0) + message.ToolCalls.Sum(call => (long)call.ArgumentsJson.Length)) / CharactersPerToken + MessageOverhead
        + (message.ImageUrls?.Count ?? 0) * (long)ImageTokens;

    private static int LastUser(IReadOnlyList<ConversationMessage> messages)
    {
        for (int i = messages.Count - 1; i >= 0; i--)
            if (messages[i].Role == Role.User) return i;
        return -1;
    }
}
