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
        var (endpoint, problem) = AuxiliaryEndpoint.Resolve(environment, root, request.Task, request.Model);
        if (endpoint is null) return new AuxiliaryAnswer(null, problem ?? "no model is configured");

        var settings = AgentSettingsReader.Read(root, environment) with { ReasoningEffort = "", ServiceTier = "" };
        var model = new ModelRequest(endpoint, request.Instructions, Messages(request), [], settings)
        {
            OutputCap = request.MaxTokens,
            IsAside = true,
            Temperature = root.Find("auxiliary", request.Task, "temperature").AsDouble() ?? request.Temperature,
        };
        var silent = new SilentEvents(null);
        int seconds = root.Find("auxiliary", request.Task, "timeout").AsInt() is > 0 and var configured ? configured : request.TimeoutSeconds;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var outcome = await new ModelCaller(clients(endpoint.ApiMode), retry, time, silent)
            .CallAsync(model, () => new ReplyAssembler(silent, _ => false), hasFallback: false, either.Token);
        cancellationToken.ThrowIfCancellationRequested();
        if (limit.IsCancellationRequested) return new AuxiliaryAnswer(null, $"the model did not answer within {seconds} s");
        if (outcome.End != CallEnd.Reply)
        {
            return new AuxiliaryAnswer(null, outcome.Error?.Summary ?? "the model did not answer")
            {
                RefusesSize = outcome.Error?.Kind is ModelErrorKind.ImageTooLarge or ModelErrorKind.Payload,
            };
        }

        var reply = outcome.Reply!;
        string text = reply.Text.Trim();
        return new AuxiliaryAnswer(text.Length == 0 ? null : text, text.Length == 0 ? "the model gave an empty answer" : null)
        {
            Model = endpoint.Model,
            Tokens = reply.Usage.Total,
            CutOff = reply.FinishReason == "length",
        };
    }

    private static IReadOnlyList<ConversationMessage> Messages(AuxiliaryRequest request) => request.Messages is { } messages
        ? [.. messages.Select(message => new ConversationMessage(message.FromModel ? Role.Assistant : Role.User, message.Text) { ImageUrls = message.ImageUrls })]
        : [new ConversationMessage(Role.User, request.Text) { ImageUrls = request.ImageUrl is { } image ? [image] : null }];
}
