using System.Globalization;
using System.Text.RegularExpressions;

namespace Gateway.Tools.Cron;

/// <summary>Reads schedules as people and models write them (AGENT.md section 14).</summary>
internal static partial class ScheduleText
{
    /// <summary>Longest interval, ten years.</summary>
    public const int MaxMinutes = 10 * 366 * 24 * 60;

    private const int LongestShown = 200;

    private const string Forms =
        """
         Use:
          - Duration: '30m', '2h', '1d' (one-shot)
          - Interval: 'every 30m', 'every 2h' (recurring)
          - Cron: '0 9 * * *' (cron expression)
          - Timestamp: '2026-02-03T14:00:00' (one-shot at time)
        """;

    /// <summary>Reads a schedule.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="now">The present, in <paramref name="zone"/>.</param>
    /// <param name="zone">The zone of times that name none.</param>
    /// <exception cref="CronException">It is none, or would never run; names what is wrong and the forms there are.</exception>
    public static CronSchedule Parse(string text, DateTimeOffset now, TimeZoneInfo zone)
    {
        string reason = "";
        try
        {
            if (Read(text.Trim(), now, zone) is { } schedule) return schedule;
        }
        catch (CronException exception)
        {
            reason = " " + exception.Message;
        }

        throw new CronException($"Invalid schedule '{Shortened(text.Trim())}'.{reason}{Forms}");
    }

    /// <summary>Reads a date, with or without a time and an offset (ISO 8601); null when it is none.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="zone">The zone of times that name none.</param>
    public static DateTimeOffset? Time(string text, TimeZoneInfo zone)
    {
        if (Timestamp().Match(text.Trim()) is not { Success: true } match) return null;
        string Group(string name, string otherwise) => match.Groups[name] is { Success: true, Value: var value } ? value : otherwise;
        string plain = $"{Group("date", "").Replace("-", "", StringComparison.Ordinal)}{Group("hour", "00")}{Group("minute", "00")}{Group("second", "00")}";
        if (!DateTime.TryParseExact(plain, "yyyyMMddHHmmss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var shown)) return null;

        // Offsets reach no further than the first and the last year.
        if (shown.Year is < 2 or > 9990) return null;
        if (match.Groups["offset"] is not { Success: true, Value: var offset }) return ZonedTime.First(shown, zone);
        if (offset is "Z" or "z") return new DateTimeOffset(shown, TimeSpan.Zero);
        string digits = offset[1..].Replace(":", "", StringComparison.Ordinal).PadRight(4, '0');
        int minutes = int.Parse(digits[..2], CultureInfo.InvariantCulture) * 60 + int.Parse(digits[2..], CultureInfo.InvariantCulture);
        return minutes <= 14 * 60 ? new DateTimeOffset(shown, TimeSpan.FromMinutes(offset[0] == '-' ? -minutes : minutes)) : null;
    }

    // Null when it is none of the forms; throws when it is one gone wrong.
    private static CronSchedule? Read(string text, DateTimeOffset now, TimeZoneInfo zone)
    {
        string[] words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words is [var first, _, ..] && first.Equals("every", StringComparison.OrdinalIgnoreCase))
            return Minutes(text[first.Length..].Trim()) is { } minutes ? new CronSchedule.Interval(minutes, string.Create(CultureInfo.InvariantCulture, $"every {minutes}m")) : null;

        // What begins like an expression is one, however it goes on, so that the message can say where it goes wrong.
        if (words is [[char start, ..], _, _, _, _, ..] && (char.IsAsciiDigit(start) || start == '*')) return Repeated(string.Join(' ', words), now, zone);
        if (Date().IsMatch(text)) return Once(text, now, zone);
        return Minutes(text) is { } wait ? new CronSchedule.Once(now.AddMinutes(wait), $"once in {text}") : null;
    }

    private static CronSchedule.Repeated Repeated(string text, DateTimeOffset now, TimeZoneInfo zone)
    {
        var schedule = new CronSchedule.Repeated(text, CronExpression.Parse(text), text);
        return schedule.Next(now, zone) is not null ? schedule : throw new CronException("It never comes.");
    }

    private static CronSchedule.Once Once(string text, DateTimeOffset now, TimeZoneInfo zone)
    {
        var at = Time(text, zone) ?? throw new CronException("There is no such date or time.");
        var schedule = new CronSchedule.Once(at, string.Create(CultureInfo.InvariantCulture, $"once at {at:yyyy-MM-dd HH:mm}"));
        return schedule.Next(now, zone) is not null ? schedule : throw new CronException($"That is in the past; it is {ZonedTime.Iso(now)} now.");
    }

    // Null when it is no duration.
    private static int? Minutes(string text)
    {
        if (Duration().Match(text) is not { Success: true } match) return null;
        int unit = char.ToLowerInvariant(match.Groups[2].Value[0]) switch { 'm' => 1, 'h' => 60, _ => 24 * 60 };
        bool fits = int.TryParse(match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is > 0 and <= MaxMinutes;
        return fits && (long)count * unit <= MaxMinutes ? count * unit : throw new CronException("It must be from one minute to ten years.");
    }

    private static string Shortened(string text) => text.Length <= LongestShown ? text : text[..(char.IsHighSurrogate(text[LongestShown - 1]) ? LongestShown - 1 : LongestShown)] + "…";

    [GeneratedRegex(@"^([0-9]+)\s*(m|min|mins|minute|minutes|h|hr|hrs|hour|hours|d|day|days)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Duration();

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}|^[0-9]{8}T", RegexOptions.CultureInvariant)]
    private static partial Regex Date();

    [GeneratedRegex(@"^(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8})(?:[Tt ](?<hour>[0-9]{2}):?(?<minute>[0-9]{2})(?::?(?<second>[0-9]{2})(?:[.,][0-9]{1,9})?)?\s?(?<offset>[Zz]|[+-][0-9]{2}(?::?[0-5][0-9])?)?)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Timestamp();
}
