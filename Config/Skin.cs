namespace Gateway.Config;

/// <summary>A theme as clients get it with gateway.ready and skin.changed (WIRE.md 24).</summary>
/// <param name="Name">Skin name.</param>
/// <param name="Description">One line for lists.</param>
/// <param name="Colors">Colour key to #RRGGBB, in a stable order.</param>
/// <param name="Branding">agent_name, welcome, goodbye, response_label, prompt_symbol, help_header.</param>
internal sealed record Skin(string Name, string Description, IReadOnlyDictionary<string, string> Colors, IReadOnlyDictionary<string, string> Branding)
{
    /// <summary>Faces shown while waiting for the model; may be empty.</summary>
    public IReadOnlyList<string> SpinnerWaitingFaces { get; init; } = [];

    /// <summary>Faces for status captions; never empty in a resolved skin.</summary>
    public IReadOnlyList<string> ThinkingFaces { get; init; } = [];

    /// <summary>Verbs for status captions; never empty in a resolved skin.</summary>
    public IReadOnlyList<string> ThinkingVerbs { get; init; } = [];

    /// <summary>Decorations to the left and right of the spinner.</summary>
    public IReadOnlyList<(string Left, string Right)> Wings { get; init; } = [];

    /// <summary>The mark in front of tool lines.</summary>
    public string ToolPrefix { get; init; } = "┊";

    /// <summary>Logo art; "" when there is none.</summary>
    public string BannerLogo { get; init; } = "";

    /// <summary>Hero art; "" when there is none.</summary>
    public string BannerHero { get; init; } = "";

    /// <summary>The headline of the help panel.</summary>
    public string HelpHeader => Branding.GetValueOrDefault("help_header", "");
}
