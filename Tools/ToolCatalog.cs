using Gateway.Config;
using Gateway.Tools.Code;
using Gateway.Tools.Cron;
using Gateway.Tools.Delegation;
using Gateway.Tools.Files;
using Gateway.Tools.Memory;
using Gateway.Tools.Patch;
using Gateway.Tools.Recall;
using Gateway.Tools.Search;
using Gateway.Tools.Skills;
using Gateway.Tools.Terminal;
using Gateway.Tools.Todo;
using Gateway.Tools.Vision;
using Gateway.Tools.Web;

namespace Gateway.Tools;

/// <summary>The one list of built-in tools.</summary>
internal static class ToolCatalog
{
    /// <summary>Every built-in tool, made for the configuration of this moment. Tools of MCP servers are not among them.</summary>
    public static IEnumerable<ITool> BuiltIn(ToolKit kit) =>
        TerminalBackend.Problem(kit.Settings, kit.Environment) is { } problem ? Made(kit).Select(tool => ElsewhereTool.InPlaceOf(tool, problem)) : Made(kit);

    private static IEnumerable<ITool> Made(ToolKit kit)
    {
        var settings = AgentSettingsReader.Read(kit.Settings, kit.Environment);
        yield return new TerminalTool(
            TerminalSettings.Read(kit.Settings, settings, kit.Environment) with { Withheld = kit.Secrets.Variables },
            kit.Environment.Variables,
            new TerminalRoom(kit.Children, kit.Gate, kit.Background, kit.Scratch, kit.Time) { IsSudo = kit.IsSudo, Sandbox = kit.Sandbox });
        yield return new ProcessTool(kit.Background, kit.Gate, settings.TerminalTimeoutSeconds, kit.Time);
        if (new ExecuteCodeTool(kit.Environment, kit.Settings, kit.Children, kit.Scratch, kit.Time) { Withheld = kit.Secrets.Variables, Sandbox = kit.Sandbox } is { IsAvailable: true } code) yield return code;
        yield return new DelegateTool();
        yield return new TodoTool();
        yield return new ClarifyTool();
        yield return new MemoryTool(kit.Environment, kit.Settings);
        yield return new SkillsListTool(kit.Skills, kit.Settings);
        yield return new SkillViewTool(kit.Skills, kit.Settings, kit.Environment, SkillText(kit));
        yield return new SkillManageTool(kit.Skills, kit.Settings, kit.Environment, kit.Files);
        yield return new SessionSearchTool(kit.State, kit.Time, kit.Settings.Find("auxiliary", "session_search", "max_concurrency").AsInt() ?? 3);
        yield return new CronTool(kit.Environment, kit.Settings, kit.Time);
        if (WebBackend.Of(kit.Environment, kit.Settings) is { } backend)
        {
            yield return new WebSearchTool(backend, kit.Web);
            yield return new WebExtractTool(backend, kit.Web, new UrlGuard(kit.Environment, kit.Settings));
        }

        var target = new FileTarget(kit.Environment);
        if (AuxiliaryEndpoint.Resolve(kit.Environment, kit.Settings, "vision").Endpoint is not null)
        {
            var download = new WebDownload(kit.Web, new UrlGuard(kit.Environment, kit.Settings), kit.Time);
            yield return new VisionTool(new ImageSource(target, download, VisionTool.DownloadLimit(kit.Environment, kit.Settings)));
        }

        var environment = CommandEnvironment.ForCommands(kit.Environment.Variables, [], kit.Secrets.Variables);
        yield return new ReadFileTool(target, kit.Settings);
        yield return new WriteFileTool(target, kit.Files);
        yield return new PatchTool(target, kit.Files, new SyntaxCheck(kit.Children, environment));
        yield return new SearchFilesTool(target, kit.Children, environment);
    }

    private static SkillText SkillText(ToolKit kit) =>
        new(kit.Settings.Find("skills"), CommandEnvironment.ForCommands(kit.Environment.Variables, [], kit.Secrets.Variables), kit.Children, kit.Gate);
}
