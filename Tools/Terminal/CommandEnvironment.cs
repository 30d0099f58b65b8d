using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Gateway.Tools.Terminal;

/// <summary>The environment that commands of the agent get: the gateway's own without credentials (AGENT.md 10.1), so that a
/// command that prints its environment does not hand the user's keys to the model.</summary>
internal static class CommandEnvironment
{
    private const string ForcePrefix = "_HERMES_FORCE_";

    /// <summary>Families of which every variable is kept back: providers and messaging channels.</summary>
    private static readonly ImmutableArray<string> Prefixes =
    [
        "OPENAI_", "OPENROUTER_", "ANTHROPIC_", "GITHUB_APP_", "MODAL_", "DAYTONA_", "HASS_", "EMAIL_",
        "TELEGRAM_", "DISCORD_", "SLACK_", "SIGNAL_", "WHATSAPP_", "MATRIX_", "MATTERMOST_", "FEISHU_", "DINGTALK_", "WECOM_",
        "WEIXIN_", "BLUEBUBBLES_", "TWILIO_", "QQ_", "YUANBAO_", "WEBHOOK_", "API_SERVER_", "GATEWAY_PROXY_", "TOOL_GATEWAY_",
    ];

    private static readonly FrozenSet<string> Names = new[]
    {
        "CLAUDE_CODE_OAUTH_TOKEN", "LLM_MODEL", "GH_TOKEN", "GITHUB_TOKEN", "COPILOT_GITHUB_TOKEN", "HF_TOKEN", "SUDO_PASSWORD", "FAL_KEY",
        "VOICE_TOOLS_OPENAI_KEY", "BROWSERBASE_PROJECT_ID", "FIRECRAWL_API_URL", "HONCHO_BASE_URL", "CAMOFOX_URL", "OPENCODE_ZEN_BASE_URL",
        "OPENCODE_GO_BASE_URL",
        "AI_GATEWAY_BASE_URL", "ALIBABA_CODING_PLAN_BASE_URL", "ARCEE_BASE_URL", "AZURE_FOUNDRY_BASE_URL", "COPILOT_ACP_BASE_URL",
        "COPILOT_API_BASE_URL", "CUSTOM_BASE_URL", "DASHSCOPE_BASE_URL", "DEEPSEEK_BASE_URL", "GEMINI_BASE_URL", "GLM_BASE_URL",
        "GMI_BASE_URL", "HERMES_BASE_URL", "HERMES_CODEX_BASE_URL", "HERMES_PORTAL_BASE_URL", "HERMES_QWEN_BASE_URL", "HF_BASE_URL",
        "KILOCODE_BASE_URL", "KIMI_BASE_URL", "LM_BASE_URL", "MINIMAX_BASE_URL", "MINIMAX_CN_BASE_URL", "NVIDIA_BASE_URL",
        "OLLAMA_BASE_URL", "STEPFUN_BASE_URL", "TOKENHUB_BASE_URL", "XAI_BASE_URL", "XIAOMI_BASE_URL",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>What only a credential is called like. Tokens and secrets of the user's own tools (NPM_TOKEN, AWS_*) pass:
    /// commands are there to use them.</summary>
    private static readonly ImmutableArray<string> Suffixes = ["_API_KEY", "_API_KEYS", "_BOT_TOKEN", "_APP_TOKEN", "_OAUTH_TOKEN"];

    /// <summary>The variables that commands may see. <c>_HERMES_FORCE_X</c> gives them X, whatever it is called.</summary>
    /// <param name="environment">The gateway's environment.</param>
    /// <param name="passThrough">Names to give all the same (<c>terminal.env_passthrough</c>).</param>
    /// <param name="withheld">Names that are credentials beside those known here: what config.yaml makes one.</param>
    public static IReadOnlyDictionary<string, string> ForCommands(
        IReadOnlyDictionary<string, string> environment, IReadOnlyCollection<string> passThrough, IReadOnlySet<string> withheld)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in environment)
            if (!name.StartsWith(ForcePrefix, StringComparison.Ordinal) && ((!IsCredential(name) && !withheld.Contains(name)) || passThrough.Contains(name))) result[name] = value;
        foreach (var (name, value) in environment)
            if (name.StartsWith(ForcePrefix, StringComparison.Ordinal) && name.Length > ForcePrefix.Length) result[name[ForcePrefix.Length..]] = value;
        return result;
    }

    /// <summary>The same as a pattern of the shell's <c>case</c>.</summary>
    public static string CasePattern => string.Join('|', Prefixes.Select(prefix => prefix + "*").Concat(Suffixes.Select(suffix => "*" + suffix)).Concat(Names.Order(StringComparer.Ordinal)));

    /// <summary>Whether a variable belongs to a provider or a messaging channel; a skill cannot have it passed to commands.</summary>
    public static bool IsReserved(string name) => Names.Contains(name) || Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>Whether a variable is kept from commands.</summary>
    public static bool IsCredential(string name) =>
        Names.Contains(name)
        || Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal))
        || Suffixes.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal));
}
