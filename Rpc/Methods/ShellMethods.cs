using Gateway.Config;
using Gateway.Processes;
using Gateway.Protocol;
using Gateway.Protocol.Messages;
using Gateway.Tools.Approvals;

namespace Gateway.Rpc.Methods;

/// <summary>Commands that the user types behind "!" (WIRE section 16).</summary>
internal sealed class ShellMethods
{
    private readonly GatewayEnvironment _environment;
    private readonly ChildProcesses _children;
    private readonly DangerousCommands _dangers;

    /// <summary>Creates the group.</summary>
    public ShellMethods(GatewayEnvironment environment, ChildProcesses children, DangerousCommands dangers)
    {
        _environment = environment;
        _children = children;
        _dangers = dangers;
    }

    /// <summary>The rows of the group.</summary>
    public IReadOnlyList<Route> Routes =>
        [Route.Of("shell.exec", Lane.Child, json => json.ShellExecParams, json => json.ShellExecResult, ExecAsync)];

    private async ValueTask<ShellExecResult> ExecAsync(ShellExecParams request, Call call)
    {
        if (string.IsNullOrEmpty(request.Command)) throw new RpcException(ErrorCode.EmptyInput, "empty command");
        var judged = new JudgedCommand(request.Command)
        {
            Directory = _environment.ProcessDirectory,
            Home = _environment.Variables.GetValueOrDefault("HOME"),
            Variables = _environment.Variables,
        };
        if (_dangers.Check(judged).Reason is string danger)
            throw new RpcException(ErrorCode.CommandBlocked, $"blocked: {danger}. Use the agent for dangerous commands.");
        try
        {
            var result = await ShellCommand.RunAsync(
                _children, request.Command, _environment.ProcessDirectory, _environment.Variables, ShellCommand.TimeLimit, call.CancellationToken);
            if (result.TimedOut) throw new RpcException(ErrorCode.ShellTimeout, "command timed out (30s)");
            return new(result.Output, result.ErrorOutput, result.Code);
        }
        catch (ChildStartException exception)
        {
            throw new RpcException(ErrorCode.ShellFailed, exception.Message);
        }
    }
}
