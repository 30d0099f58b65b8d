using Gateway.Config;

namespace Gateway.Tests.ConfigTests;

public class SettingsTests
{
    [Test]
    [Arguments("", "skin", "default")]
    [Arguments("display: {skin: ares}", "skin", "ares")]
    [Arguments("display:", "skin", "default")]
    [Arguments("display: {personality: pirate}", "personality", "pirate")]
    [Arguments("", "personality", "default")]
    [Arguments("", "reasoning", "medium/hide")]
    [Arguments("agent: {reasoning_effort: high}\ndisplay: {show_reasoning: true}", "reasoning", "high/show")]
    [Arguments("agent: {service_tier: fast}", "fast", "fast")]
    [Arguments("agent: {service_tier: standard}", "fast", "normal")]
    [Arguments("display: {busy_input_mode: Queue}", "busy", "queue")]
    [Arguments("display: {busy_input_mode: off}", "busy", "interrupt")]
    [Arguments("display: {details_mode: EXPANDED}", "details_mode", "expanded")]
    [Arguments("display: {details_mode: wat}", "details_mode", "collapsed")]
    [Arguments("display: {details_mode: expanded, thinking_mode: ''}", "thinking_mode", "full")]
    [Arguments("display: {details_mode: expanded, thinking_mode: truncated}", "thinking_mode", "truncated")]
    [Arguments("", "thinking_mode", "collapsed")]
    [Arguments("display: {tui_compact: true}", "compact", "on")]
    [Arguments("", "compact", "off")]
    [Arguments("display: {tui_statusbar: off}", "statusbar", "off")]
    [Arguments("display: {tui_statusbar: bottom}", "statusbar", "bottom")]
    [Arguments("display: {tui_statusbar: wat}", "statusbar", "top")]
    [Arguments("", "mouse", "on")]
    [Arguments("display: {tui_mouse: false}", "mouse", "off")]
    [Arguments("custom_prompt: Be brief.", "prompt", "Be brief.")]
    [Arguments("", "prompt", "")]
    [Arguments("", "yolo", "none")]
    public async Task Config_get(string yaml, string key, string expected)
    {
        var value = ConfigValues.Get(key, ConfigTestHome.Parse(yaml));
        await Assert.That(value is { } found ? found.Display is null ? found.Value : $"{found.Value}/{found.Display}" : "none").IsEqualTo(expected);
    }

    [Test]
    [Arguments("", "all")]
    [Arguments("display: {tool_progress: off}", "off")]
    [Arguments("display: {tool_progress: on}", "all")]
    [Arguments("display: {tool_progress: New}", "new")]
    [Arguments("display: {tool_progress: verbose}", "verbose")]
    [Arguments("display: {tool_progress: wat}", "all")]
    public async Task Tool_progress(string yaml, string expected) =>
        await Assert.That(ConfigValues.ToolProgress(ConfigTestHome.Parse(yaml))).IsEqualTo(expected);

    [Test]
    public async Task Agent_settings_have_the_documented_defaults_and_ignore_nonsense()
    {
        using var home = new ConfigTestHome();
        var nonsense = ConfigTestHome.Parse("agent: {max_turns: -1, api_max_retries: lots, reasoning_effort: extreme, service_tier: none}\nterminal: {timeout: 0}\napprovals: {mode: wat, gateway_timeout: []}\ntool_output: 5\n");
        await Assert.That(AgentSettingsReader.Read(nonsense, home.Environment())).IsEqualTo(new AgentSettings());
    }

    [Test]
    public async Task Agent_settings_are_read()
    {
        using var home = new ConfigTestHome();
        var config = ConfigTestHome.Parse("max_turns: 7\nagent: {api_max_retries: '2', reasoning_effort: XHigh, service_tier: on}\napprovals: {mode: off, gateway_timeout: 30}\ntool_output: {max_bytes: 1000}\n");
        await Assert.That(AgentSettingsReader.Read(config, home.Environment(("TERMINAL_TIMEOUT", "11")))).IsEqualTo(new AgentSettings
        {
            MaxTurns = 7,
            ApiMaxRetries = 2,
            ReasoningEffort = "xhigh",
            ServiceTier = "priority",
            ApprovalMode = "off",
            ApprovalTimeoutSeconds = 30,
            ToolOutputMaxChars = 1000,
            TerminalTimeoutSeconds = 11,
        });
    }

    [Test]
    [Arguments("true", "manual")]
    [Arguments("false", "off")]
    [Arguments("smart", "smart")]
    [Arguments("~", "manual")]
    public async Task Approval_mode(string yaml, string expected)
    {
        using var home = new ConfigTestHome();
        var settings = AgentSettingsReader.Read(ConfigTestHome.Parse($"approvals: {{mode: {yaml}}}"), home.Environment());
        await Assert.That(settings.ApprovalMode).IsEqualTo(expected);
    }

    [Test]
    public async Task A_terminal_section_beats_the_variable()
    {
        using var home = new ConfigTestHome();
        var settings = AgentSettingsReader.Read(ConfigTestHome.Parse("terminal: {timeout: 5}"), home.Environment(("TERMINAL_TIMEOUT", "11")));
        await Assert.That(settings.TerminalTimeoutSeconds).IsEqualTo(5);
    }
}
