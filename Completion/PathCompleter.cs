using Gateway.Config;

namespace Gateway.Completion;

/// <summary>Lists files below a repository, relative to the directory; null when there is no repository.</summary>
internal delegate Task<IReadOnlyList<string>?> RepositoryFiles(string directory, CancellationToken cancellationToken);

/// <summary>Completes paths and @ references (WIRE.md 14.2). Never throws for what is on the disk.</summary>
/// <param name="userHome">What <c>~</c> stands for.</param>
/// <param name="time">Clock of the short cache of file lists.</param>
/// <param name="repositoryFiles">Asks version control for files; null walks the directory.</param>
internal sealed class PathCompleter(string userHome, TimeProvider time, RepositoryFiles? repositoryFiles = null)
{
    private const int MaximumItems = 30;
    private const int MaximumFiles = 20_000;

    // PATH_MAX of Linux, and room for quotes and a reference before it.
    private const int LongestWord = 4096 + 64;

    private readonly Lock _lock = new();
    private (string Directory, long At, IReadOnlyList<string> Files)? _cache;

    /// <summary>Completes one word.</summary>
    /// <param name="word">The word before the cursor.</param>
    /// <param name="workingDirectory">What relative words are relative to; absolute.</param>
    /// <param name="cancellationToken">Ends the search with an exception.</param>
    public async Task<IReadOnlyList<CompletionItem>> CompleteAsync(string word, string workingDirectory, CancellationToken cancellationToken)
    {
        if (word.Length is 0 or > LongestWord || word.Contains('\0'))
        {
            return [];
        }

        if (word == "@")
        {
            return References();
        }

        if (word[0] != '@')
        {
            return List(word, workingDirectory, new Tag(false, null));
        }

        var tag = word switch
        {
            "@file" or "@folder" => new Tag(true, word[1..]),
            _ when word.StartsWith("@file:", StringComparison.Ordinal) => new Tag(true, "file"),
            _ when word.StartsWith("@folder:", StringComparison.Ordinal) => new Tag(true, "folder"),
            _ => new Tag(true, null),
        };
        var path = tag.Name is null ? word[1..] : word[Math.Min(word.Length, tag.Name.Length + 2)..];
        return path.Length > 0 && !path.Contains('/') && path[0] != '~' && tag.Name != "folder"
            ? await SearchAsync(path, workingDirectory, cancellationToken)
            : List(path, workingDirectory, tag);
    }

    private static IReadOnlyList<CompletionItem> References() =>
    [
        new("@diff", "@diff", "changes not staged"),
        new("@staged", "@staged", "changes staged for commit"),
        new("@file:", "@file:", "a file's content"),
        new("@folder:", "@folder:", "a folder's listing"),
        new("@url:", "@url:", "a web page"),
        new("@git:", "@git:", "recent commits"),
    ];

    private async Task<IReadOnlyList<CompletionItem>> SearchAsync(string query, string workingDirectory, CancellationToken cancellationToken)
    {
        var ranked = new List<(int Rank, string Name, string Path)>();
        foreach (var path in await FilesAsync(workingDirectory, cancellationToken))
        {
            var name = path[(path.LastIndexOf('/') + 1)..];
            if ((name.StartsWith('.') && query[0] != '.') || FuzzyRank.Of(name, query) is not { } rank)
            {
                continue;
            }

            ranked.Add((rank, name, path));
        }

        return
        [
            .. ranked.OrderBy(file => file.Rank).ThenBy(file => file.Name.Length).ThenBy(file => file.Path.Length).ThenBy(file => file.Path, StringComparer.Ordinal)
                .Take(MaximumItems)
                .Select(file => new CompletionItem("@file:" + Quote(file.Path), file.Name, file.Path.Length > file.Name.Length ? file.Path[..^(file.Name.Length + 1)] : "")),
        ];
    }

    private async Task<IReadOnlyList<string>> FilesAsync(string directory, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_cache is { } cache && cache.Directory == directory && time.GetElapsedTime(cache.At) < TimeSpan.FromSeconds(5))
            {
                return cache.Files;
            }
        }

        var files = repositoryFiles is null ? null : await repositoryFiles(directory, cancellationToken);
        if (files is null or { Count: 0 })
        {
            files = DirectoryWalk.Files(directory, MaximumFiles, cancellationToken);
        }
        else if (files.Count > MaximumFiles)
        {
            files = [.. files.Take(MaximumFiles)];
        }

        lock (_lock)
        {
            _cache = (directory, time.GetTimestamp(), files);
        }

        return files;
    }

    private List<CompletionItem> List(string word, string workingDirectory, Tag tag)
    {
        word = FromWindows(word);
        if (word is "~" or "." or "..")
        {
            // "." lists the working directory itself; the other two are completed to directories first.
            word = word == "." ? "" : word + "/";
        }

        var slash = word.LastIndexOf('/');
        var (typedDirectory, filter) = (word[..(slash + 1)], word[(slash + 1)..]);
        var directory = Resolve(typedDirectory, workingDirectory);
        var items = new List<CompletionItem>();
        foreach (var (name, isDirectory, _) in DirectoryWalk.Entries(directory).OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            if (items.Count == MaximumItems)
            {
                break;
            }

            var isHidden = tag.IsReference && tag.Name is null && name.StartsWith('.') && !filter.StartsWith('.');
            if (isHidden || !name.StartsWith(filter, StringComparison.OrdinalIgnoreCase) || tag.Name == (isDirectory ? "file" : "folder"))
            {
                continue;
            }

            var suffix = isDirectory ? "/" : "";
            items.Add(new CompletionItem(Replacement(typedDirectory + name + suffix, isDirectory, tag), name + suffix, isDirectory ? "dir" : ""));
        }

        return items;
    }

    // The typed directory stays as it was typed: absolute stays absolute, ~/ stays ~/, ../ stays ../ (Q28).
    private static string Replacement(string path, bool isDirectory, Tag tag)
    {
        if (!tag.IsReference)
        {
            return path;
        }

        path = path.StartsWith("./", StringComparison.Ordinal) && path.Length > 2 ? path[2..] : path;
        // A directory stays unquoted, because typing goes on behind it.
        return isDirectory ? "@folder:" + path : "@file:" + Quote(path);
    }

    private static string Quote(string path) => path.AsSpan().IndexOfAny(' ', '\t') >= 0 && !path.Contains('`') ? $"`{path}`" : path;

    private string Resolve(string typed, string workingDirectory)
    {
        return Path.GetFullPath(HomePath.Expand(typed, userHome), workingDirectory);
    }

    // Paths pasted from Windows mean the mounted drive.
    private static string FromWindows(string word) =>
        word.Length >= 3 && char.IsAsciiLetter(word[0]) && word[1] == ':' && word[2] is '\\' or '/'
            ? $"/mnt/{char.ToLowerInvariant(word[0])}/{word[3..].Replace('\\', '/')}"
            : word;

    private readonly record struct Tag(bool IsReference, string? Name);
}
