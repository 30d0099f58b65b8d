using System.Globalization;
using Gateway.Tools;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

// The newest revision of the protocol gives sampling up; servers of the ones before go on using it.
#pragma warning disable MCP9005

namespace Gateway.Mcp;

/// <summary>How often a server used the model.</summary>
/// <param name="Requests">Requests that were answered.</param>
/// <param name="Errors">Requests that were refused or failed.</param>
/// <param name="Tokens">Tokens spent.</param>
internal sealed record McpSamplingCounts(int Requests, int Errors, long Tokens);

/// <summary>Answers a server that wants something of the model (sampling/createMessage). It costs the user's money, so it is counted, limited
/// and noted. Lives as long as the server is configured: a server that comes back starts with no fresh minute.</summary>
/// <param name="server">Name of the server.</param>
/// <param name="options">What it may.</param>
/// <param name="model">The model.</param>
/// <param name="log">Where it is noted.</param>
/// <param name="time">The clock.</param>
internal sealed class McpSampling(string server, McpSamplingOptions options, IAuxiliaryModel model, McpErrorLog log, TimeProvider time)
{
    // The protocol's code for a request that the user's side does not allow.
    private const McpErrorCode Rejected = (McpErrorCode)(-1);
    private static TimeSpan Minute => TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Queue<long> _taken = new();
    private int _requests;
    private int _errors;
    private long _tokens;

    /// <summary>What has been asked so far.</summary>
    public McpSamplingCounts Counts
    {
        get
        {
            lock (_gate) return new McpSamplingCounts(_requests, _errors, _tokens);
        }
    }

    /// <summary>Whether the server may give the model tools of its own.</summary>
    public bool OffersTools => options.MostToolRounds > 0;

    /// <summary>Answers one request.</summary>
    /// <exception cref="McpProtocolException">It is refused, or the model failed; the message is for the people behind the server.</exception>
    public async ValueTask<CreateMessageResult> AnswerAsync(CreateMessageRequestParams request, CancellationToken cancellationToken)
    {
        try
        {
            if (!TakeTurn()) throw new McpProtocolException($"MCP server '{server}' may ask the model {options.MostPerMinute} times a minute (sampling.max_rpm); wait and try again", Rejected);
            var answer = await AskAsync(Question(request), cancellationToken);
            lock (_gate)
            {
                _requests++;
                _tokens += answer.Tokens;
            }

            if (options.LogLevel is "debug" or "info") Note($"asked {answer.Model}: {request.Messages.Count} messages, {answer.Tokens} tokens");
            return Result(answer, request.StopSequences ?? []);
        }
        catch (McpProtocolException exception)
        {
            lock (_gate) _errors++;
            Note($"refused: {exception.Message}");
            throw;
        }
    }

    private async Task<AuxiliaryAnswer> AskAsync(AuxiliaryRequest question, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            var answer = await model.AskAsync(question, either.Token);
            return answer.Text is null && answer.Calls.Count == 0 ? throw new McpProtocolException($"the model could not be asked: {answer.Problem}", McpErrorCode.InternalError) : answer;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new McpProtocolException(
                string.Create(CultureInfo.InvariantCulture, $"the model did not answer within {options.Timeout.TotalSeconds:0.#} s (sampling.timeout)"), McpErrorCode.InternalError);
        }
    }

    private AuxiliaryRequest Question(CreateMessageRequestParams request)
    {
        var tools = McpSampledTool.Read(request);
        if (tools.Count > 0 && !OffersTools) throw new McpProtocolException($"MCP server '{server}' may not offer the model tools (sampling.max_tool_rounds is 0)", McpErrorCode.InvalidParams);
        var (messages, rounds) = McpSamplingMessages.Read(request.Messages);
        bool spent = tools.Count > 0 && rounds >= options.MostToolRounds;
        if (spent) Note($"the model has to answer in words after {rounds} rounds of tools (sampling.max_tool_rounds)");
        return new AuxiliaryRequest("mcp", request.SystemPrompt ?? "", "")
        {
            Messages = messages,
            Tools = tools,
            ToolsForbidden = spent || request.ToolChoice?.Mode == "none",
            Model = Model(request.ModelPreferences?.Hints ?? []),
            MaxTokens = request.MaxTokens > 0 ? Math.Min(request.MaxTokens, options.MostTokens) : options.MostTokens,
            Temperature = request.Temperature,
            TimeoutSeconds = (int)Math.Ceiling(options.Timeout.TotalSeconds),
        };
    }

    // A hint is part of a model's name by the protocol; which models may be had for it is the user's decision.
    private string? Model(IList<ModelHint> hints)
    {
        if (options.Model is not null) return options.Model;
        string[] names = [.. hints.Select(hint => hint.Name).OfType<string>().Where(name => name.Length > 0)];
        if (options.AllowedModels.Count == 0 || names.Length == 0) return null;
        return names.Select(name => options.AllowedModels.FirstOrDefault(allowed => allowed.Contains(name, StringComparison.OrdinalIgnoreCase))).FirstOrDefault(found => found is not null)
            ?? throw new McpProtocolException(
                $"model {string.Join(", ", names)} is not allowed for MCP server '{server}'; sampling.allowed_models has {string.Join(", ", options.AllowedModels)}", Rejected);
    }

    private static CreateMessageResult Result(AuxiliaryAnswer answer, IList<string> stops)
    {
        string text = answer.Text ?? "";
        int end = stops.Where(stop => stop.Length > 0).Select(stop => text.IndexOf(stop, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(-1).Min();
        if (end >= 0) text = text[..end];
        ContentBlock[] calls = end >= 0 ? [] : [.. answer.Calls.Select(McpSampledTool.Call)];
        return new CreateMessageResult
        {
            Content = text.Length > 0 || calls.Length == 0 ? [new TextContentBlock { Text = text }, .. calls] : calls,
            Model = answer.Model,
            Role = Role.Assistant,
            StopReason = end >= 0 ? "stopSequence" : calls.Length > 0 ? "toolUse" : answer.CutOff ? "maxTokens" : "endTurn",
        };
    }

    private bool TakeTurn()
    {
        lock (_gate)
        {
            while (_taken.TryPeek(out long oldest) && time.GetElapsedTime(oldest) >= Minute) _taken.Dequeue();
            if (_taken.Count >= options.MostPerMinute) return false;
            _taken.Enqueue(time.GetTimestamp());
            return true;
        }
    }

    private void Note(string text) => log.Write(server, $"[tui-gateway] sampling for '{server}': {text}\n");
}
