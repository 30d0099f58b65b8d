namespace Gateway.Config;

/// <summary>How a provider is reached (CONFIG.md 4.1, last column).</summary>
internal enum ProviderKind
{
    /// <summary>OpenAI-compatible: chat completions, or Responses where the service is known for it.</summary>
    Chat,

    /// <summary>Anthropic messages.</summary>
    Anthropic,

    /// <summary>Any of the formats, depending on the model (opencode).</summary>
    ByModel,

    /// <summary>An endpoint the user names.</summary>
    Custom,

    /// <summary>Reached with a login that was made elsewhere.</summary>
    Login,

    /// <summary>Needs a foreign API or another program; not supported by this gateway.</summary>
    Unsupported,
}

/// <summary>A built-in provider (CONFIG.md 4.1).</summary>
/// <param name="Id">Canonical id.</param>
/// <param name="Label">Name for people.</param>
/// <param name="Kind">How it is reached.</param>
/// <param name="BaseUrl">Endpoint; empty when the user has to name it.</param>
/// <param name="KeyVariables">Variables that may hold the key, first wins.</param>
/// <param name="BaseUrlVariable">Variable that overrides the endpoint.</param>
internal sealed record Provider(
    string Id, string Label, ProviderKind Kind, string BaseUrl, IReadOnlyList<string> KeyVariables, string? BaseUrlVariable = null);

/// <summary>The built-in providers and their aliases. Nothing is built until it is asked for.</summary>
internal static class ProviderCatalog
{
    /// <summary>Canonical ids in the order in which <c>auto</c> tries their keys.</summary>
    public static IReadOnlyList<string> Ids =>
    [
        "openrouter", "nous", "openai-codex", "qwen-oauth", "google-gemini-cli", "copilot", "copilot-acp", "lmstudio", "anthropic", "gemini", "zai",
        "kimi-coding", "kimi-coding-cn", "stepfun", "arcee", "gmi", "minimax", "minimax-cn", "alibaba", "alibaba-coding-plan", "deepseek", "xai",
        "nvidia", "ai-gateway", "opencode-zen", "opencode-go", "kilocode", "huggingface", "xiaomi", "tencent-tokenhub", "ollama-cloud", "bedrock",
        "azure-foundry", "custom",
    ];

    /// <summary>The provider of an id or alias, case ignored; null when there is none.</summary>
    public static Provider? Find(string name) => Build(Canonical(name));

    /// <summary>An alias as its canonical id; other names lower-cased and trimmed.</summary>
    public static string Canonical(string name) => name.Trim().ToLowerInvariant() switch
    {
        "glm" or "z-ai" or "z.ai" or "zhipu" => "zai",
        "google" or "google-gemini" or "google-ai-studio" => "gemini",
        "x-ai" or "x.ai" or "grok" => "xai",
        "kimi" or "kimi-for-coding" or "moonshot" => "kimi-coding",
        "kimi-cn" or "moonshot-cn" => "kimi-coding-cn",
        "step" or "stepfun-coding-plan" => "stepfun",
        "arcee-ai" or "arceeai" => "arcee",
        "gmi-cloud" or "gmicloud" => "gmi",
        "minimax-china" or "minimax_cn" => "minimax-cn",
        "alibaba_coding" or "alibaba-coding" or "alibaba_coding_plan" => "alibaba-coding-plan",
        "dashscope" or "aliyun" or "qwen" or "alibaba-cloud" => "alibaba",
        "claude" or "claude-code" => "anthropic",
        "github" or "github-copilot" or "github-models" or "github-model" => "copilot",
        "github-copilot-acp" or "copilot-acp-agent" => "copilot-acp",
        "aigateway" or "vercel" or "vercel-ai-gateway" => "ai-gateway",
        "opencode" or "zen" => "opencode-zen",
        "go" or "opencode-go-sub" => "opencode-go",
        "qwen-portal" or "qwen-cli" => "qwen-oauth",
        "gemini-cli" or "gemini-oauth" => "google-gemini-cli",
        "hf" or "hugging-face" or "huggingface-hub" => "huggingface",
        "mimo" or "xiaomi-mimo" => "xiaomi",
        "tencent" or "tokenhub" or "tencent-cloud" or "tencentmaas" => "tencent-tokenhub",
        "aws" or "aws-bedrock" or "amazon-bedrock" or "amazon" => "bedrock",
        "kilo" or "kilo-code" or "kilo-gateway" => "kilocode",
        "lm-studio" or "lm_studio" => "lmstudio",
        "ollama" or "vllm" or "llamacpp" or "llama.cpp" or "llama-cpp" => "custom",
        "ollama_cloud" => "ollama-cloud",
        "deep-seek" => "deepseek",
        "nim" or "nvidia-nim" => "nvidia",
        var other => other,
    };

