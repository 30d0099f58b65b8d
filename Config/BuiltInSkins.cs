namespace Gateway.Config;

/// <summary>The nine built-in skins (skins.json). Each is built when it is asked for, because a start shows only one.</summary>
internal static class BuiltInSkins
{
    /// <summary>All names, in listing order.</summary>
    public static IReadOnlyList<string> Names => ["default", "ares", "mono", "slate", "daylight", "warm-lightmode", "poseidon", "sisyphus", "charizard"];

    /// <summary>A built-in skin by its exact name; null when there is none.</summary>
    public static Skin? Find(string name) => name switch
    {
        "default" => Default(),
        "ares" => Ares(),
        "mono" => Mono(),
        "slate" => Slate(),
        "daylight" => Daylight(),
        "warm-lightmode" => WarmLightmode(),
        "poseidon" => Poseidon(),
        "sisyphus" => Sisyphus(),
        "charizard" => Charizard(),
        _ => null,
    };

    /// <summary>The one-line description of a built-in skin; "" for other names.</summary>
    public static string Describe(string name) => name switch
    {
        "default" => "Gold on dark, the house style",
        "ares" => "Crimson and bronze for a fight",
        "mono" => "Greys only, nothing to distract",
        "slate" => "Quiet blues for long coding days",
        "daylight" => "Dark ink and blue for bright terminals",
        "warm-lightmode" => "Browns and gold on light backgrounds",
        "poseidon" => "Deep sea blues with foam",
        "sisyphus" => "Stone greys for the patient",
        "charizard" => "Ember orange with some smoke",
        _ => "",
    };

    /// <summary>The default skin, over which all others are laid.</summary>
    public static Skin Default() => new(
        "default",
        Describe("default"),
        Lay([], [
            ("banner_border", "#CD7F32"), ("banner_title", "#FFD700"), ("banner_accent", "#FFBF00"), ("banner_dim", "#B8860B"),
            ("banner_text", "#FFF8DC"), ("ui_accent", "#FFBF00"), ("ui_label", "#DAA520"), ("ui_ok", "#4caf50"),
            ("ui_error", "#ef5350"), ("ui_warn", "#ffa726"), ("prompt", "#FFF8DC"), ("input_rule", "#CD7F32"),
            ("response_border", "#FFD700"), ("status_bar_bg", "#1a1a2e"), ("session_label", "#DAA520"), ("session_border", "#8B8682"),
        ]),
        Lay([], [
            ("agent_name", "Hermes Agent"),
            ("welcome", "Hermes is listening. Write a message, or /help to see what else you can type."),
            ("goodbye", "Safe travels. ⚕"),
            ("response_label", " ⚕ Hermes "),
            ("prompt_symbol", "❯ "),
            ("help_header", "(^_^)? What you can type"),
        ]))
    {
        SpinnerWaitingFaces = ["(・・)", "(._.)", "(^.^)", "(-.-)"],
        ThinkingFaces = ["(・_・)", "(^_^)", "(o_o)", "(-_-)", "(>_<)", "(・ω・)"],
        ThinkingVerbs = ["thinking it over", "sorting the pieces", "following a thread", "checking the map", "weighing options", "joining the dots", "looking closer", "turning it around"],
    };

    private static Skin Build(string name, ReadOnlySpan<(string, string)> colors, ReadOnlySpan<(string, string)> branding)
    {
        var start = Default();
        return start with { Name = name, Description = Describe(name), Colors = Lay(start.Colors, colors), Branding = Lay(start.Branding, branding) };
    }

    private static OrderedDictionary<string, string> Lay(IEnumerable<KeyValuePair<string, string>> under, ReadOnlySpan<(string Key, string Value)> over)
    {
        var laid = new OrderedDictionary<string, string>(under);
        foreach (var (key, value) in over)
        {
            laid[key] = value;
        }

        return laid;
    }

