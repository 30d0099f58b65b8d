namespace Gateway.Cli.Doctor;

/// <summary>One thing that <c>tui-gateway doctor</c> looks at.</summary>
internal interface IDoctorCheck
{
    /// <summary>What is looked at, in a word or two.</summary>
    string Name { get; }

    /// <summary>Looks, and changes nothing. Never throws for what is on the disk.</summary>
    DoctorFinding Run();
}

/// <summary>What a check found.</summary>
/// <param name="Facts">What is so, in one line; "" for nothing to say.</param>
/// <param name="Problems">What is wrong, one sentence each, with what to do; empty when all is well.</param>
internal sealed record DoctorFinding(string Facts, IReadOnlyList<string> Problems);
