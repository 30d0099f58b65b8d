namespace Gateway.Tools.Web;

/// <summary>Searches the web (AGENT.md section 11).</summary>
internal sealed class WebSearchTool(WebBackend backend, WebHttp http) : ITool
{
    /// <inheritdoc/>
    public string Name => "web_search";

    /// <inheritdoc/>
    public string Toolset => "web";

    /// <inheritdoc/>
    public string Description => "Searches the web and lists what was found: title, address, a few words of each. Read the pages that matter with web_extract. Use it for what may have changed since you learned it, and name your sources.";

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ParametersSchema { get; } =
        """
        {"type":"object","properties":{"query":{"type":"string","description":"What to search for."},"limit":{"type":"integer","minimum":1,"maximum":100,"description":"Most hits. Default 5."}},"required":["query"]}
        """u8.ToArray();

    /// <inheritdoc/>
    public async Task<ToolResult> RunAsync(ToolCall call, ToolContext context, CancellationToken cancellationToken)
    {
        string query = ToolJson.Text(call.Arguments, "query")?.Trim() ?? "";
        if (query.Length == 0) return ToolJson.Failure("query must say what to search for.");
        int limit = Math.Clamp(ToolJson.Number(call.Arguments, "limit") ?? 5, 1, 100);
        try
        {
            var hits = await backend.SearchAsync(http, query, limit, cancellationToken);
            return new ToolResult(
                ToolJson.Object(
                    json =>
                    {
                        json.WriteBoolean("success", true);
                        json.WriteStartObject("data");
                        json.WriteStartArray("web");
                        for (int i = 0; i < hits.Count; i++)
                        {
                            json.WriteStartObject();
                            json.WriteString("title", hits[i].Title);
                            json.WriteString("url", hits[i].Url);
                            json.WriteString("description", hits[i].Description);
                            json.WriteNumber("position", i + 1);
                            json.WriteEndObject();
                        }

                        json.WriteEndArray();
                        json.WriteEndObject();
                    },
                    indented: true),
                Summary: hits.Count == 1 ? "1 hit" : $"{hits.Count} hits");
        }
        catch (WebException exception)
        {
            return ToolJson.Failure($"The search failed: {exception.Message}");
        }
    }
}
