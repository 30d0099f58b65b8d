using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gateway.Protocol;
using Gateway.Protocol.Messages;

namespace Gateway.Rpc;

/// <summary>One row of the method table: name, lane, types and handler.</summary>
internal abstract class Route
{
    /// <summary>Most bytes that the params of a text for a model may have: more than any model takes.</summary>
    public const int LongText = 16 * 1024 * 1024;

    private const int ShortText = 1024 * 1024;

    /// <summary>Describes a row.</summary>
    protected Route(string method, Lane lane)
    {
        Method = method;
        Lane = lane;
    }

    /// <summary>Method name on the wire.</summary>
    public string Method { get; }

    /// <summary>Where it runs.</summary>
    public Lane Lane { get; }

    /// <summary>Most bytes of its params as JSON text; default 1 MiB. Longer ones are refused before anything is made of them, since that takes
    /// many times as much memory.</summary>
    public int MostBytes { get; private set; } = ShortText;

    /// <summary>How its params are read. Built at the first use of its type: making the metadata of all methods would be
    /// most of the start-up time.</summary>
    public abstract JsonTypeInfo Params { get; }

    /// <summary>How its result is written.</summary>
    public abstract JsonTypeInfo Result { get; }

    /// <summary>The row with another bound on its params.</summary>
    /// <param name="mostBytes">See <see cref="MostBytes"/>.</param>
    public Route Taking(int mostBytes)
    {
        MostBytes = mostBytes;
        return this;
    }

    /// <summary>Builds a row; the compiler ties the types to the handler.</summary>
    /// <param name="method">Method name on the wire.</param>
    /// <param name="lane">Where it runs.</param>
    /// <param name="parameters">How its params are read.</param>
    /// <param name="result">How its result is written.</param>
    /// <param name="handler">What it does; gets the params and the call they came with. Throws <see cref="RpcException"/> to refuse.</param>
    public static Route Of<TParams, TResult>(
        string method,
        Lane lane,
        Func<GatewayJson, JsonTypeInfo<TParams>> parameters,
        Func<GatewayJson, JsonTypeInfo<TResult>> result,
        Func<TParams, Call, ValueTask<TResult>> handler)
        where TParams : class =>
        new Route<TParams, TResult>(method, lane, parameters, result, handler);

    /// <summary>The same for a handler that is done when it returns.</summary>
    public static Route Of<TParams, TResult>(
        string method,
        Lane lane,
        Func<GatewayJson, JsonTypeInfo<TParams>> parameters,
        Func<GatewayJson, JsonTypeInfo<TResult>> result,
        Func<TParams, TResult> handler)
        where TParams : class =>
        new Route<TParams, TResult>(method, lane, parameters, result, (p, _) => new ValueTask<TResult>(handler(p)));

    /// <summary>Reads the params of a request, so that its bytes are needed no longer.</summary>
    /// <param name="frame">The request.</param>
    /// <param name="order">Its place among all requests of the connection.</param>
    /// <param name="cancellationToken">Cancelled when the gateway shuts down.</param>
    /// <exception cref="RpcException">The params have the wrong shape, or are too long.</exception>
    public abstract Call Decode(in RequestFrame frame, long order, CancellationToken cancellationToken);
}

/// <summary>One accepted request on its way to its handler.</summary>
internal abstract class Call
{
    /// <summary>Describes a call.</summary>
    protected Call(Route route, RequestId id)
    {
        Route = route;
        Id = id;
    }

    /// <summary>The row it belongs to.</summary>
    public Route Route { get; }

    /// <summary>Place among all requests of the connection, from 1: says what was sent before what, whatever the lanes did since.</summary>
    public long Order { get; init; }

    /// <summary>When it was accepted (Stopwatch ticks).</summary>
    public long AcceptedAt { get; } = Stopwatch.GetTimestamp();

    /// <summary>The kernel's id of the thread its handler keeps; 0 while it waits without one.</summary>
    public int Thread { get; set; }

    /// <summary>Cancelled when the gateway shuts down.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>What to do once the answer is on its way; events that must follow it go here. Set by a handler that succeeds.</summary>
    public Action? AfterReply { get; set; }

    /// <summary>The id to answer with.</summary>
    public RequestId Id { get; }

    /// <summary>The session whose order it keeps; "" for none.</summary>
    public abstract string OrderKey { get; }

    /// <summary>Runs the handler and sends its result. Refusals and bugs are thrown.</summary>
    public abstract ValueTask RunAsync(Outbox outbox);
}

/// <inheritdoc/>
internal sealed class Route<TParams, TResult> : Route
    where TParams : class
{
    private readonly Func<GatewayJson, JsonTypeInfo<TParams>> _params;
    private readonly Func<GatewayJson, JsonTypeInfo<TResult>> _result;
    private readonly Func<TParams, Call, ValueTask<TResult>> _handler;

    /// <summary>Builds a row; see the factory methods of <see cref="Route"/>.</summary>
    public Route(
        string method,
        Lane lane,
        Func<GatewayJson, JsonTypeInfo<TParams>> parameters,
        Func<GatewayJson, JsonTypeInfo<TResult>> result,
        Func<TParams, Call, ValueTask<TResult>> handler)
        : base(method, lane)
    {
        _params = parameters;
        _result = result;
        _handler = handler;
    }

    /// <inheritdoc/>
    public override JsonTypeInfo<TParams> Params => _params(GatewayJson.Default);

    /// <inheritdoc/>
    public override JsonTypeInfo<TResult> Result => _result(GatewayJson.Default);

    /// <inheritdoc/>
    public override Call Decode(in RequestFrame frame, long order, CancellationToken cancellationToken)
    {
        if (frame.Params.Length > MostBytes)
            throw new RpcException(ErrorCode.InvalidParams, string.Create(CultureInfo.InvariantCulture, $"{Method}: the params have {frame.Params.Length:N0} bytes, and at most {MostBytes:N0} are taken"));
        try
        {
            return new TypedCall(this, frame.Id, JsonSerializer.Deserialize(frame.Params, Params)!)
            {
                Order = order,
                CancellationToken = cancellationToken,
            };
        }
        catch (JsonException exception)
        {
            throw new RpcException(ErrorCode.InvalidParams, ParamsProblem.Describe(Method, exception.Path, Params));
        }
    }

    private sealed class TypedCall(Route<TParams, TResult> route, RequestId id, TParams parameters) : Call(route, id)
    {
        public override string OrderKey => (parameters as ISessionScoped)?.SessionId ?? "";

        public override async ValueTask RunAsync(Outbox outbox)
        {
            var result = await route._handler(parameters, this);
            outbox.Result(Id, result, route.Result, Route.Method);
        }
    }
}
