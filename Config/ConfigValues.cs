namespace Gateway.Config;

/// <summary>What config.get answers for one key.</summary>
/// <param name="Value">The value, or the prompt text for the key prompt.</param>
/// <param name="Display">show or hide, only for the key reasoning.</param>
internal readonly record struct ConfigValue(string Value, string? Display = null);

/// <summary>The getters of config.get with their defaults and normalisation (WIRE.md 17.2).</summary>
internal static class ConfigValues
{
    /// <summary>Reads a key: prompt, skin, personality, reasoning, fast, busy, details_mode, thinking_mode, compact, statusbar, mouse.</summary>
    /// <returns>The value, or null for a key that is none of these.</returns>
    public static ConfigValue? Get(string key, ConfigNode config)
    {
        var display = config.Find("display");
        return key switch
        {
            "prompt" => new(config.Find("custom_prompt").AsString() ?? ""),
            "skin" => new(display.Find("skin").AsText() ?? "default"),
            "personality" => new(display.Find("personality").AsText() ?? "default"),
            "reasoning" => new(
                config.Find("agent", "reasoning_effort").AsText() ?? "medium",
                display.Find("show_reasoning").AsBool(false) ? "show" : "hide"),
            "fast" => new(AgentSettingsReader.IsFast(config.Find("agent", "service_tier")) ? "fast" : "normal"),
            "busy" => new(OneOf(display.Find("busy_input_mode"), "queue", "steer") ?? "interrupt"),
            "details_mode" => new(Details(display)),
            "thinking_mode" => new(OneOf(display.Find("thinking_mode"), "collapsed", "truncated", "full") ?? (Details(display) == "expanded" ? "full" : "collapsed")),
            "compact" => new(display.Find("tui_compact").AsBool(false) ? "on" : "off"),
            "statusbar" => new(StatusBar(display.Find("tui_statusbar"))),
            "mouse" => new(display.Find("tui_mouse").AsBool(true) ? "on" : "off"),
            _ => null,
        };
    }

    /// <summary>display.tool_progress: off, new, all or verbose; YAML false is off, anything unknown is all.</summary>
    public static string ToolProgress(ConfigNode config)
    {
        var node = config.Find("display", "tool_progress");
        return node.Kind == ConfigKind.Boolean
            ? node.AsBool(true) ? "all" : "off"
            : OneOf(node, "off", "new", "verbose") ?? "all";
    }

    private static string Details(ConfigNode display) => OneOf(display.Find("details_mode"), "hidden", "expanded") ?? "collapsed";

    private static string StatusBar(ConfigNode node) =>
        node.Kind == ConfigKind.Boolean && !node.AsBool(true) ? "off" : OneOf(node, "off", "bottom") ?? "top";

    private static string? OneOf(ConfigNode node, params ReadOnlySpan<string> words)
    {
        var text = node.AsText()?.ToLowerInvariant();
        return text is not null && words.Contains(text) ? text : null;
    }
}
