using System.Text.Json;
using Gateway.Tools;
using ModelContextProtocol.Protocol;

namespace Gateway.Mcp;

/// <summary>Lets a server ask the user something while it works on a call (elicitation/create), as questions of the session that calls.
/// Nothing secret is asked for this way: the answers go to a stranger and stand in the client's transcript.</summary>
/// <param name="server">Name of the server.</param>
/// <param name="limit">How long the user has for the whole form.</param>
/// <param name="callers">Whose calls the server works on.</param>
/// <param name="log">Where refusals are noted.</param>
/// <param name="time">The clock.</param>
internal sealed class McpElicitation(string server, TimeSpan limit, McpCallers callers, McpErrorLog log, TimeProvider time)
{
    private const int MostFields = 20;
    private const string Agree = "yes";

    /// <summary>Answers one request; whatever the user does not answer is declined.</summary>
    public async ValueTask<ElicitResult> AnswerAsync(ElicitRequestParams request, CancellationToken cancellationToken)
    {
        if (callers.Only is not { User: { } user } caller) return Declined("no session, or more than one, is calling the server");
        if (request.RequestedSchema is not { } schema || request.Mode is not (null or "" or "form")) return Declined("only forms are supported");
        McpFormField[] fields = [.. schema.Properties.Select(property => new McpFormField(property.Key, property.Value, schema.Required?.Contains(property.Key) == true))];
        if (fields.Length > MostFields) return Declined($"the form has more than {MostFields} fields");
        if (McpFormField.SoundsSecret(request.Message) || fields.Any(field => field.IsSecret)) return Declined("it asks for something secret");

        using var late = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, caller.Over, cancellationToken);
        caller.Hold();
        try
        {
            string intro = $"MCP server '{server}' asks: {McpFormField.Shown(request.Message)}";
            return await (fields.Length == 0 ? ConfirmAsync(user, intro, either.Token) : FillAsync(user, intro, fields, either.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Declined("the user did not answer");
        }
        finally
        {
            caller.Release();
        }
    }

    private async Task<ElicitResult> ConfirmAsync(IUserQuestions user, string intro, CancellationToken cancellationToken) =>
        await user.ClarifyAsync(intro, [Agree, "no"], cancellationToken) is { } answer && answer.Trim().ToLowerInvariant() is Agree or "y"
            ? new ElicitResult { Action = "accept", Content = new Dictionary<string, JsonElement>() }
            : Declined("the user did not agree");

    private async Task<ElicitResult> FillAsync(IUserQuestions user, string intro, McpFormField[] fields, CancellationToken cancellationToken)
    {
        var content = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var field in fields)
        {
            string question = $"{intro}\n{field.Question()}";
            string? problem = null;

            // A slip of the finger is no refusal; a second one is.
            for (int attempt = 0; attempt < 2; attempt++)
            {
                string answer = await user.ClarifyAsync(problem is null ? question : $"{question}\n{problem}", field.Choices, cancellationToken);
                if (string.IsNullOrWhiteSpace(answer)) return Declined("the user did not answer");
                problem = field.Read(answer, out var value);
                if (problem is null)
                {
                    if (value is { } given) content[field.Name] = given;
                    break;
                }
            }

            if (problem is not null) return Declined(problem);
        }

        return new ElicitResult { Action = "accept", Content = content };
    }

    private ElicitResult Declined(string why)
    {
        log.Write(server, $"[tui-gateway] question of '{server}' declined: {why}\n");
        return new ElicitResult { Action = "decline" };
    }
}
