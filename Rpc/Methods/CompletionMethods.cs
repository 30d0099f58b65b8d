using Gateway.Completion;
using Gateway.Config;
using Gateway.Protocol.Messages;
using Gateway.Sessions;

namespace Gateway.Rpc.Methods;

/// <summary>Completion in the composer (WIRE section 14).</summary>
internal sealed class CompletionMethods
{
    private readonly GatewayEnvironment _environment;
    private readonly ConfigFile _config;
    private readonly SkillIndex _skills;
    private readonly SessionStore _sessions;
    private readonly PathCompleter _paths;

    /// <summary>Creates the group.</summary>
    public CompletionMethods(GatewayEnvironment environment, ConfigFile config, SkillIndex skills, SessionStore sessions, PathCompleter paths)
    {
        _environment = environment;
        _config = config;
        _skills = skills;
        _sessions = sessions;
        _paths = paths;
    }

    /// <summary>The rows of the group.</summary>
    public IReadOnlyList<Route> Routes =>
    [
        Route.Of("complete.slash", Lane.Worker, json => json.CompleteSlashParams, json => json.CompletionResult, Slash),
        Route.Of("complete.path", Lane.Worker, json => json.CompletePathParams, json => json.CompletionResult, PathAsync),
    ];

    private CompletionResult Slash(CompleteSlashParams request)
    {
        var config = _config.Read().Root;
        var completion = SlashCompleter.Complete(request.Text ?? "", config, _skills.Read(config), _environment.HermesHome);
        return new(Rows(completion.Items), completion.ReplaceFrom);
    }

    private async ValueTask<CompletionResult> PathAsync(CompletePathParams request, Call call)
    {
        string directory = _sessions.Find(request.SessionId)?.WorkingDirectory ?? _environment.WorkingDirectory;
        return new(Rows(await _paths.CompleteAsync(request.Word ?? "", directory, call.CancellationToken)));
    }

    private static CompletionRow[] Rows(IReadOnlyList<CompletionItem> items) =>
        [.. items.Select(item => new CompletionRow(item.Text, item.Display, item.Meta))];
}
