using System.Collections.Immutable;

namespace Gateway.Tools.Cron;

/// <summary>A cron expression of five fields: minute, hour, day of the month, month, weekday. When both day fields are given, a day
/// that either of them names will do.</summary>
internal sealed class CronExpression
{
    /// <summary>How far to look: eight years lie between two 29ths of February around a century that is no leap year.</summary>
    private const int MaxDays = 9 * 366;

    private const int LastYear = 9980;

    private readonly CronField _minutes, _hours, _days, _months, _weekdays;

    private CronExpression(CronField[] fields) => (_minutes, _hours, _days, _months, _weekdays) = (fields[0], fields[1], fields[2], fields[3], fields[4]);

    /// <summary>Reads an expression.</summary>
    /// <exception cref="CronException">It is none, or names days that do not exist; says what is wrong with it.</exception>
    public static CronExpression Parse(string text)
    {
        string[] parts = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        CronFieldKind[] kinds =
        [
            new("minute", 0, 59, []), new("hour", 0, 23, []), new("day", 1, 31, []),
            new("month", 1, 12, ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
            new("weekday", 0, 7, ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
        ];
        if (parts.Length != kinds.Length) throw new CronException($"It has {parts.Length} fields, not five: minute hour day month weekday.");
        var expression = new CronExpression([.. parts.Zip(kinds, CronField.Parse)]);

        // Refused whatever the weekday, because the scheduler's own library gives up there.
        return expression.HasDays() ? expression : throw new CronException($"No month that it names has a day {expression._days.Least}.");
    }

    /// <summary>The first moment after another at which the expression matches. A time that the clock leaves out comes as much later as
    /// the clock jumps; what runs every hour also runs in the hour that comes twice, all else once.</summary>
    /// <param name="after">Where to begin; that moment itself does not count.</param>
    /// <param name="zone">Whose clock the expression speaks of.</param>
    /// <returns>Null when there is none.</returns>
    public DateTimeOffset? Next(DateTimeOffset after, TimeZoneInfo zone)
    {
        // A clock that is put back past midnight shows the day before once more.
        var day = TimeZoneInfo.ConvertTime(after, zone).Date.AddDays(-1);
        for (int count = 0; count < MaxDays && day.Year < LastYear; count++, day = day.AddDays(1))
            if (Matches(day) && Moments(day, zone).Where(moment => moment > after).Order().Select(moment => (DateTimeOffset?)moment).FirstOrDefault() is { } next) return next;
        return null;
    }

    private bool Matches(DateTime day)
    {
        if (!_months.Has(day.Month)) return false;
        bool byDay = _days.Has(day.Day), byWeekday = _weekdays.Has((int)day.DayOfWeek) || (day.DayOfWeek == DayOfWeek.Sunday && _weekdays.Has(7));
        return _days.IsStar || _weekdays.IsStar ? byDay && byWeekday : byDay || byWeekday;
    }

    private IEnumerable<DateTimeOffset> Moments(DateTime day, TimeZoneInfo zone)
    {
        for (int hour = 0; hour < 24; hour++)
        {
            for (int minute = 0; minute < 60; minute++)
            {
                if (!_hours.Has(hour) || !_minutes.Has(minute)) continue;
                var shown = day.AddMinutes(hour * 60 + minute);
                yield return ZonedTime.First(shown, zone);
                if (_hours.IsStar && ZonedTime.Second(shown, zone) is { } again) yield return again;
            }
        }
    }

    private bool HasDays()
    {
        ImmutableArray<int> longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        for (int month = 1; month <= 12; month++)
            if (_months.Has(month) && _days.Least <= longest[month - 1]) return true;
        return false;
    }
}
