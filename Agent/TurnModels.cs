using Gateway.Agent.Models;
using Gateway.Config;

namespace Gateway.Agent;

/// <summary>The model of a turn, and those that take over when it fails (AGENT.md 5.2). The first one is tried again at the next turn,
/// unless it refused for too many requests less than a minute ago.</summary>
internal sealed class TurnModels(TurnRequest request, Func<ModelEndpoint, ModelCaller> callers, ModelCooldowns cooldowns, IAgentEvents events)
{
    private ModelCaller _caller = callers(request.Endpoint);
    private int _next;

    /// <summary>The model that is asked now.</summary>
    public ModelEndpoint Endpoint { get; private set; } = request.Endpoint;

    /// <summary>Whether another model is left.</summary>
    public bool HasFallback => _next < request.Fallbacks.Count;

    /// <summary>Chooses the model that the turn begins with.</summary>
    public void Begin()
    {
        if (cooldowns.Rests(Endpoint)) FallBack("rate limited a moment ago");
    }

    /// <summary>Asks it.</summary>
    public Task<CallOutcome> CallAsync(ModelRequest model, Func<ReplyAssembler> newReply, CancellationToken cancellationToken) =>
        _caller.CallAsync(model with { Endpoint = Endpoint, SessionKey = request.ToolContext.SessionKey }, newReply, HasFallback, cancellationToken);

    /// <summary>Goes over to the next model after a failure.</summary>
    /// <returns><see langword="false"/> when none is left, or none may do better.</returns>
    public bool FallBack(ModelError error)
    {
        if (error.Kind == ModelErrorKind.RateLimit) cooldowns.Refused(Endpoint);
        return MayDoBetter(error) && FallBack(error.Summary);
    }

    /// <summary>Goes over to the next model.</summary>
    /// <param name="why">What the present one did, for the user.</param>
    /// <returns><see langword="false"/> when none is left.</returns>
    public bool FallBack(string why)
    {
        if (!HasFallback) return false;
        var next = request.Fallbacks[_next++];
        events.Status("lifecycle", $"🔄 {Endpoint.Model} failed ({why}), going on with {next.Model} of {next.Provider}");
        Endpoint = next;
        _caller = callers(next);
        return true;
    }

    /// <summary>Goes over to the next model that takes more tokens than the present one, for a conversation that this one cannot take.</summary>
    /// <returns><see langword="false"/> when none is left that does.</returns>
    public bool FallBackToLarger(ModelError error)
    {
        int window = ContextLengths.Of(Endpoint);
        for (int at = _next; at < request.Fallbacks.Count; at++)
        {
            if (ContextLengths.Of(request.Fallbacks[at]) <= window) continue;
            _next = at;
            return FallBack(error.Summary);
        }

        return false;
    }

    /// <summary>Takes note that the model takes fewer tokens than it was thought to.</summary>
    public void Limit(int window) => Endpoint = Endpoint with { ContextLength = window };

    /// <summary>Whether another model may do better after this failure.</summary>
    public static bool MayDoBetter(ModelError error) => !error.IsTooLarge && error.Kind is not (ModelErrorKind.Oversized or ModelErrorKind.PolicyBlocked);
}
