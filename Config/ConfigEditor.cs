using System.Text;

namespace Gateway.Config;

/// <summary>config.yaml was left as it was; the message says why and what to do.</summary>
internal sealed class ConfigEditException : Exception
{
    /// <summary>Makes the exception.</summary>
    public ConfigEditException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with its cause.</summary>
    public ConfigEditException(string message, Exception cause)
        : base(message, cause)
    {
    }
}

/// <summary>Changes config.yaml in place: only the lines concerned change, and the file is replaced in one step (CONFIG.md 1, Q7).</summary>
internal sealed class ConfigEditor(GatewayEnvironment environment)
{
    /// <summary>Adds entries to the top-level <c>command_allowlist</c>; those already there are left out.</summary>
    /// <param name="path">config.yaml; need not exist. A link is followed to its target.</param>
    /// <param name="keys">Entries to add.</param>
    /// <returns>How many entries were new; with 0 the file is not touched.</returns>
    /// <exception cref="ConfigEditException">The file is broken, managed, not writable, or of a shape that cannot be edited safely.</exception>
    public int AddToAllowlist(string path, IEnumerable<string> keys)
    {
        int count = 0;
        Edit(path, (text, root) =>
        {
            var present = root.Find("command_allowlist");
            var known = present.Items.Select(item => item.AsString()).ToHashSet(StringComparer.Ordinal);
            var added = keys.Where(key => known.Add(key)).ToList();
            if (added.Count == 0) return null;
            if (!present.IsNull && present.Kind != ConfigKind.List) throw new ConfigEditException($"command_allowlist in {path} is not a list, so nothing was added to it.");
            count = added.Count;
            var edited = AllowlistEdit.Apply(text, added);
            return edited is not null && IsAsIntended(root, edited, added)
                ? edited
                : throw new ConfigEditException(
                    $"command_allowlist in {path} is written in a way that cannot be extended automatically. Add {string.Join(", ", added.Select(AllowlistEdit.Quote))} to it by hand.");
        });
        return count;
    }

    /// <summary>Sets the toolsets of a platform in <c>platform_toolsets</c>; the lists of other platforms stay.</summary>
    /// <param name="path">config.yaml; need not exist.</param>
    /// <param name="platform">The platform, such as <c>cli</c>.</param>
    /// <param name="names">Its toolsets.</param>
    /// <exception cref="ConfigEditException">The file is broken, managed, not writable, or of a shape that cannot be edited safely.</exception>
    public void SetPlatformToolsets(string path, string platform, IReadOnlyList<string> names) => Edit(path, (text, root) =>
    {
        var list = ConfigNode.Of(names.Select(ConfigNode.Of));
        if (root.Find("platform_toolsets", platform).DeepEquals(list)) return null;
        var section = ConfigNode.Of(root.Find("platform_toolsets").Entries.Where(entry => entry.Key != platform).Append(KeyValuePair.Create(platform, list)));
        var intended = ConfigNode.Of(root.Entries.Where(entry => entry.Key != "platform_toolsets").Append(KeyValuePair.Create("platform_toolsets", section)));
        string? edited = SectionEdit.Replace(text, "platform_toolsets", section, root.Entries.Any(entry => entry.Key == "platform_toolsets"));
        return edited is not null && ConfigFile.ParseRoot(edited, out _) is { } after && after.DeepEquals(intended)
            ? edited
            : throw new ConfigEditException($"platform_toolsets in {path} is written in a way that cannot be changed automatically. Set {platform}: [{string.Join(", ", names)}] there by hand.");
    });

    /// <summary>Takes texts out of a list below some keys and puts others in; texts that are there, or not, are left as they are.</summary>
    /// <param name="path">config.yaml.</param>
    /// <param name="keys">The keys that lead to the list; it need not exist.</param>
    /// <param name="added">Texts to put in.</param>
    /// <param name="removed">Texts to take out.</param>
    /// <exception cref="ConfigEditException">The file is broken, managed, not writable, or of a shape that cannot be edited safely.</exception>
    public void ChangeList(string path, string[] keys, IReadOnlyCollection<string> added, IReadOnlyCollection<string> removed) => Edit(path, (text, root) =>
    {
        ConfigNode[] kept = [.. root.Find(keys).Items.Where(item => item.AsString() is not { } value || !removed.Contains(value))];
        string[] fresh = [.. added.Where(value => kept.All(item => item.AsString() != value)).Distinct(StringComparer.Ordinal)];
        if (fresh.Length == 0 && kept.Length == root.Find(keys).Items.Count) return null;
        ConfigNode[] list = [.. kept, .. fresh.Select(ConfigNode.Of)];
        string[] result = [.. list.Select(item => item.AsString() ?? "")];
        return ListEdit.Apply(text, keys, removed, fresh, result) is { } edited && ConfigFile.ParseRoot(edited, out _) is { } after && after.DeepEquals(With(root, keys, ConfigNode.Of(list)))
            ? edited
            : throw new ConfigEditException($"{keys[0]} in {path} is written in a way that cannot be changed automatically. Set {string.Join('.', keys)}: [{string.Join(", ", result.Select(AllowlistEdit.Quote))}] there by hand.");
    });

    private static ConfigNode With(ConfigNode node, ReadOnlySpan<string> keys, ConfigNode value)
    {
        if (keys.IsEmpty) return value;
        string key = keys[0];
        var inner = With(node.Find(key), keys[1..], value);
        return ConfigNode.Of(node.Entries.Where(entry => entry.Key != key).Append(KeyValuePair.Create(key, inner)));
    }

    // The change gets the text and what it says, and answers the new text, or null for no change.
    private void Edit(string path, Func<string, ConfigNode, string?> change)
    {
        if (IsManaged(path)) throw new ConfigEditException($"{path} is managed by your administrator and was not changed.");
        try
        {
            var target = FileReplacement.FinalTarget(path);
            var bytes = HomeFile.Read(target, ConfigFile.MaximumBytes) ?? [];
            var hasMark = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble);
            var text = ConfigFile.Decode(bytes) ?? throw new ConfigEditException($"{path} is not UTF-8 text and was not changed.");
            var root = ConfigFile.ParseRoot(text, out var problem)
                ?? throw new ConfigEditException($"{path} cannot be read as YAML ({problem}) and was not changed. Correct it first.");
            if (change(text, root) is { } edited) FileReplacement.Write(target, Encoding.UTF8.GetBytes((hasMark ? "\uFEFF" : "") + edited));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigEditException($"{path} could not be written: {error.Message}", error);
        }
    }

    /// <summary>Whether an administrator keeps the files of the configuration, so that nothing may be changed in them.</summary>
    public bool IsManaged(string path) =>
        (environment.Get("HERMES_MANAGED") is { } managed && managed.Trim().ToLowerInvariant() is not ("0" or "false" or "no" or "off"))
        || File.Exists(Path.Combine(environment.HermesHome, ".managed"))
        || (Path.GetDirectoryName(path) is { } directory && File.Exists(Path.Combine(directory, ".managed")));

    // Whatever the text edit did, the file must afterwards say the same as before plus the new entries.
    private static bool IsAsIntended(ConfigNode before, string edited, List<string> added)
    {
        var list = ConfigNode.Of(before.Find("command_allowlist").Items.Concat(added.Select(ConfigNode.Of)));
        var intended = ConfigNode.Of(before.Entries.Append(KeyValuePair.Create("command_allowlist", list)));
        return edited is not null && ConfigFile.ParseRoot(edited, out _) is { } after && after.DeepEquals(intended);
    }
}