    private static Skin Ares() => Build(
        "ares",
        [
            ("banner_border", "#9F1C1C"), ("banner_title", "#C7A96B"), ("banner_accent", "#DD4A3A"), ("banner_dim", "#6B1717"),
            ("banner_text", "#F1E6CF"), ("ui_accent", "#DD4A3A"), ("ui_label", "#C7A96B"), ("prompt", "#F1E6CF"),
            ("input_rule", "#9F1C1C"), ("response_border", "#C7A96B"), ("status_bar_bg", "#2A1212"), ("status_bar_text", "#F1E6CF"),
            ("status_bar_strong", "#C7A96B"), ("status_bar_dim", "#6E584B"), ("status_bar_good", "#7BC96F"), ("status_bar_warn", "#C7A96B"),
            ("status_bar_bad", "#DD4A3A"), ("status_bar_critical", "#EF5350"), ("session_label", "#C7A96B"), ("session_border", "#6E584B"),
        ],
        [
            ("agent_name", "Ares Agent"),
            ("welcome", "Ares stands ready. Give an order, or /help for the drill."),
            ("goodbye", "Until the next campaign. ⚔"),
            ("response_label", " ⚔ Ares "),
            ("prompt_symbol", "⚔ ❯ "),
            ("help_header", "(⚔) What you can type"),
        ])
        with
    {
        SpinnerWaitingFaces = ["(⚔)", "(⛨)", "(▲)", "(<>)", "(/)"],
        ThinkingFaces = ["(⚔)", "(⛨)", "(▲)", "(⌁)", "(<>)"],
        ThinkingVerbs = ["drawing lines", "closing ranks", "scouting ahead", "sharpening edges", "weighing the odds", "picking the ground", "striking sparks", "locking shields"],
        Wings = [("⟪⚔", "⚔⟫"), ("⟪▲", "▲⟫"), ("⟪╸", "╺⟫"), ("⟪⛨", "⛨⟫")],
        ToolPrefix = "╎",
    };

    private static Skin Mono() => Build(
        "mono",
        [
            ("banner_border", "#555555"), ("banner_title", "#e6edf3"), ("banner_accent", "#aaaaaa"), ("banner_dim", "#444444"),
            ("banner_text", "#c9d1d9"), ("ui_accent", "#aaaaaa"), ("ui_label", "#888888"), ("ui_ok", "#888888"),
            ("ui_error", "#cccccc"), ("ui_warn", "#999999"), ("prompt", "#c9d1d9"), ("input_rule", "#444444"),
            ("response_border", "#aaaaaa"), ("status_bar_bg", "#1F1F1F"), ("status_bar_text", "#C9D1D9"), ("status_bar_strong", "#E6EDF3"),
            ("status_bar_dim", "#777777"), ("status_bar_good", "#B5B5B5"), ("status_bar_warn", "#AAAAAA"), ("status_bar_bad", "#D0D0D0"),
            ("status_bar_critical", "#F0F0F0"), ("session_label", "#888888"), ("session_border", "#555555"),
        ],
        [
            ("help_header", "[?] What you can type"),
        ]);

    private static Skin Slate() => Build(
        "slate",
        [
            ("banner_border", "#4169e1"), ("banner_title", "#7eb8f6"), ("banner_accent", "#8EA8FF"), ("banner_dim", "#4b5563"),
            ("banner_text", "#c9d1d9"), ("ui_accent", "#7eb8f6"), ("ui_label", "#8EA8FF"), ("ui_ok", "#63D0A6"),
            ("ui_error", "#F7A072"), ("ui_warn", "#e6a855"), ("prompt", "#c9d1d9"), ("input_rule", "#4169e1"),
            ("response_border", "#7eb8f6"), ("status_bar_bg", "#151C2F"), ("status_bar_text", "#C9D1D9"), ("status_bar_strong", "#7EB8F6"),
            ("status_bar_dim", "#4B5563"), ("status_bar_good", "#63D0A6"), ("status_bar_warn", "#E6A855"), ("status_bar_bad", "#F7A072"),
            ("status_bar_critical", "#FF7A7A"), ("session_label", "#7eb8f6"), ("session_border", "#4b5563"),
        ],
        []);

