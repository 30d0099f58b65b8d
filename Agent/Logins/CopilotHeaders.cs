namespace Gateway.Agent.Logins;

/// <summary>What GitHub Copilot wants to know about the program that asks; it serves editors only.</summary>
internal static class CopilotHeaders
{
    /// <summary>The editor it is taken for.</summary>
    public const string Editor = "vscode/1.104.1";

    /// <summary>Name of this program.</summary>
    public const string Agent = "tui-gateway";

    /// <summary>Adds the headers of a request to a model.</summary>
    public static void Add(HttpRequestMessage message)
    {
        message.Headers.TryAddWithoutValidation("Editor-Version", Editor);
        message.Headers.TryAddWithoutValidation("Copilot-Integration-Id", "vscode-chat");
        message.Headers.TryAddWithoutValidation("Openai-Intent", "conversation-edits");
        message.Headers.TryAddWithoutValidation("x-initiator", "agent");
    }
}
