using System.Globalization;
using System.Text.Json;
using Gateway.Config;
using Gateway.Storage;

namespace Gateway.Tools.Memory;

/// <summary>Remembers things from one conversation to the next (AGENT.md section 12).</summary>
internal sealed class MemoryTool(GatewayEnvironment environment, ConfigNode config) : ITool
{
    private const int ShownMatch = 80;

    /// <inheritdoc/>
    public string Name => "memory";

    /// <inheritdoc/>
    public string Toolset => "memory";

    /// <inheritdoc/>
    public string Description =>
        """
        Notes that outlive this conversation; you find them in your instructions the next time. target "user": who the user is and how they want things done. target "memory": facts about their machine, projects and tools, and what you learned the hard way.
        Save what saves the user from saying it again: corrections, preferences, lasting facts, in one or two plain sentences each. Not the state of the present task, not what a look would tell, and never a password or key.
        Room is short: replace what is out of date and remove what nobody needs. replace and remove find an entry by a piece of its text (old_text).
        """;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ParametersSchema { get; } =
        """
        {"type":"object","properties":{"action":{"type":"string","enum":["add","replace","remove"],"description":"What to do."},"target":{"type":"string","enum":["memory","user"],"description":"Which notes."},"content":{"type":"string","description":"The entry, for add and replace."},"old_text":{"type":"string","description":"A piece of the entry that only it has, for replace and remove."}},"required":["action","target"]}
        """u8.ToArray();

    /// <inheritdoc/>
    public Task<ToolResult> RunAsync(ToolCall call, ToolContext context, CancellationToken cancellationToken) => Task.Run(() => ApplyAsync(call.Arguments), CancellationToken.None);

    private async Task<ToolResult> ApplyAsync(JsonElement arguments)
    {
        string target = ToolJson.Text(arguments, "target") ?? "memory";
        if (target is not ("memory" or "user")) return ToolJson.Failure($"Invalid target '{target}'. Use 'memory' or 'user'.");
        if (!config.Find("memory", target == "user" ? "user_profile_enabled" : "memory_enabled").AsBool(true))
            return ToolJson.Failure("Memory is not available. It is switched off in section memory of config.yaml.");
        string action = ToolJson.Text(arguments, "action") ?? "";
        string? content = ToolJson.Text(arguments, "content")?.Trim(), old = ToolJson.Text(arguments, "old_text")?.Trim();
        if (action is not ("add" or "replace" or "remove")) return ToolJson.Failure($"Unknown action '{action}'. Use: add, replace, remove");
        if (action != "add" && string.IsNullOrEmpty(old)) return ToolJson.Failure("old_text cannot be empty.");
        if (action != "remove")
        {
            if (string.IsNullOrEmpty(content)) return ToolJson.Failure("Content cannot be empty.");
            content = content.Replace(MemoryFile.Separator, "\n", StringComparison.Ordinal);
            if (InjectionScan.OfNote(content) is [var threat, ..])
                return ToolJson.Failure($"Blocked: content matches threat pattern '{threat}'. Notes become part of your instructions and must not hold orders or ways to secrets.");
        }

        try
        {
            var file = new MemoryFile(environment, config, target);
            ToolResult? result = null;
            await file.ChangeAsync(entries =>
            {
                (result, var changed) = action switch
                {
                    "add" => Add(file, entries, content!),
                    "replace" => Replace(file, entries, old!, content!),
                    _ => Remove(file, entries, old!),
                };
                return changed;
            });
            return result!;
        }
        catch (StoredFileException exception)
        {
            return ToolJson.Failure($"The notes cannot be written: {exception.Message}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ToolJson.Failure($"The notes cannot be used: {PrivateFiles.Reason(exception)}");
        }
    }

    private static (ToolResult Result, IReadOnlyList<string>? Changed) Add(MemoryFile file, IReadOnlyList<string> entries, string content)
    {
        if (entries.Contains(content)) return (Success(file, entries, "Entry already exists (no duplicate added)."), null);
        string[] changed = [.. entries, content];
        if (Length(changed) <= file.Limit) return (Success(file, changed, "Entry added."), changed);
        string message = string.Create(
            CultureInfo.InvariantCulture,
            $"Memory at {Length(entries):N0}/{file.Limit:N0} chars. Adding this entry ({content.Length} chars) would exceed the limit. Replace or remove existing entries first.");
        return (ToolJson.Failure(message, json =>
        {
            ToolJson.Strings(json, "current_entries", entries);
            json.WriteString("usage", MemorySnapshot.Usage(entries, file.Limit));
        }), null);
    }

    private static (ToolResult Result, IReadOnlyList<string>? Changed) Replace(MemoryFile file, IReadOnlyList<string> entries, string old, string content)
    {
        if (Find(entries, old) is var (at, problem) && problem is not null) return (problem, null);
        string[] changed = [.. entries.Select((entry, index) => index == at ? content : entry).Distinct(StringComparer.Ordinal)];
        if (Length(changed) <= file.Limit) return (Success(file, changed, "Entry replaced."), changed);
        return (ToolJson.Failure(string.Create(
            CultureInfo.InvariantCulture, $"Replacement would put memory at {Length(changed):N0}/{file.Limit:N0} chars. Shorten the new content or remove other entries first.")), null);
    }

    private static (ToolResult Result, IReadOnlyList<string>? Changed) Remove(MemoryFile file, IReadOnlyList<string> entries, string old)
    {
        if (Find(entries, old) is var (at, problem) && problem is not null) return (problem, null);
        string[] changed = [.. entries.Where((_, index) => index != at)];
        return (Success(file, changed, "Entry removed."), changed);
    }

    private static (int At, ToolResult? Problem) Find(IReadOnlyList<string> entries, string old)
    {
        int[] found = [.. Enumerable.Range(0, entries.Count).Where(index => entries[index].Contains(old, StringComparison.Ordinal))];
        return found.Length switch
        {
            0 => (-1, ToolJson.Failure($"No entry matched '{old}'.")),
            1 => (found[0], null),
            _ => (-1, ToolJson.Failure($"Multiple entries matched '{old}'. Be more specific.", json => ToolJson.Strings(json, "matches", found.Select(index => Start(entries[index]))))),
        };
    }

    private static ToolResult Success(MemoryFile file, IReadOnlyList<string> entries, string message) => new(
        ToolJson.Object(json =>
        {
            json.WriteBoolean("success", true);
            json.WriteString("target", file.Target);
            ToolJson.Strings(json, "entries", entries);
            json.WriteString("usage", MemorySnapshot.Usage(entries, file.Limit));
            json.WriteNumber("entry_count", entries.Count);
            json.WriteString("message", message);
        }),
        null,
        message);

    private static int Length(IReadOnlyList<string> entries) => string.Join(MemoryFile.Separator, entries).Length;

    private static string Start(string text) => text.Length <= ShownMatch ? text : text[..(char.IsHighSurrogate(text[ShownMatch - 1]) ? ShownMatch - 1 : ShownMatch)] + "...";
}