    private static Skin Daylight() => Build(
        "daylight",
        [
            ("banner_border", "#2563EB"), ("banner_title", "#0F172A"), ("banner_accent", "#1D4ED8"), ("banner_dim", "#475569"),
            ("banner_text", "#111827"), ("ui_accent", "#2563EB"), ("ui_label", "#0F766E"), ("ui_ok", "#15803D"),
            ("ui_error", "#B91C1C"), ("ui_warn", "#B45309"), ("prompt", "#111827"), ("input_rule", "#93C5FD"),
            ("response_border", "#2563EB"), ("session_label", "#1D4ED8"), ("session_border", "#64748B"), ("status_bar_bg", "#E5EDF8"),
            ("voice_status_bg", "#E5EDF8"), ("completion_menu_bg", "#F8FAFC"), ("completion_menu_current_bg", "#DBEAFE"), ("completion_menu_meta_bg", "#EEF2FF"),
            ("completion_menu_meta_current_bg", "#BFDBFE"),
        ],
        [
            ("help_header", "[?] What you can type"),
        ])
        with
    {
        ToolPrefix = "│",
    };

    private static Skin WarmLightmode() => Build(
        "warm-lightmode",
        [
            ("banner_border", "#8B6914"), ("banner_title", "#5C3D11"), ("banner_accent", "#8B4513"), ("banner_dim", "#8B7355"),
            ("banner_text", "#2C1810"), ("ui_accent", "#8B4513"), ("ui_label", "#5C3D11"), ("ui_ok", "#2E7D32"),
            ("ui_error", "#C62828"), ("ui_warn", "#E65100"), ("prompt", "#2C1810"), ("input_rule", "#8B6914"),
            ("response_border", "#8B6914"), ("session_label", "#5C3D11"), ("session_border", "#A0845C"), ("status_bar_bg", "#F5F0E8"),
            ("voice_status_bg", "#F5F0E8"), ("completion_menu_bg", "#F5EFE0"), ("completion_menu_current_bg", "#E8DCC8"), ("completion_menu_meta_bg", "#F0E8D8"),
            ("completion_menu_meta_current_bg", "#DFCFB0"),
        ],
        []);

    private static Skin Poseidon() => Build(
        "poseidon",
        [
            ("banner_border", "#2A6FB9"), ("banner_title", "#A9DFFF"), ("banner_accent", "#5DB8F5"), ("banner_dim", "#153C73"),
            ("banner_text", "#EAF7FF"), ("ui_accent", "#5DB8F5"), ("ui_label", "#A9DFFF"), ("prompt", "#EAF7FF"),
            ("input_rule", "#2A6FB9"), ("response_border", "#5DB8F5"), ("status_bar_bg", "#0F2440"), ("status_bar_text", "#EAF7FF"),
            ("status_bar_strong", "#A9DFFF"), ("status_bar_dim", "#496884"), ("status_bar_good", "#6ED7B0"), ("status_bar_warn", "#5DB8F5"),
            ("status_bar_bad", "#2A6FB9"), ("status_bar_critical", "#D94F4F"), ("session_label", "#A9DFFF"), ("session_border", "#496884"),
        ],
        [
            ("agent_name", "Poseidon Agent"),
            ("welcome", "The tide is in. Tell Poseidon where to go, or look at /help."),
            ("goodbye", "Calm seas to you. Ψ"),
            ("response_label", " Ψ Poseidon "),
            ("prompt_symbol", "Ψ ❯ "),
            ("help_header", "(Ψ) What you can type"),
        ])
        with
    {
        SpinnerWaitingFaces = ["(≈)", "(Ψ)", "(∿)", "(◌)", "(◠)"],
        ThinkingFaces = ["(Ψ)", "(∿)", "(≈)", "(⌁)", "(◌)"],
        ThinkingVerbs = ["riding the swell", "casting nets", "taking soundings", "following the current", "trimming sail", "reading the tide", "diving deeper", "turning the helm"],
        Wings = [("⟪≈", "≈⟫"), ("⟪Ψ", "Ψ⟫"), ("⟪∿", "∿⟫"), ("⟪◌", "◌⟫")],
        ToolPrefix = "│",
    };

