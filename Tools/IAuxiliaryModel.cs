namespace Gateway.Tools;

/// <summary>One question to a model beside the conversation.</summary>
/// <param name="Task">Name in the section auxiliary of config.yaml, such as <c>vision</c>; an unconfigured task uses the main model.</param>
/// <param name="Instructions">System prompt.</param>
/// <param name="Text">The user message.</param>
internal sealed record AuxiliaryRequest(string Task, string Instructions, string Text)
{
    /// <summary>What was said, in place of <see cref="Text"/>; null for that one message.</summary>
    public IReadOnlyList<AuxiliaryMessage>? Messages { get; init; }

    /// <summary>Name of the model to ask, in place of the configured one; null for that.</summary>
    public string? Model { get; init; }

    /// <summary>Tools that the model may call. Nothing calls them: the calls are part of the answer, and whoever asks carries them out.</summary>
    public IReadOnlyList<ITool> Tools { get; init; } = [];

    /// <summary>The model must answer in text, although there are tools.</summary>
    public bool ToolsForbidden { get; init; }

    /// <summary>An image for the model as a data: or https: URL; null for none.</summary>
    public string? ImageUrl { get; init; }

    /// <summary>Longest answer in tokens; null leaves it to the provider.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>How freely the model words its answer, unless configuration says otherwise; null leaves it to the provider. Models that
    /// take none are not sent any.</summary>
    public double? Temperature { get; init; }

    /// <summary>Seconds until it is given up when configuration names none.</summary>
    public int TimeoutSeconds { get; init; } = 120;
}

/// <summary>One message of a conversation that is put to a model.</summary>
/// <param name="FromModel">Whether a model said it, not the user.</param>
/// <param name="Text">The text.</param>
/// <param name="ImageUrls">Images beside it as data: URLs; null for none.</param>
internal sealed record AuxiliaryMessage(bool FromModel, string Text, IReadOnlyList<string>? ImageUrls = null)
{
    /// <summary>Calls that the model made with it; null for none.</summary>
    public IReadOnlyList<AuxiliaryCall>? Calls { get; init; }

    /// <summary>Id of the call that it is the result of; null: the user said it.</summary>
    public string? ResultOf { get; init; }
}

/// <summary>A call of a tool by a model that was asked beside the conversation.</summary>
/// <param name="Id">What its result refers to.</param>
/// <param name="Name">Name of the tool, as the model wrote it.</param>
/// <param name="Arguments">Arguments, as the model wrote them; not necessarily JSON.</param>
internal sealed record AuxiliaryCall(string Id, string Name, string Arguments);

/// <summary>What a model answered.</summary>
/// <param name="Text">The answer, trimmed; null when there is none.</param>
/// <param name="Problem">Why there is none, for people; null when there is one.</param>
internal sealed record AuxiliaryAnswer(string? Text, string? Problem)
{
    /// <summary>Whether there is none because the question has too many bytes for the provider.</summary>
    public bool RefusesSize { get; init; }

    /// <summary>Calls of the tools that it was offered; empty for none. With calls there need not be a text.</summary>
    public IReadOnlyList<AuxiliaryCall> Calls { get; init; } = [];

    /// <summary>The model that answered; "" when none did.</summary>
    public string Model { get; init; } = "";

    /// <summary>Tokens spent on the answer.</summary>
    public long Tokens { get; init; }

    /// <summary>Whether the answer ended at the limit of its length.</summary>
    public bool CutOff { get; init; }
}

/// <summary>Models for side tasks of tools: summaries, descriptions of images (CONFIG.md, auxiliary).</summary>
internal interface IAuxiliaryModel
{
    /// <summary>Asks one question.</summary>
    /// <exception cref="OperationCanceledException">The turn was interrupted.</exception>
    Task<AuxiliaryAnswer> AskAsync(AuxiliaryRequest request, CancellationToken cancellationToken);
}
