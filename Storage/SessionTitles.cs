using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using static Gateway.Storage.Sql;

namespace Gateway.Storage;

/// <summary>A title cannot be given.</summary>
internal sealed class TitleRefusedException : Exception
{
    /// <summary>Says why, for the user.</summary>
    public TitleRefusedException(string message)
        : base(message)
    {
    }
}

/// <summary>Names of sessions, unique among those that have one (STATE.md 3.6). What touches the file throws
/// <see cref="SessionDatabaseException"/> when it cannot.</summary>
internal sealed class SessionTitles
{
    /// <summary>Longest title, in characters as people count them (code points).</summary>
    public const int MaxLength = 100;

    private readonly StateFile _file;
    private readonly TimeProvider _time;

    /// <summary>Works on this file; nothing is opened yet.</summary>
    public SessionTitles(StateFile file, TimeProvider time)
    {
        _file = file;
        _time = time;
    }

    /// <summary>A title as it is stored: without control, zero-width and direction characters, blanks collapsed.</summary>
    /// <returns>Null when nothing is left.</returns>
    /// <exception cref="TitleRefusedException">It is too long.</exception>
    public static string? Clean(string title)
    {
        var clean = new StringBuilder(title.Length);
        foreach (char letter in title)
        {
            if (char.IsWhiteSpace(letter) && !IsInvisible(letter)) clean.Append(clean.Length > 0 && clean[^1] != ' ' ? " " : "");
            else if (!IsInvisible(letter)) clean.Append(letter);
        }

        string text = clean.ToString().TrimEnd();
        int length = text.EnumerateRunes().Count();
        if (length > MaxLength) throw new TitleRefusedException($"Title too long ({length} chars, max {MaxLength})");
        return text.Length == 0 ? null : text;
    }

    /// <summary>A session's title; null when it has none.</summary>
    public string? Of(string key) => _file.ReadOr<string?>(null, connection =>
    {
        using var command = Command(connection, "SELECT title FROM sessions WHERE id = $id", ("$id", key));
        return command.ExecuteScalar() as string;
    });

    /// <summary>Names a session, whose row is made when there is none.</summary>
    /// <param name="key">Stored key.</param>
    /// <param name="model">Model, for a row that is made.</param>
    /// <param name="title">A clean title.</param>
    /// <exception cref="TitleRefusedException">Another session has it.</exception>
    public void Set(string key, string model, string title) => _file.Write(connection =>
    {
        RequireFree(connection, key, title);
        Execute(connection, InsertSession, ("$id", key), ("$model", model), ("$now", _time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0));
        return Execute(connection, "UPDATE sessions SET title = $title WHERE id = $id", ("$title", title), ("$id", key));
    });

    /// <summary>Names a stored session that has no title yet.</summary>
    /// <exception cref="TitleRefusedException">Another session has it.</exception>
    public void SetFirst(string key, string title) => _file.Write(connection =>
    {
        RequireFree(connection, key, title);
        return Execute(connection, "UPDATE sessions SET title = $title WHERE id = $id AND title IS NULL", ("$title", title), ("$id", key));
    });

    /// <summary>Refuses a title that another session has.</summary>
    /// <exception cref="TitleRefusedException">It is taken.</exception>
    public static void RequireFree(SqliteConnection connection, string key, string title)
    {
        using var other = Command(connection, "SELECT id FROM sessions WHERE title = $title AND id <> $id LIMIT 1", ("$title", title), ("$id", key));
        if (other.ExecuteScalar() is string holder) throw new TitleRefusedException($"Title '{title}' is already in use by session {holder}");
    }

    /// <summary>The next free title of a line: "X", "X #2", "X #3".</summary>
    public static string Next(SqliteConnection connection, string title)
    {
        string stem = Stem(title);
        using var command = Command(
            connection,
            "SELECT title FROM sessions WHERE title = $stem OR title LIKE $numbered ESCAPE '\\'",
            ("$stem", stem),
            ("$numbered", stem.Replace("\\", "\\\\").Replace("%", "\\%").Replace("_", "\\_") + " #%"));
        using var reader = command.ExecuteReader();
        long highest = 0;
        while (reader.Read()) highest = Math.Max(highest, Number(reader.GetString(0), stem));
        return highest == 0 ? stem : string.Create(CultureInfo.InvariantCulture, $"{stem} #{highest + 1}");
    }

    private static string Stem(string title)
    {
        int mark = title.LastIndexOf(" #", StringComparison.Ordinal);
        return mark > 0 && title.Length > mark + 2 && title.AsSpan(mark + 2).IndexOfAnyExceptInRange('0', '9') < 0 ? title[..mark] : title;
    }

    // The bare title counts as the first; what only looks like a continuation counts for nothing.
    private static long Number(string title, string stem)
    {
        if (title.Length == stem.Length) return 1;
        return long.TryParse(title.AsSpan(stem.Length + 2), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? Math.Max(1, number) : 0;
    }

    private static bool IsInvisible(char letter) =>
        letter is < ' ' and not ('\t' or '\n' or '\r') or '\u007f'
            or (>= '\u200b' and <= '\u200f') or (>= '\u2028' and <= '\u202e') or (>= '\u2060' and <= '\u2069')
            or '\ufeff' or '\ufffc' or (>= '\ufff9' and <= '\ufffb');
}
