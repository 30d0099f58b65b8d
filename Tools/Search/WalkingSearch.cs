using System.Text;
using System.Text.RegularExpressions;
using Gateway.Tools.Files;

namespace Gateway.Tools.Search;

/// <summary>Searches without ripgrep, for the same results: walks the folder, leaves out what is hidden, binary, or ignored by version control.</summary>
/// <param name="limit">Ends the search; what was found until then is the result.</param>
/// <param name="users">The user's own file of patterns for all repositories (git's core.excludesFile where it is not set); null for none.</param>
internal sealed class WalkingSearch(CancellationToken limit, string? users = null)
{
    private const int MostFiles = 100_000;
    private const int LinesBetweenLooks = 1000;
    private const long LargestFile = 10 * 1024 * 1024;

    private const string Note = "ripgrep (rg) is not installed: this search was slower.";

    private string? _partial;

    /// <summary>Searches.</summary>
    public SearchFindings Run(SearchQuery query, bool names)
    {
        try
        {
            return (names ? Names(query) : Contents(query)) with { Note = Note, Partial = _partial };
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

    private static SearchFindings NoGlob(string glob) => new() { Problem = $"Search failed: '{glob}' is not a valid glob." };

    private SearchFindings Names(SearchQuery query)
    {
        string glob = query.Pattern.Contains('/', StringComparison.Ordinal) || query.Pattern.StartsWith('*') ? query.Pattern : '*' + query.Pattern;
        if (GlobPattern.Parse(glob) is not { } pattern) return NoGlob(query.Pattern);
        var files = Files(query.Path, pattern).ToList().OrderByDescending(file => file.LastWriteTimeUtc);
        return new SearchFindings { Files = [.. files.Select(file => file.FullName).Take(query.Most)] };
    }

    private SearchFindings Contents(SearchQuery query)
    {
        var pattern = new Regex(query.Pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        GlobPattern? glob = null;
        if (query.Glob is not null && (glob = GlobPattern.Parse(query.Glob)) is null) return NoGlob(query.Glob);
        var matches = new List<SearchMatch>();
        var files = new List<string>();
        var counts = new List<(string, int)>();
        foreach (var file in Files(query.Path, glob))
        {
            if (IsOver()) break;
            if (Lines(file) is not { } lines) continue;
            var hits = Hits(lines, pattern);
            if (hits.Count == 0) continue;
            files.Add(file.FullName);
            counts.Add((file.FullName, hits.Count));
            foreach (int line in hits.SelectMany(hit => Enumerable.Range(hit - query.Context, (2 * query.Context) + 1)).Where(line => line >= 0 && line < lines.Length).Distinct().Take(query.Most))
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

    private List<int> Hits(string[] lines, Regex pattern)
    {
        var hits = new List<int>();
        for (int i = 0; i < lines.Length && (i % LinesBetweenLooks != 0 || !IsOver()); i++)
            if (pattern.IsMatch(lines[i])) hits.Add(i);
        return hits;
    }

    private bool IsOver()
    {
        if (limit.IsCancellationRequested) _partial = RipgrepSearch.TookTooLong;
        return _partial == RipgrepSearch.TookTooLong;
    }

    private IEnumerable<FileInfo> Files(string path, GlobPattern? glob)
    {
        int count = 0;
        foreach (var file in new WalkedFiles(glob, users, IsOver).In(path))
        {
            if (++count > MostFiles)
            {
                _partial ??= $"There are more than {MostFiles:N0} files; only some were looked at. Search a smaller folder.";
                yield break;
            }

            yield return file;
        }
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
