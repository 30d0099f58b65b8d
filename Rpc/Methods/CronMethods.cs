using System.Text;
using Gateway.Config;
using Gateway.Protocol;
using Gateway.Protocol.Messages;
using Gateway.Tools;
using Gateway.Tools.Cron;

namespace Gateway.Rpc.Methods;

/// <summary>Scheduled jobs (WIRE 21.4). Paused ones are listed too, and what cannot be done is an error (quirk Q26).</summary>
internal sealed class CronMethods
{
    private readonly GatewayEnvironment _environment;
    private readonly ConfigFile _config;
    private readonly TimeProvider _time;

    /// <summary>Creates the group.</summary>
    public CronMethods(GatewayEnvironment environment, ConfigFile config, TimeProvider time)
    {
        _environment = environment;
        _config = config;
        _time = time;
    }

    /// <summary>The rows of the group. Short work on one file: a list sees what was changed before it.</summary>
    public IReadOnlyList<Route> Routes =>
    [
        Route.Of("cron.manage", Lane.Session, json => json.CronManageParams, json => json.CronManageResult, ManageAsync),
    ];

    private async ValueTask<CronManageResult> ManageAsync(CronManageParams request, Call call)
    {
        string action = request.Action?.Trim() is { Length: > 0 } given ? given : "list", name = request.Name?.Trim() ?? "";
        var desk = new CronDesk(_environment, _config.Read().Root, _time);
        try
        {
            var answer = action switch
            {
                "list" => desk.List(withDisabled: true),
                "add" => await desk.CreateAsync(new() { Name = name, Schedule = request.Schedule?.Trim(), Prompt = request.Prompt?.Trim() }, call.CancellationToken),
                "remove" => await desk.RemoveAsync(Job(name, action), call.CancellationToken),
                "pause" => await desk.PauseAsync(Job(name, action), call.CancellationToken),
                "resume" => await desk.ResumeAsync(Job(name, action), call.CancellationToken),
                _ => throw new RpcException(ErrorCode.UnknownCronAction, $"unknown cron action: {RpcException.Shorten(action)}"),
            };
            return new(ForeignJson.OnOneLine(Encoding.UTF8.GetBytes(ToolJson.Object(answer.Write)))!);
        }
        catch (CronException exception)
        {
            throw new RpcException(ErrorCode.CronFailed, exception.Message);
        }
    }

    private static string Job(string name, string action) =>
        name.Length > 0 ? name : throw new CronException($"job_id is required for action '{action}'; cron.manage takes it as name");
}