    /// <summary>Every variable of the catalogue, to recognise assignments that were glued together in a .env file.</summary>
    public static IEnumerable<string> KnownVariables()
    {
        foreach (var id in Ids)
        {
            var provider = Build(id)!;
            foreach (var variable in provider.KeyVariables)
            {
                yield return variable;
            }

            if (provider.BaseUrlVariable is { } baseUrl)
            {
                yield return baseUrl;
            }
        }

        yield return "OPENAI_BASE_URL";
        yield return "TAVILY_API_KEY";
        yield return "FIRECRAWL_API_KEY";
        yield return "EXA_API_KEY";
        yield return "PARALLEL_API_KEY";
        yield return "ELEVENLABS_API_KEY";
        yield return "GROQ_API_KEY";
        yield return "TELEGRAM_BOT_TOKEN";
        yield return "DISCORD_BOT_TOKEN";
    }

    /// <summary>True for keys that can work: 4 characters or more and no placeholder from an example file (CONFIG.md 4.1).</summary>
    public static bool IsUsableKey(string? key) =>
        key?.Trim() is { Length: >= 4 } text
        && text.ToLowerInvariant() is not ("****" or "changeme" or "your_api_key" or "your-api-key" or "placeholder" or "example" or "dummy" or "null" or "none");

    private static Provider? Build(string id) => id switch
    {
        "openrouter" => new(id, "OpenRouter", ProviderKind.Chat, "https://openrouter.ai/api/v1", ["OPENROUTER_API_KEY", "OPENAI_API_KEY"], "OPENROUTER_BASE_URL"),
        "nous" => new(id, "Nous Portal", ProviderKind.Login, "https://inference-api.nousresearch.com/v1", [], "NOUS_INFERENCE_BASE_URL"),
        "openai-codex" => new(id, "OpenAI Codex", ProviderKind.Login, "https://chatgpt.com/backend-api/codex", [], "HERMES_CODEX_BASE_URL"),
        "qwen-oauth" => new(id, "Qwen OAuth", ProviderKind.Login, "https://portal.qwen.ai/v1", [], "HERMES_QWEN_BASE_URL"),
        "google-gemini-cli" => new(id, "Google Gemini CLI", ProviderKind.Unsupported, "cloudcode-pa://google", []),
        "copilot" => new(id, "GitHub Copilot", ProviderKind.Login, "https://api.githubcopilot.com", [], "COPILOT_API_BASE_URL"),
        "copilot-acp" => new(id, "GitHub Copilot ACP", ProviderKind.Unsupported, "acp://copilot", [], "COPILOT_ACP_BASE_URL"),
        "lmstudio" => new(id, "LM Studio", ProviderKind.Chat, "http://127.0.0.1:1234/v1", ["LM_API_KEY"], "LM_BASE_URL"),
        "anthropic" => new(id, "Anthropic", ProviderKind.Anthropic, "https://api.anthropic.com", ["ANTHROPIC_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN", "ANTHROPIC_API_KEY"]),
        "gemini" => new(id, "Google AI Studio", ProviderKind.Chat, "https://generativelanguage.googleapis.com/v1beta", ["GOOGLE_API_KEY", "GEMINI_API_KEY"], "GEMINI_BASE_URL"),
        "zai" => new(id, "Z.AI", ProviderKind.Chat, "https://api.z.ai/api/paas/v4", ["GLM_API_KEY", "ZAI_API_KEY", "Z_AI_API_KEY"], "GLM_BASE_URL"),
        "kimi-coding" => new(id, "Kimi", ProviderKind.Chat, "https://api.moonshot.ai/v1", ["KIMI_API_KEY", "KIMI_CODING_API_KEY"], "KIMI_BASE_URL"),
        "kimi-coding-cn" => new(id, "Kimi (China)", ProviderKind.Chat, "https://api.moonshot.cn/v1", ["KIMI_CN_API_KEY"]),
        "stepfun" => new(id, "StepFun", ProviderKind.Chat, "https://api.stepfun.ai/step_plan/v1", ["STEPFUN_API_KEY"], "STEPFUN_BASE_URL"),
        "arcee" => new(id, "Arcee AI", ProviderKind.Chat, "https://api.arcee.ai/api/v1", ["ARCEEAI_API_KEY"], "ARCEE_BASE_URL"),
        "gmi" => new(id, "GMI Cloud", ProviderKind.Chat, "https://api.gmi-serving.com/v1", ["GMI_API_KEY"], "GMI_BASE_URL"),
        "minimax" => new(id, "MiniMax", ProviderKind.Anthropic, "https://api.minimax.io/anthropic", ["MINIMAX_API_KEY"], "MINIMAX_BASE_URL"),
        "minimax-cn" => new(id, "MiniMax (China)", ProviderKind.Anthropic, "https://api.minimaxi.com/anthropic", ["MINIMAX_CN_API_KEY"], "MINIMAX_CN_BASE_URL"),
        "alibaba" => new(id, "Alibaba Cloud", ProviderKind.Chat, "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", ["DASHSCOPE_API_KEY"], "DASHSCOPE_BASE_URL"),
        "alibaba-coding-plan" => new(id, "Alibaba Coding Plan", ProviderKind.Chat, "https://coding-intl.dashscope.aliyuncs.com/v1", ["ALIBABA_CODING_PLAN_API_KEY", "DASHSCOPE_API_KEY"], "ALIBABA_CODING_PLAN_BASE_URL"),
        "deepseek" => new(id, "DeepSeek", ProviderKind.Chat, "https://api.deepseek.com/v1", ["DEEPSEEK_API_KEY"], "DEEPSEEK_BASE_URL"),
        "xai" => new(id, "xAI", ProviderKind.Chat, "https://api.x.ai/v1", ["XAI_API_KEY"], "XAI_BASE_URL"),
        "nvidia" => new(id, "NVIDIA", ProviderKind.Chat, "https://integrate.api.nvidia.com/v1", ["NVIDIA_API_KEY"], "NVIDIA_BASE_URL"),
        "ai-gateway" => new(id, "Vercel AI Gateway", ProviderKind.Chat, "https://ai-gateway.vercel.sh/v1", ["AI_GATEWAY_API_KEY"], "AI_GATEWAY_BASE_URL"),
        "opencode-zen" => new(id, "OpenCode Zen", ProviderKind.ByModel, "https://opencode.ai/zen/v1", ["OPENCODE_ZEN_API_KEY"], "OPENCODE_ZEN_BASE_URL"),
        "opencode-go" => new(id, "OpenCode Go", ProviderKind.ByModel, "https://opencode.ai/zen/go/v1", ["OPENCODE_GO_API_KEY"], "OPENCODE_GO_BASE_URL"),
        "kilocode" => new(id, "Kilo Code", ProviderKind.Chat, "https://api.kilo.ai/api/gateway", ["KILOCODE_API_KEY"], "KILOCODE_BASE_URL"),
        "huggingface" => new(id, "Hugging Face", ProviderKind.Chat, "https://router.huggingface.co/v1", ["HF_TOKEN"], "HF_BASE_URL"),
        "xiaomi" => new(id, "Xiaomi MiMo", ProviderKind.Chat, "https://api.xiaomimimo.com/v1", ["XIAOMI_API_KEY"]),
        "tencent-tokenhub" => new(id, "Tencent TokenHub", ProviderKind.Chat, "https://tokenhub.tencentmaas.com/v1", ["TOKENHUB_API_KEY"]),
        "ollama-cloud" => new(id, "Ollama Cloud", ProviderKind.Chat, "https://ollama.com/v1", ["OLLAMA_API_KEY"], "OLLAMA_BASE_URL"),
        "bedrock" => new(id, "AWS Bedrock", ProviderKind.Unsupported, "", []),
        "azure-foundry" => new(id, "Azure Foundry", ProviderKind.Chat, "", ["AZURE_FOUNDRY_API_KEY"], "AZURE_FOUNDRY_BASE_URL"),
        "custom" => new(id, "Custom endpoint", ProviderKind.Custom, "", ["OPENAI_API_KEY", "OPENROUTER_API_KEY"]),
        _ => null,
    };
}
