using Gateway.Processes;

namespace Gateway.Tools.Sandbox;

/// <summary>Something that can confine a command.</summary>
internal interface ISandboxMechanism
{
    /// <summary>The start of a command, confined.</summary>
    /// <param name="start">How it would start unconfined.</param>
    /// <param name="plan">What it may do.</param>
    /// <exception cref="ChildStartException">This cannot be confined.</exception>
    ChildStart Confine(ChildStart start, SandboxPlan plan);
}
