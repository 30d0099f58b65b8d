using System.IO.Enumeration;
using System.Text;
using System.Text.RegularExpressions;
using Gateway.Tools.Files;

namespace Gateway.Tools.Search;

/// <summary>Searches without ripgrep: walks the folder, leaves out what is hidden, binary, or known to be made by tools.</summary>
internal sealed class WalkingSearch(CancellationToken cancellationToken)
{
    private const int MostFiles = 100_000;
    private const long LargestFile = 10 * 1024 * 1024;

    /// <summary>Searches.</summary>
    public SearchFindings Run(SearchQuery query, bool names)
    {
        try
        {
            return names ? Names(query) : Contents(query);
        }
        catch (RegexParseException)
        {
            return new SearchFindings { Problem = $"Search failed: '{query.Pattern}' is not a valid regular expression." };
        }
        catch (NotSupportedException)
        {
            return new SearchFindings { Problem = "Search failed: look-around and back-references are not supported." };
        }
    }

    private SearchFindings Names(SearchQuery query)
    {
        bool whole = query.Pattern.Contains('/', StringComparison.Ordinal);
        string glob = whole || query.Pattern.StartsWith('*') ? query.Pattern : '*' + query.Pattern;
        var files = Files(query.Path)
            .Where(file => FileSystemName.MatchesSimpleExpression(glob, whole ? Path.GetRelativePath(query.Path, file.FullName) : file.Name, ignoreCase: false))
            .OrderByDescending(file => file.LastWriteTimeUtc);
        return new SearchFindings { Files = [.. files.Select(file => file.FullName).Take(query.Most)] };
    }

    private SearchFindings Contents(SearchQuery query)
    {
        var pattern = new Regex(query.Pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        var matches = new List<SearchMatch>();
        var files = new List<string>();
        var counts = new List<(string, int)>();
        foreach (var file in Files(query.Path).OrderBy(file => file.FullName, StringComparer.Ordinal))
        {
            if (query.Glob is not null && !FileSystemName.MatchesSimpleExpression(query.Glob, file.Name, ignoreCase: false)) continue;
            if (Lines(file) is not { } lines) continue;
            int[] hits = [.. Enumerable.Range(0, lines.Length).Where(i => pattern.IsMatch(lines[i]))];
            if (hits.Length == 0) continue;
            files.Add(file.FullName);
            counts.Add((file.FullName, hits.Length));
            foreach (int line in hits.SelectMany(hit => Enumerable.Range(hit - query.Context, (2 * query.Context) + 1)).Where(line => line >= 0 && line < lines.Length).Distinct())
                matches.Add(new SearchMatch(file.FullName, line + 1, RipgrepSearch.Cut(lines[line])));
            if ((query.Mode == "content" ? matches.Count : files.Count) >= query.Most) break;
        }

        return query.Mode switch
        {
            "files_only" => new SearchFindings { Files = [.. files.Take(query.Most)] },
            "count" => new SearchFindings { Counts = [.. counts.Take(query.Most)] },
            _ => new SearchFindings { Matches = [.. matches.Take(query.Most)] },
        };
    }

    private IEnumerable<FileInfo> Files(string path)
    {
        if (File.Exists(path)) return [new FileInfo(path)];
        var walk = new FileSystemEnumerable<FileInfo>(
            path,
            (ref FileSystemEntry entry) => (FileInfo)entry.ToFileSystemInfo(),
            new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint })
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && !entry.FileName.StartsWith('.'),
            ShouldRecursePredicate = (ref FileSystemEntry entry) => !entry.FileName.StartsWith('.') && !entry.FileName.SequenceEqual("node_modules") && !entry.FileName.SequenceEqual("__pycache__"),
        };
        return walk.Take(MostFiles).TakeWhile(_ => !cancellationToken.IsCancellationRequested);
    }

    // What cannot be read is passed over, as every search does.
    private static string[]? Lines(FileInfo file)
    {
        try
        {
            if (file.Length is 0 or > LargestFile) return null;
            using var stream = TextFile.OpenRead(file.FullName);
            var bytes = new byte[stream.Length];
            int count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            var text = bytes.AsSpan(0, count);
            return text[..Math.Min(count, 8000)].Contains((byte)0) ? null : Encoding.UTF8.GetString(text).TrimEnd('\n').Split('\n');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or TextFileException)
        {
            return null;
        }
    }
}
