using System.Diagnostics.CodeAnalysis;

namespace Gateway.Config;

/// <summary>Either a model that can be called or the reason why there is none.</summary>
internal sealed record ModelResolution
{
    private ModelResolution(ModelEndpoint? endpoint, string? problem) => (Endpoint, Problem) = (endpoint, problem);

    /// <summary>The model; null when there is a problem.</summary>
    public ModelEndpoint? Endpoint { get; }

    /// <summary>What is missing and what to do about it, for the user; null when there is a model.</summary>
    public string? Problem { get; }

    /// <summary>True when <see cref="Endpoint"/> is there.</summary>
    [MemberNotNullWhen(true, nameof(Endpoint))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool IsResolved => Endpoint is not null;

    /// <summary>A model that can be called.</summary>
    public static ModelResolution Of(ModelEndpoint endpoint) => new(endpoint, null);

    /// <summary>No model, and why.</summary>
    public static ModelResolution Failed(string problem) => new(null, problem);
}
