using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.Config;
using Gateway.Protocol;
using Gateway.Protocol.Messages;
using Gateway.Storage;

namespace Gateway.Rpc.Methods;

/// <summary>Finished trees of sub-agents, kept for the client, which alone knows what is in them (WIRE 21.2).</summary>
internal sealed class SpawnTreeMethods
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 10_000;
    private const int MaxPath = 4096;
    private const double FirstSecondOfYear10000 = 253_402_300_800;
    private readonly GatewayEnvironment _environment;
    private readonly TimeProvider _time;
    private readonly SpawnTrees _trees;

    /// <summary>Creates the group.</summary>
    public SpawnTreeMethods(GatewayEnvironment environment, TimeProvider time)
    {
        _environment = environment;
        _time = time;
        _trees = new SpawnTrees(Path.Combine(environment.HermesHome, "spawn-trees"));
    }

    /// <summary>The rows of the group. Saving and listing share the queue of short work on files and name no session to it: a
    /// list sees what was saved before it, and no prompt waits for either.</summary>
    public IReadOnlyList<Route> Routes =>
    [
        Route.Of("spawn_tree.save", Lane.Session, json => json.SpawnTreeSaveParams, json => json.SpawnTreeSaveResult, Save).Taking(int.MaxValue),
        Route.Of("spawn_tree.list", Lane.Session, json => json.SpawnTreeListParams, json => json.SpawnTreeListResult, List),
        Route.Of("spawn_tree.load", Lane.Worker, json => json.SpawnTreeLoadParams, json => json.SpawnTreeDocument, Load),
    ];

    private SpawnTreeSaveResult Save(SpawnTreeSaveParams request)
    {
        var subagents = request.Subagents;
        if (subagents.ValueKind != JsonValueKind.Array || subagents.GetArrayLength() == 0)
            throw new RpcException(ErrorCode.ParameterRequired, "subagents list required");
        double? started = Seconds("started_at", request.StartedAt);
        double finished = Seconds("finished_at", request.FinishedAt) ?? _time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        string session = request.SessionId?.Trim() ?? "";
        try
        {
            // The element holds the text as it came; nothing of it is written anew.
            byte[] json = JsonMarshal.GetRawUtf8Value(subagents).ToArray();
            return new(_trees.Save(new SpawnTree(session, started, finished, request.Label ?? "", json, subagents.GetArrayLength())), session);
        }
        catch (StoredFileException exception)
        {
            throw new RpcException(ErrorCode.StateUnavailable, $"spawn_tree.save failed: {exception.Message}");
        }
    }

    private SpawnTreeListResult List(SpawnTreeListParams request)
    {
        int limit = request.Limit is int wanted and > 0 ? Math.Min(wanted, MaxLimit) : DefaultLimit;
        var entries = _trees.List(request.CrossSession == true ? null : request.SessionId?.Trim() ?? "", limit);
        return new([.. entries.Select(entry => new SpawnTreeRow(entry.Path, entry.SessionId, entry.StartedAt, entry.FinishedAt, entry.Label, entry.Count))]);
    }

    private SpawnTreeDocument Load(SpawnTreeLoadParams request)
    {
        string path = request.Path?.Trim() ?? "";
        if (path.Length == 0) throw new RpcException(ErrorCode.ParameterRequired, "path required");
        if (path.Length > MaxPath || path.Contains('\0')) throw new RpcException(ErrorCode.InvalidParams, "spawn_tree.load: params.path is not a path");
        string file = _trees.Locate(Path.Combine(_environment.WorkingDirectory, _environment.ExpandHome(path)))
            ?? throw new RpcException(ErrorCode.PathOutsideRoot, $"path outside spawn-trees root: '{RpcException.Shorten(path)}' does not lead to a file below {_trees.Root}");
        try
        {
            return new(ForeignJson.OnOneLine(SpawnTrees.Read(file)) ?? throw new StoredFileException("the file holds no JSON object"));
        }
        catch (StoredFileException exception)
        {
            throw new RpcException(ErrorCode.StateUnavailable, $"spawn_tree.load failed: {exception.Message}: {RpcException.Shorten(path)}");
        }
    }

    private static double? Seconds(string name, double? value) => value switch
    {
        null or 0 => null,
        > 0 and < FirstSecondOfYear10000 => value,
        _ => throw new RpcException(ErrorCode.InvalidParams, $"spawn_tree.save: params.{name} must be a time in seconds since 1970"),
    };
}
