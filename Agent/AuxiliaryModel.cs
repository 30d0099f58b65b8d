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
    // More than any answer takes, and no timer runs much longer than a month.
    private const int LongestSeconds = 86_400;

    /// <inheritdoc/>
    public async Task<AuxiliaryAnswer> AskAsync(AuxiliaryRequest request, CancellationToken cancellationToken)
    {
        var root = config.Read().Root;
        var (endpoint, problem) = AuxiliaryEndpoint.Resolve(environment, root, request.Task, request.Model);
        if (endpoint is null) return new AuxiliaryAnswer(null, problem ?? "no model is configured");

        int seconds = root.Find("auxiliary", request.Task, "timeout").AsInt() is > 0 and var configured ? Math.Min(configured, LongestSeconds) : request.TimeoutSeconds;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var outcome = await CallAsync(endpoint, request, root, either.Token);

        // A side task is worth asking whoever else can answer it; the conversation itself stays with its model.
        if (request.Model is null && MayBeElsewhere(outcome))
        {
            foreach (var other in AuxiliaryEndpoint.Others(environment, root, request.Task))
            {
                var second = await CallAsync(other, request, root, either.Token);
                if (second.End == CallEnd.Reply) (outcome, endpoint) = (second, other);
                if (!MayBeElsewhere(second)) break;
            }
        }

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
        AuxiliaryCall[] calls = request.Tools.Count == 0 ? [] : [.. reply.ToolCalls.Select(call => new AuxiliaryCall(call.Id, call.Name, call.Arguments))];
        return new AuxiliaryAnswer(text.Length == 0 ? null : text, text.Length == 0 && calls.Length == 0 ? "the model gave an empty answer" : null)
        {
            Calls = calls,
            Model = endpoint.Model,
            Tokens = reply.Usage.Total,
            CutOff = reply.FinishReason is "length" or "incomplete",
        };
    }

    private async Task<CallOutcome> CallAsync(ModelEndpoint endpoint, AuxiliaryRequest request, ConfigNode root, CancellationToken cancellationToken)
    {
        var section = root.Expand(environment).Find("auxiliary", request.Task);
        var settings = AgentSettingsReader.Read(root, environment) with { ReasoningEffort = "", ServiceTier = "" };
        var model = new ModelRequest(endpoint, request.Instructions, Messages(request), request.Tools, settings)
        {
            OutputCap = request.MaxTokens,
            IsAside = true,
            ToolsForbidden = request.ToolsForbidden,
            Temperature = section.Find("temperature").AsDouble() ?? request.Temperature,
            ExtraBody = section.Find("extra_body"),
        };
        var silent = new SilentEvents(null);
        var caller = new ModelCaller(clients(endpoint.ApiMode), retry, time, silent);
        ReplyAssembler NewReply() => new(silent, name => request.Tools.Any(tool => tool.Name == name));
        var outcome = await caller.CallAsync(model, NewReply, hasFallback: false, cancellationToken);
        bool refusesTemperature = model.Temperature is not null && outcome is { End: CallEnd.Failed, Error: { Kind: ModelErrorKind.Format } error }
            && error.Message.Contains("temperature", StringComparison.OrdinalIgnoreCase);
        return refusesTemperature ? await caller.CallAsync(model with { Temperature = null }, NewReply, hasFallback: false, cancellationToken) : outcome;
    }

    private static bool MayBeElsewhere(CallOutcome outcome) => outcome is { End: CallEnd.Failed, Error.Kind: ModelErrorKind.Billing or ModelErrorKind.Timeout };

    private static IReadOnlyList<ConversationMessage> Messages(AuxiliaryRequest request) => request.Messages is { } messages
        ? [.. messages.Select(Message)]
        : [new ConversationMessage(Role.User, request.Text) { ImageUrls = request.ImageUrl is { } image ? [image] : null }];

    private static ConversationMessage Message(AuxiliaryMessage message) =>
        new(message.FromModel ? Role.Assistant : message.ResultOf is null ? Role.User : Role.Tool, message.Text)
        {
            ImageUrls = message.ImageUrls,
            ToolCalls = [.. (message.Calls ?? []).Select(call => new StoredToolCall(call.Id, call.Name, call.Arguments))],
            ToolCallId = message.ResultOf,
        };
}
