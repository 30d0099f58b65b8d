using Gateway.Config;
using Gateway.Tools;

namespace Gateway.Agent.Models;

/// <summary>Speaks one provider wire format. Stateless; any number of calls may run at once.</summary>
internal interface IModelClient
{
    /// <summary>Sends one request and feeds the answer to <paramref name="reply"/> as it arrives.</summary>
    /// <exception cref="ModelException">The call failed; what had arrived by then stays in <paramref name="reply"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled; the connection is closed.</exception>
    Task StreamAsync(ModelRequest request, ReplyAssembler reply, CancellationToken cancellationToken);
}

/// <summary>One request to a model. The same values always become the same bytes, so that providers can reuse cached prefixes.</summary>
/// <param name="Endpoint">The model and where it is.</param>
/// <param name="SystemPrompt">Instructions; "" sends none.</param>
/// <param name="Messages">The whole conversation, oldest first, as stored; repaired on the way out.</param>
/// <param name="Tools">Tools on offer.</param>
/// <param name="Settings">Model options.</param>
internal sealed record ModelRequest(
    ModelEndpoint Endpoint,
    string SystemPrompt,
    IReadOnlyList<ConversationMessage> Messages,
    IReadOnlyList<ITool> Tools,
    AgentSettings Settings)
{
    /// <summary>Least output cap in tokens for this call; null keeps the endpoint's usual one.</summary>
    public int? OutputCap { get; init; }

    /// <summary>Most output tokens for this call, below everything else; null for no such limit.</summary>
    public int? OutputCeiling { get; init; }

    /// <summary>A question beside the conversation, such as for a summary: sent without the conversation's reasoning options, whose tokens
    /// would eat up a short answer.</summary>
    public bool IsAside { get; init; }

    /// <summary>How freely the model words its answer; null leaves it to the provider. Not sent to models that take none.</summary>
    public double? Temperature { get; init; }

    /// <summary>Members that configuration puts into the body, over those that are there; null, or no map, for none.</summary>
    public ConfigNode? ExtraBody { get; init; }

    /// <summary>The model must answer in text (the closing summary of a turn without budget).</summary>
    public bool ToolsForbidden { get; init; }

    /// <summary>Reasoning that came without words behind the messages, for the model to go on from; not part of the conversation. Sent where
    /// the format can carry reasoning by itself, which only that of Responses can.</summary>
    public IReadOnlyList<ConversationMessage> Thoughts { get; init; } = [];

    /// <summary>Whether the conversation can be shortened, should it turn out to be too large.</summary>
    public bool CanShrink { get; init; }

    /// <summary>Stored key of the session, by which providers find its cached prompt again; null for questions beside a conversation.</summary>
    public string? SessionKey { get; init; }

    /// <summary>Leaves signed reasoning blocks out, after the provider has refused one.</summary>
    public bool OmitReasoningDetails { get; init; }
}
