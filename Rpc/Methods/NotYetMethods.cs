using Gateway.Protocol;
using Gateway.Protocol.Messages;

namespace Gateway.Rpc.Methods;

/// <summary>Methods of the contract that this version does not have. Each says so, in one place; a test holds the table
/// against the contract's list.</summary>
internal static class NotYetMethods
{
    /// <summary>The missing methods.</summary>
    public static IReadOnlyList<string> Names =>
    [
        "clipboard.paste", "image.attach", "paste.collapse",
        "config.set", "config.show", "model.options",
        "skills.manage",
        "cli.exec", "command.resolve", "command.dispatch", "slash.exec",
        "voice.record", "voice.tts", "browser.manage", "plugins.list",
        "rollback.list", "rollback.restore", "rollback.diff",
    ];

    /// <summary>The rows of the group.</summary>
    public static IReadOnlyList<Route> Routes =>
        [.. Names.Select(name => Route.Of(name, Lane.Inline, json => json.NoParams, json => json.StatusResult, Refusal(name)).Taking(int.MaxValue))];

    private static Func<NoParams, StatusResult> Refusal(string name) => _ =>
        throw new RpcException(ErrorCode.MethodNotFound, $"{name} is not available in tui-gateway {BuildInfo.Version}");
}
