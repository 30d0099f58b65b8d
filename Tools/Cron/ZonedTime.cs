using System.Globalization;

namespace Gateway.Tools.Cron;

/// <summary>From what a clock on the wall shows to moments in time, where the clock is put forward and back.</summary>
internal static class ZonedTime
{
    /// <summary>The moment at which the clock shows this time. Of two it is the first; a time that is left out when the clock is put
    /// forward is as much later as the clock jumps.</summary>
    /// <param name="shown">What the clock shows; its kind does not matter.</param>
    /// <param name="zone">Where the clock hangs.</param>
    public static DateTimeOffset First(DateTime shown, TimeZoneInfo zone)
    {
        shown = DateTime.SpecifyKind(shown, DateTimeKind.Unspecified);
        if (zone.IsInvalidTime(shown))
        {
            // The day before has the offset that was in force up to the jump.
            var before = zone.GetUtcOffset(new DateTimeOffset(shown.AddDays(-1), TimeSpan.Zero));
            return TimeZoneInfo.ConvertTime(new DateTimeOffset(shown, before), zone);
        }

        return new(shown, zone.IsAmbiguousTime(shown) ? zone.GetAmbiguousTimeOffsets(shown).Max() : zone.GetUtcOffset(shown));
    }

    /// <summary>The second moment at which the clock shows this time; null when there is but one.</summary>
    public static DateTimeOffset? Second(DateTime shown, TimeZoneInfo zone)
    {
        shown = DateTime.SpecifyKind(shown, DateTimeKind.Unspecified);
        return zone.IsAmbiguousTime(shown) ? new DateTimeOffset(shown, zone.GetAmbiguousTimeOffsets(shown).Min()) : null;
    }

    /// <summary>A moment as jobs.json has it: ISO 8601 with offset, and microseconds where there are any.</summary>
    public static string Iso(DateTimeOffset moment) =>
        moment.ToString(moment.Ticks % TimeSpan.TicksPerSecond / 10 == 0 ? "yyyy-MM-dd'T'HH:mm:sszzz" : "yyyy-MM-dd'T'HH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture);
}
