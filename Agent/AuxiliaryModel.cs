using Gateway.Agent.Models;
using Gateway.Config;
using Gateway.Tools;

namespace Gateway.Agent;

/// <summary>Asks models beside the conversation, over the connections of the engine.</summary>
internal sealed class AuxiliaryModel(
    Func<ApiMode, IModelClient> clients,
    RetryPolicy retry,
    TimeProvider time,
    GatewayEnvironment environment,
    ConfigFile config) : IAuxiliaryModel
{
    /// <inheritdoc/>
    public async Task<AuxiliaryAnswer> AskAsync(AuxiliaryRequest request, CancellationToken cancellationToken)
    {
        var root = config.Read().Root;
        var (endpoint, problem) = Endpoint(environment, root, request.Task);
        if (endpoint is null) return new AuxiliaryAnswer(null, problem ?? "no model is configured");

        var settings = AgentSettingsReader.Read(root, environment) with { ReasoningEffort = "", ServiceTier = "" };
        var question = new ConversationMessage(Role.User, request.Text) { ImageUrls = request.ImageUrl is { } image ? [image] : null };
        var model = new ModelRequest(endpoint, request.Instructions, [question], [], settings) { OutputCap = request.MaxTokens, IsAside = true };
        var silent = new SilentEvents(null);
        int seconds = root.Find("auxiliary", request.Task, "timeout").AsInt() is > 0 and var configured ? configured : request.TimeoutSeconds;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var outcome = await new ModelCaller(clients(endpoint.ApiMode), retry, time, silent)
            .CallAsync(model, () => new ReplyAssembler(silent, _ => false), hasFallback: false, either.Token);
        cancellationToken.ThrowIfCancellationRequested();
        if (limit.IsCancellationRequested) return new AuxiliaryAnswer(null, $"the model did not answer within {seconds} s");
        if (outcome.End != CallEnd.Reply) return new AuxiliaryAnswer(null, outcome.Error?.Summary ?? "the model did not answer");
        string text = outcome.Reply!.Text.Trim();
        return text.Length == 0 ? new AuxiliaryAnswer(null, "the model gave an empty answer") : new AuxiliaryAnswer(text, null);
    }

    /// <summary>The model of a side task: the one of section auxiliary, else the main model.</summary>
    public static (ModelEndpoint? Endpoint, string? Problem) Endpoint(GatewayEnvironment environment, ConfigNode config, string task)
    {
        var section = config.Expand(environment).Find("auxiliary", task);
        string? model = Text(section, "model");
        string? provider = Text(section, "provider") is { } named && named != "auto" ? named : null;
        if (Text(section, "base_url") is { } url && Uri.TryCreate(url, UriKind.Absolute, out _))
        {
            var main = ModelResolver.Resolve(environment, config).Endpoint;
            string name = model ?? main?.Model ?? ModelResolver.CurrentModelName(environment, config);
            var mode = Text(section, "api_mode") == "anthropic_messages" ? ApiMode.AnthropicMessages : ApiMode.ChatCompletions;
            return (new ModelEndpoint("custom", name, url.TrimEnd('/'), Text(section, "api_key") ?? "no-key-required", mode), null);
        }

        var resolution = ModelResolver.Resolve(environment, config, model, provider);
        return (resolution.Endpoint, resolution.Problem);
    }

    private static string? Text(ConfigNode section, string name) => section.Find(name).AsText() is { Length: > 0 } text ? text.Trim() : null;
}
