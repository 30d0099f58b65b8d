using System.Globalization;
using System.Text;
using Gateway.Config;
using Gateway.Processes;
using Gateway.Protocol;
using Gateway.Protocol.Messages;
using Gateway.Tools;
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
        [Route.Of("shell.exec", Lane.Child, json => json.ShellExecParams, json => json.ShellExecResult, ExecAsync).Taking(int.MaxValue)];

    private async ValueTask<ShellExecResult> ExecAsync(ShellExecParams request, Call call)
    {
        if (string.IsNullOrEmpty(request.Command)) throw new RpcException(ErrorCode.EmptyInput, "empty command");
        int length = Encoding.UTF8.GetByteCount(request.Command);

        // Judged only when it can run: that takes many times as much memory.
        if (length > TerminalTool.LongestCommand)
        {
            throw new RpcException(ErrorCode.ShellFailed, string.Create(
                CultureInfo.InvariantCulture,
                $"the command has {length:N0} bytes, and the system takes at most {TerminalTool.LongestCommand:N0} (128 KiB) for one argument; put it into a script and run that"));
        }

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
