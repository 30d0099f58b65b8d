using System.Text.Json.Serialization;

namespace Gateway.Protocol.Messages;

/// <summary>config.get</summary>
/// <param name="Key">Which setting (WIRE 17.2).</param>
/// <param name="SessionId">Live session id; used by some keys.</param>
internal sealed record ConfigGetParams(string? Key = null, string? SessionId = null);

/// <summary>config.get: the members that the key asked for.</summary>
internal sealed record ConfigGetResult
{
    /// <summary>Most keys: the value.</summary>
    public string? Value { get; init; }

    /// <summary>reasoning: show or hide. profile: the home directory for people.</summary>
    public string? Display { get; init; }

    /// <summary>prompt: the prompt symbol.</summary>
    public string? Prompt { get; init; }

    /// <summary>profile: the home directory.</summary>
    public string? Home { get; init; }

    /// <summary>mtime: seconds since 1970, 0 without a file.</summary>
    public double? Mtime { get; init; }

    /// <summary>full: config.yaml as JSON, secrets masked.</summary>
    [JsonConverter(typeof(RawJsonConverter))]
    public byte[]? Config { get; init; }
}

/// <summary>voice.toggle</summary>
/// <param name="Action">status, on, off or tts; absent means status.</param>
internal sealed record VoiceToggleParams(string? Action = null);

/// <summary>voice.toggle; the availability members come with status only.</summary>
internal sealed record VoiceToggleResult(bool Enabled, bool Tts)
{
    /// <summary>Whether voice could work.</summary>
    public bool? Available { get; init; }

    /// <summary>Whether sound can be recorded.</summary>
    public bool? AudioAvailable { get; init; }

    /// <summary>Whether speech can be recognised.</summary>
    public bool? SttAvailable { get; init; }

    /// <summary>What is missing, one line each.</summary>
    public string? Details { get; init; }
}

/// <summary>commands.catalog (WIRE 13.2)</summary>
internal sealed record CommandsCatalogResult(
    IReadOnlyList<string[]> Pairs,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Sub,
    IReadOnlyDictionary<string, string> Canon,
    IReadOnlyList<CatalogCategory> Categories,
    int SkillCount,
    string Warning);

/// <summary>Commands under one heading.</summary>
internal sealed record CatalogCategory(string Name, IReadOnlyList<string[]> Pairs);

/// <summary>complete.slash</summary>
/// <param name="Text">The whole input.</param>
internal sealed record CompleteSlashParams(string? Text = null);

/// <summary>complete.path</summary>
/// <param name="Word">The last word of the input.</param>
/// <param name="SessionId">Live session id; its working directory counts.</param>
internal sealed record CompletePathParams(string? Word = null, string? SessionId = null);

/// <summary>complete.slash, complete.path</summary>
/// <param name="Items">Rows to offer.</param>
/// <param name="ReplaceFrom">Where the replacement starts (complete.slash only).</param>
internal sealed record CompletionResult(IReadOnlyList<CompletionRow> Items, int? ReplaceFrom = null);

/// <summary>One row of a completion.</summary>
/// <param name="Text">What is inserted.</param>
/// <param name="Display">What is shown.</param>
/// <param name="Meta">A remark, "" if none.</param>
internal sealed record CompletionRow(string Text, string Display, string Meta);
