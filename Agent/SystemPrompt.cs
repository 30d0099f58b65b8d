using System.Globalization;
using Gateway.Config;

namespace Gateway.Agent;

/// <summary>What of the session goes into its instructions.</summary>
/// <param name="Tools">Names of the tools on offer.</param>
/// <param name="Memory">What is remembered, as blocks.</param>
/// <param name="Skills">The list of skills; null for none.</param>
/// <param name="Enforcement">agent.tool_use_enforcement: whether this model is told to act rather than to announce; null: judged by its name.</param>
internal sealed record PromptParts(IReadOnlyCollection<string> Tools, IReadOnlyList<string> Memory, string? Skills, bool? Enforcement)
{
    /// <summary>The time zone that the user lives by; null for the machine's.</summary>
    public TimeZoneInfo? Zone { get; init; }

    /// <summary>What is unusual about the machine; null for nothing.</summary>
    public string? Surroundings { get; init; }
}

/// <summary>Builds the instructions of a session (AGENT.md section 2): who the agent is, what the project says about itself, and the
/// date. Built once per session and kept, so that providers can reuse the cached prefix.</summary>
internal static class SystemPrompt
{
    private const string Identity =
        "You are Hermes Agent, an assistant made by Nous Research that works in the user's terminal. "
        + "Be helpful, direct and efficient: do the task, use your tools to look instead of guessing, "
        + "say plainly what you do not know, and keep answers as short as the matter allows.";

    private const string ProjectIntro = "The project's own files say the following; keep to it while you work here.";

    /// <summary>Builds the prompt. Files that are missing or unreadable are left out.</summary>
    /// <param name="workingDirectory">Absolute directory of the session.</param>
    /// <param name="hermesHome">Directory of <c>SOUL.md</c>.</param>
    /// <param name="endpoint">The model, named in the prompt.</param>
    /// <param name="more">What belongs into it beside that.</param>
    /// <param name="time">Date and time zone.</param>
    public static string Build(string workingDirectory, string hermesHome, ModelEndpoint endpoint, PromptParts more, TimeProvider time)
    {
        var parts = new List<string?>
        {
            ContextFile.Read(Path.Combine(hermesHome, "SOUL.md")) is { } soul ? ContextFile.Prepare("SOUL.md", soul) : Identity,
            ToolGuidance.AboutItself(more.Tools),
            ToolGuidance.Of(more.Tools),
            ToolGuidance.ForModel(endpoint.Model, more.Enforcement, more.Tools.Count > 0),
        };
        parts.AddRange(more.Memory);
        parts.Add(more.Skills);
        parts.Add(ProjectContext(workingDirectory));
        var now = TimeZoneInfo.ConvertTime(time.GetUtcNow(), more.Zone ?? time.LocalTimeZone).ToString("dddd, MMMM dd, yyyy hh:mm tt", CultureInfo.InvariantCulture);
        parts.Add($"Conversation started: {now}\nModel: {endpoint.Model}\nProvider: {endpoint.Provider}");

        // The service answers under another name than the one it was asked by.
        if (endpoint.Provider == "alibaba") parts.Add($"You are the model {endpoint.Model}. When you are asked which model you are, that is the answer, whatever else you were told about it.");
        parts.Add(more.Surroundings);
        return string.Join("\n\n", parts.Select(part => part?.Trim()).Where(part => !string.IsNullOrEmpty(part)));
    }

    private static string? ProjectContext(string directory)
    {
        var files = HermesFile(directory) ?? First(directory, "AGENTS.md", "agents.md") ?? First(directory, "CLAUDE.md", "claude.md") ?? CursorRules(directory);
        if (files is null)
        {
            return null;
        }

        var sections = files.Select(file => $"## {file.Name}\n\n{ContextFile.Prepare(file.Name, file.Text)}");
        return $"# Project Context\n\n{ProjectIntro}\n\n{string.Join("\n\n", sections)}";
    }

    /// <summary>The directory's own file, or that of a parent inside the same repository.</summary>
    private static List<(string Name, string Text)>? HermesFile(string directory)
    {
        var root = GitRoot(directory) ?? directory;
        for (var current = directory; current is not null; current = Path.GetDirectoryName(current))
        {
            if (First(current, ".hermes.md", "HERMES.md") is [var (name, text)])
            {
                return WithoutFrontMatter(text) is { Length: > 0 } body ? [(name, body)] : null;
            }

            if (current == root)
            {
                return null;
            }
        }

        return null;
    }

    private static string? GitRoot(string directory)
    {
        for (var current = directory; current is not null; current = Path.GetDirectoryName(current))
        {
            // A file in worktrees and submodules.
            if (Path.Exists(Path.Combine(current, ".git")))
            {
                return current;
            }
        }

        return null;
    }

    private static List<(string Name, string Text)>? First(string directory, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (ContextFile.Read(Path.Combine(directory, name)) is { } text)
            {
                return [(name, text)];
            }
        }

        return null;
    }

    private static List<(string Name, string Text)>? CursorRules(string directory)
    {
        var found = First(directory, ".cursorrules") ?? [];
        try
        {
            var rules = Path.Combine(directory, ".cursor", "rules");
            if (Directory.Exists(rules))
            {
                // A repository can hold any number of them.
                foreach (var path in Directory.EnumerateFiles(rules, "*.mdc").Order(StringComparer.Ordinal).Take(50))
                {
                    if (ContextFile.Read(path) is { } text)
                    {
                        found.Add((".cursor/rules/" + Path.GetFileName(path), text));
                    }
                }
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Unreadable rules are no rules.
        }

        return found.Count == 0 ? null : found;
    }

    private static string WithoutFrontMatter(string text)
    {
        if (!text.StartsWith("---", StringComparison.Ordinal))
        {
            return text;
        }

        var end = text.IndexOf("\n---", 3, StringComparison.Ordinal);
        if (end < 0)
        {
            return text;
        }

        var line = text.IndexOf('\n', end + 4);
        return line < 0 ? "" : text[(line + 1)..].Trim();
    }
}
