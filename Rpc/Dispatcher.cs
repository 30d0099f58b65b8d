using Gateway.Diagnostics;
using Gateway.Protocol;
using Gateway.Transport;

namespace Gateway.Rpc;

/// <summary>From a line to a handler and back: reads the envelope, finds the row, puts the call on its lane, and sees to it
/// that every request gets exactly one answer.</summary>
internal sealed class Dispatcher : IDisposable
{
    private const string InternalErrorText = "internal error: the gateway failed on this request; details are in logs/tui_gateway_crash.log";
    private readonly RouteTable _table;
    private readonly Outbox _outbox;
    private readonly GatewayLog _log;
    private readonly SessionLane _sessions;
    private readonly WorkerLane _workers;
    private readonly WorkerLane _children;
    private readonly InFlight _inFlight = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<ReadOnlySpan<byte>, string> _nameOf;
    private long _accepted;
    private long _strayResponses;

    /// <summary>Creates a dispatcher.</summary>
    /// <param name="table">The methods.</param>
    /// <param name="outbox">Where answers go.</param>
    /// <param name="log">Where bugs are recorded.</param>
    /// <param name="workers">Calls of the Worker lane, and of the Child lane, that run at a time.</param>
    public Dispatcher(RouteTable table, Outbox outbox, GatewayLog log, int workers)
    {
        _table = table;
        _outbox = outbox;
        _log = log;
        _sessions = new SessionLane(FinishAsync);
        _workers = new WorkerLane(FinishAsync, workers);
        _children = new WorkerLane(FinishAsync, workers);
        _nameOf = table.NameOf;
    }

    /// <summary>Takes one line. Returns as soon as the request is answered or on its lane; the bytes may then be reused.</summary>
    public void Dispatch(ReadOnlySpan<byte> line)
    {
        try
        {
            Take(line);
        }
        catch (Exception exception)
        {
            _log.Failure("the dispatcher", exception);
            _outbox.Error(RequestId.Null, ErrorCode.InternalError, InternalErrorText);
        }
    }

    /// <summary>Answers a line whose bytes the transport did not keep.</summary>
    public void RejectSkipped(in Line line)
    {
        string why = line.Fault == LineFault.TooLong ? $"is longer than {line.Limit} bytes" : "does not fit into memory";
        _outbox.Error(RequestId.Null, ErrorCode.ParseError, $"parse error: the line {why} and was skipped");
    }

    /// <summary>Completes when every accepted request is answered.</summary>
    public Task WhenIdle() => _inFlight.WhenIdle();

    /// <summary>The accepted requests that have no answer yet.</summary>
    public IReadOnlyList<Call> Waiting() => _inFlight.Calls();

    /// <summary>Cancels the handlers that still run.</summary>
    public void Cancel() => _stop.Cancel();

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    private void Take(ReadOnlySpan<byte> line)
    {
        var frame = RequestFrame.Read(line, _nameOf);
        switch (frame.Kind)
        {
            case FrameKind.Request:
                Accept(frame);
                break;
            case FrameKind.Invalid:
                _outbox.Error(frame.Id, frame.Problem!.Code, frame.Problem.Message);
                break;
            case FrameKind.Response:
                if (_strayResponses++ == 0) _log.Note("the client sent a response to nothing we asked; it and any further ones are dropped");
                break;
        }
    }

    private void Accept(in RequestFrame frame)
    {
        Call call;
        try
        {
            var route = _table.Find(frame.Method);
            if (route is null)
            {
                _outbox.Error(frame.Id, ErrorCode.MethodNotFound, $"unknown method: {RpcException.Shorten(frame.Method)}");
                return;
            }

            call = route.Decode(frame, ++_accepted, _stop.Token);
        }
        catch (RpcException refusal)
        {
            _outbox.Error(frame.Id, refusal.Code, refusal.Message, frame.Method);
            return;
        }

        _inFlight.Enter(call);
        bool accepted = call.Route.Lane switch
        {
            Lane.Session => _sessions.TryAdd(call),
            Lane.Worker => _workers.TryAdd(call),
            Lane.Child => _children.TryAdd(call),
            _ => RunHere(call),
        };
        if (accepted) return;
        _inFlight.Leave(call);
        _outbox.Error(call.Id, ErrorCode.Overloaded, $"{frame.Method}: too many requests are waiting; try again");
    }

    // Control and Inline handlers finish before they return; if one does not, its answer follows when it does.
    private bool RunHere(Call call)
    {
        _ = FinishAsync(call);
        return true;
    }

    private async Task FinishAsync(Call call)
    {
        try
        {
            call.Thread = ThreadStates.CurrentId();
            var running = call.RunAsync(_outbox);
            call.Thread = 0;
            await running;
        }
        catch (RpcException refusal)
        {
            _outbox.Error(call.Id, refusal.Code, refusal.Message, call.Route.Method);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            _outbox.Error(call.Id, ErrorCode.InternalError, $"{call.Route.Method}: cancelled, the gateway is shutting down");
        }
        catch (Exception exception)
        {
            _log.Failure($"method {call.Route.Method}", exception);
            _outbox.Error(call.Id, ErrorCode.InternalError, InternalErrorText, call.Route.Method);
        }
        finally
        {
            Continue(call);
            _inFlight.Leave(call);
        }
    }

    // The request is answered by now; what goes wrong here must not answer it a second time.
    private void Continue(Call call)
    {
        try
        {
            call.AfterReply?.Invoke();
        }
        catch (Exception exception)
        {
            _log.Failure($"what follows {call.Route.Method}", exception);
        }
    }
}