    private static Skin Sisyphus() => Build(
        "sisyphus",
        [
            ("banner_border", "#B7B7B7"), ("banner_title", "#F5F5F5"), ("banner_accent", "#E7E7E7"), ("banner_dim", "#4A4A4A"),
            ("banner_text", "#D3D3D3"), ("ui_accent", "#E7E7E7"), ("ui_label", "#D3D3D3"), ("ui_ok", "#919191"),
            ("ui_error", "#E7E7E7"), ("ui_warn", "#B7B7B7"), ("prompt", "#F5F5F5"), ("input_rule", "#656565"),
            ("response_border", "#B7B7B7"), ("status_bar_bg", "#202020"), ("status_bar_text", "#D3D3D3"), ("status_bar_strong", "#F5F5F5"),
            ("status_bar_dim", "#656565"), ("status_bar_good", "#B7B7B7"), ("status_bar_warn", "#D3D3D3"), ("status_bar_bad", "#E7E7E7"),
            ("status_bar_critical", "#F5F5F5"), ("session_label", "#919191"), ("session_border", "#656565"),
        ],
        [
            ("agent_name", "Sisyphus Agent"),
            ("welcome", "The hill is there, so is the stone. Name the task, or ask for /help."),
            ("goodbye", "Tomorrow we push again. ◉"),
            ("response_label", " ◉ Sisyphus "),
            ("prompt_symbol", "◉ ❯ "),
            ("help_header", "(◉) What you can type"),
        ])
        with
    {
        SpinnerWaitingFaces = ["(◉)", "(◌)", "(◬)", "(⬤)", "(::)"],
        ThinkingFaces = ["(◉)", "(◬)", "(◌)", "(○)", "(●)"],
        ThinkingVerbs = ["leaning in", "taking another step", "finding a foothold", "keeping the pace", "bracing the stone", "eyeing the summit", "starting over", "breathing out"],
        Wings = [("⟪◉", "◉⟫"), ("⟪◬", "◬⟫"), ("⟪◌", "◌⟫"), ("⟪⬤", "⬤⟫")],
        ToolPrefix = "│",
    };

    private static Skin Charizard() => Build(
        "charizard",
        [
            ("banner_border", "#C75B1D"), ("banner_title", "#FFD39A"), ("banner_accent", "#F29C38"), ("banner_dim", "#7A3511"),
            ("banner_text", "#FFF0D4"), ("ui_accent", "#F29C38"), ("ui_label", "#FFD39A"), ("prompt", "#FFF0D4"),
            ("input_rule", "#C75B1D"), ("response_border", "#F29C38"), ("status_bar_bg", "#2B160E"), ("status_bar_text", "#FFF0D4"),
            ("status_bar_strong", "#FFD39A"), ("status_bar_dim", "#6C4724"), ("status_bar_good", "#6BCB77"), ("status_bar_warn", "#F29C38"),
            ("status_bar_bad", "#E2832B"), ("status_bar_critical", "#EF5350"), ("session_label", "#FFD39A"), ("session_border", "#6C4724"),
        ],
        [
            ("agent_name", "Charizard Agent"),
            ("welcome", "Wings spread, flame lit. Say what to tackle, or read /help."),
            ("goodbye", "Embers banked. ✦"),
            ("response_label", " ✦ Charizard "),
            ("prompt_symbol", "✦ ❯ "),
            ("help_header", "(✦) What you can type"),
        ])
        with
    {
        SpinnerWaitingFaces = ["(✦)", "(▲)", "(◇)", "(<>)", "(🔥)"],
        ThinkingFaces = ["(✦)", "(▲)", "(◇)", "(⌁)", "(🔥)"],
        ThinkingVerbs = ["stoking the fire", "catching a thermal", "circling above", "warming up", "lining up the dive", "shaking off ash", "fanning sparks", "gliding in"],
        Wings = [("⟪✦", "✦⟫"), ("⟪▲", "▲⟫"), ("⟪◌", "◌⟫"), ("⟪◇", "◇⟫")],
        ToolPrefix = "│",
    };
}
