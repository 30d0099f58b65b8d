using System.Globalization;
using Gateway.Tools.Cron;

namespace Gateway.Tests.ToolsTests;

/// <summary>When jobs run. Expectations of cron expressions agree with croniter, which the scheduler asks, but for the hour that comes twice.</summary>
public class CronScheduleTests
{
    private const string Now = "2026-01-02T03:04:05+00:00";

    [Test]
    [Arguments("every 30m", "every 30m", "2026-01-02T03:34:05+00:00")]
    [Arguments("  Every  2 Hours ", "every 120m", "2026-01-02T05:04:05+00:00")]
    [Arguments("EVERY 1 MINUTE", "every 1m", "2026-01-02T03:05:05+00:00")]
    [Arguments("every 7d", "every 10080m", "2026-01-09T03:04:05+00:00")]
    [Arguments("30m", "once in 30m", "2026-01-02T03:34:05+00:00")]
    [Arguments("2 hrs", "once in 2 hrs", "2026-01-02T05:04:05+00:00")]
    [Arguments("1D", "once in 1D", "2026-01-03T03:04:05+00:00")]
    [Arguments("3650d", "once in 3650d", "2035-12-31T03:04:05+00:00")]
    [Arguments("2026-02-03", "once at 2026-02-03 00:00", "2026-02-03T00:00:00+00:00")]
    [Arguments("2026-02-03T14:00", "once at 2026-02-03 14:00", "2026-02-03T14:00:00+00:00")]
    [Arguments("2026-02-03 14:00:30", "once at 2026-02-03 14:00", "2026-02-03T14:00:30+00:00")]
    [Arguments("2026-02-03t14:00:30.123456z", "once at 2026-02-03 14:00", "2026-02-03T14:00:30+00:00")]
    [Arguments("2026-02-03T14:00+05:30", "once at 2026-02-03 14:00", "2026-02-03T14:00:00+05:30")]
    [Arguments("2026-02-03T14:00:00-0800", "once at 2026-02-03 14:00", "2026-02-03T14:00:00-08:00")]
    [Arguments("2026-02-03T14:00:00 +02", "once at 2026-02-03 14:00", "2026-02-03T14:00:00+02:00")]
    [Arguments("20260203T1400", "once at 2026-02-03 14:00", "2026-02-03T14:00:00+00:00")]
    [Arguments("2026-01-02T03:03", "once at 2026-01-02 03:03", "2026-01-02T03:03:00+00:00")]
    [Arguments("0 9 * * *", "0 9 * * *", "2026-01-02T09:00:00+00:00")]
    [Arguments(" 0  9 * * *", "0 9 * * *", "2026-01-02T09:00:00+00:00")]
    [Arguments("0 9 * OCT TUE", "0 9 * OCT TUE", "2026-10-06T09:00:00+00:00")]
    public async Task Good_ones_are_understood(string text, string display, string next)
    {
        var now = At(Now, "UTC");
        var schedule = ScheduleText.Parse(text, now, Zone("UTC"));
        await Assert.That(schedule.Display).IsEqualTo(display);
        await Assert.That(ZonedTime.Iso(schedule.Next(now, Zone("UTC"))!.Value)).IsEqualTo(next);
    }

    [Test]
    [Arguments("whenever", " Use:")]
    [Arguments("", " Use:")]
    [Arguments("T", " Use:")]
    [Arguments("Tuesday", " Use:")]
    [Arguments("every", " Use:")]
    [Arguments("every Tuesday", " Use:")]
    [Arguments("every 5", " Use:")]
    [Arguments("every 1.5h", " Use:")]
    [Arguments("at noon in the Town", " Use:")]
    [Arguments("30s", " Use:")]
    [Arguments("-5m", " Use:")]
    [Arguments("* * * *", " Use:")]
    [Arguments("every 0m", " It must be from one minute to ten years. Use:")]
    [Arguments("0m", " It must be from one minute to ten years. Use:")]
    [Arguments("every 99999999999999999999d", " It must be from one minute to ten years. Use:")]
    [Arguments("4000000h", " It must be from one minute to ten years. Use:")]
    [Arguments("2026-02-30T14:00", " There is no such date or time. Use:")]
    [Arguments("2026-02-03T25:00", " There is no such date or time. Use:")]
    [Arguments("2026-02-03T14:00+99:00", " There is no such date or time. Use:")]
    [Arguments("2026-02-03T14:00 and then", " There is no such date or time. Use:")]
    [Arguments("0000-00-00", " There is no such date or time. Use:")]
    [Arguments("9999-12-31T23:59-12:00", " There is no such date or time. Use:")]
    [Arguments("2026-01-02T03:00", " That is in the past; it is 2026-01-02T03:04:05+00:00 now. Use:")]
    [Arguments("1999-01-01", " That is in the past; it is 2026-01-02T03:04:05+00:00 now. Use:")]
    [Arguments("0 0 31 2 *", " No month that it names has a day 31. Use:")]
    [Arguments("0 0 30,31 feb *", " No month that it names has a day 30. Use:")]
    [Arguments("0 0 31 4,6,9,11 *", " No month that it names has a day 31. Use:")]
    [Arguments("0 0 31 2 1", " No month that it names has a day 31. Use:")]
    [Arguments("60 * * * *", " 60 in the minute field is not from 0 to 59. Use:")]
    [Arguments("0 24 * * *", " 24 in the hour field is not from 0 to 23. Use:")]
    [Arguments("0 0 0 * *", " 0 in the day field is not from 1 to 31. Use:")]
    [Arguments("0 0 * 13 *", " 13 in the month field is not from 1 to 12. Use:")]
    [Arguments("* * * * 8", " 8 in the weekday field is not from 0 to 7. Use:")]
    [Arguments("0 am * * *", " 'am' in the hour field is not a number, range or list. Use:")]
    [Arguments("0 0 * mon *", " 'mon' in the month field is not a number, range or list. Use:")]
    [Arguments("0 9 ? * 1", " '?' in the day field is not a number, range or list. Use:")]
    [Arguments("0 9 * * 1,", " '' in the weekday field is not a number, range or list. Use:")]
    [Arguments("*-5 * * * *", " '*-5' in the minute field is not a number, range or list. Use:")]
    [Arguments("1--5 * * * *", " '1--5' in the minute field is not a number, range or list. Use:")]
    [Arguments("5- * * * *", " '5-' in the minute field is not a number, range or list. Use:")]
    [Arguments("*/ * * * *", " '*/' in the minute field has no number after its slash. Use:")]
    [Arguments("*/2/3 * * * *", " '*/2/3' in the minute field has no number after its slash. Use:")]
    [Arguments("*/0 * * * *", " The step 0 in the minute field must be from 1 to 59. Use:")]
    [Arguments("*/70 * * * *", " The step 70 in the minute field must be from 1 to 59. Use:")]
    [Arguments("0 22-2 * * *", " The range '22-2' in the hour field runs backwards. Write it as two, such as '22-23,0-2'. Use:")]
    [Arguments("0 9 * * fri-mon", " The range 'fri-mon' in the weekday field runs backwards.")]
    [Arguments("0 9 * * * 30", " It has 6 fields, not five: minute hour day month weekday. Use:")]
    [Arguments("9 in the morning please", " 'in' in the hour field is not a number, range or list. Use:")]
    public async Task Bad_ones_are_refused_and_told_why(string text, string reason)
    {
        string message = "";
        try
        {
            ScheduleText.Parse(text, At(Now, "UTC"), Zone("UTC"));
        }
        catch (CronException exception)
        {
            message = exception.Message;
        }

        await Assert.That(message).StartsWith($"Invalid schedule '{text}'.{reason}");
        await Assert.That(message).EndsWith(
            " Use:\n  - Duration: '30m', '2h', '1d' (one-shot)\n  - Interval: 'every 30m', 'every 2h' (recurring)\n  - Cron: '0 9 * * *' (cron expression)\n  - Timestamp: '2026-02-03T14:00:00' (one-shot at time)");
    }

    [Test]
    [Arguments("* * * * *", "2026-01-02T03:05:00+00:00 2026-01-02T03:06:00+00:00")]
    [Arguments("5/15 * * * *", "2026-01-02T03:05:00+00:00 2026-01-02T03:20:00+00:00 2026-01-02T03:35:00+00:00")]
    [Arguments("1-5/2 * * * *", "2026-01-02T03:05:00+00:00 2026-01-02T04:01:00+00:00 2026-01-02T04:03:00+00:00")]
    [Arguments("0,30 8-9 * * *", "2026-01-02T08:00:00+00:00 2026-01-02T08:30:00+00:00 2026-01-02T09:00:00+00:00")]
    [Arguments("0 9 * * mon-fri", "2026-01-02T09:00:00+00:00 2026-01-05T09:00:00+00:00 2026-01-06T09:00:00+00:00")]
    [Arguments("0 9 * Jan-mar *", "2026-01-02T09:00:00+00:00 2026-01-03T09:00:00+00:00")]
    [Arguments("0 9 * * sat-sun", "2026-01-03T09:00:00+00:00 2026-01-04T09:00:00+00:00 2026-01-10T09:00:00+00:00")]
    [Arguments("0 0 * * 7", "2026-01-04T00:00:00+00:00 2026-01-11T00:00:00+00:00")]
    [Arguments("0 0 * * 5-7", "2026-01-03T00:00:00+00:00 2026-01-04T00:00:00+00:00 2026-01-09T00:00:00+00:00")]
    [Arguments("0 0 * * sun-sun", "2026-01-04T00:00:00+00:00 2026-01-11T00:00:00+00:00")]
    [Arguments("0 0 1 * 0-6", "2026-01-03T00:00:00+00:00 2026-01-04T00:00:00+00:00")]
    [Arguments("0 0 * * */2", "2026-01-03T00:00:00+00:00 2026-01-04T00:00:00+00:00 2026-01-06T00:00:00+00:00")]
    [Arguments("0 0 13 * 5", "2026-01-09T00:00:00+00:00 2026-01-13T00:00:00+00:00 2026-01-16T00:00:00+00:00")]
    [Arguments("0 0 */2 * 1", "2026-01-03T00:00:00+00:00 2026-01-05T00:00:00+00:00 2026-01-07T00:00:00+00:00")]
    [Arguments("0 0 */1 * 1", "2026-01-05T00:00:00+00:00 2026-01-12T00:00:00+00:00")]
    [Arguments("0 0 31 * *", "2026-01-31T00:00:00+00:00 2026-03-31T00:00:00+00:00 2026-05-31T00:00:00+00:00")]
    [Arguments("0 0 29 2 *", "2028-02-29T00:00:00+00:00 2032-02-29T00:00:00+00:00")]
    public async Task Expressions_match(string expression, string moments) => await Walk(expression, Now, "UTC", moments);

    [Test]
    [Arguments("0 0 29 2 *", "2096-03-01T00:00:00", "UTC", "2104-02-29T00:00:00+00:00")]

    // The clock goes from 02:00 to 03:00.
    [Arguments("30 2 * * *", "2026-03-08T00:50:00", "America/New_York", "2026-03-08T03:30:00-04:00 2026-03-09T02:30:00-04:00")]
    [Arguments("*/15 * * * *", "2026-03-08T01:30:00", "America/New_York", "2026-03-08T01:45:00-05:00 2026-03-08T03:00:00-04:00 2026-03-08T03:15:00-04:00")]
    [Arguments("0 */2 * * *", "2026-03-08T00:50:00", "America/New_York", "2026-03-08T03:00:00-04:00 2026-03-08T04:00:00-04:00")]

    // The clock goes from 02:00 back to 01:00.
    [Arguments("30 1 * * *", "2026-11-01T00:30:00", "America/New_York", "2026-11-01T01:30:00-04:00 2026-11-02T01:30:00-05:00")]
    [Arguments("*/30 * * * *", "2026-11-01T00:45:00", "America/New_York", "2026-11-01T01:00:00-04:00 2026-11-01T01:30:00-04:00 2026-11-01T01:00:00-05:00 2026-11-01T01:30:00-05:00 2026-11-01T02:00:00-05:00")]

    // It goes from midnight to one, and from one back to midnight.
    [Arguments("30 0 * * *", "2026-03-07T12:00:00", "America/Havana", "2026-03-08T01:30:00-04:00 2026-03-09T00:30:00-04:00")]
    [Arguments("30 0 * * *", "2026-10-31T12:00:00", "America/Havana", "2026-11-01T00:30:00-04:00 2026-11-02T00:30:00-05:00")]
    public async Task Clocks_are_put_forward_and_back(string expression, string after, string zone, string moments) => await Walk(expression, after, zone, moments);

    [Test]
    [Arguments("Africa/Casablanca")]
    [Arguments("America/Havana")]
    [Arguments("America/New_York")]
    [Arguments("America/Sao_Paulo")]
    [Arguments("Antarctica/Troll")]
    [Arguments("Asia/Beirut")]
    [Arguments("Asia/Kathmandu")]
    [Arguments("Australia/Lord_Howe")]
    [Arguments("Europe/Dublin")]
    [Arguments("Pacific/Apia")]
    [Arguments("Pacific/Chatham")]
    public async Task In_every_zone_a_daily_job_runs_once_a_day(string zone)
    {
        foreach (string expression in (string[])["30 2 * * *", "0 0 * * *", "15 1 * * *", "59 23 * * *"])
        {
            var parsed = CronExpression.Parse(expression);
            var at = At("2009-01-01T12:00:00", zone);
            for (int day = 0; day < 3000; day++)
            {
                var next = parsed.Next(at, Zone(zone))!.Value;

                // Apia left out a whole day.
                if ((next - at).TotalHours is < 11 or > 50) throw new InvalidOperationException($"{zone} {expression}: {at} {next}");
                at = next;
            }

            await Assert.That(at.Year).IsEqualTo(2017);
        }
    }

    [Test]
    public async Task A_time_without_an_offset_is_the_users()
    {
        var zone = Zone("America/New_York");
        await Assert.That(ZonedTime.Iso(ScheduleText.Time("2026-07-01T09:00", zone)!.Value)).IsEqualTo("2026-07-01T09:00:00-04:00");
        await Assert.That(ZonedTime.Iso(ScheduleText.Time("2026-03-08T02:30", zone)!.Value)).IsEqualTo("2026-03-08T03:30:00-04:00");
        await Assert.That(ZonedTime.Iso(ScheduleText.Time("2026-11-01T01:30", zone)!.Value)).IsEqualTo("2026-11-01T01:30:00-04:00");
    }

    private static async Task Walk(string expression, string after, string zone, string moments)
    {
        var parsed = CronExpression.Parse(expression);
        var at = At(after, zone);
        foreach (string moment in moments.Split(' '))
        {
            at = parsed.Next(at, Zone(zone))!.Value;
            await Assert.That(ZonedTime.Iso(at)).IsEqualTo(moment);
        }
    }

    private static DateTimeOffset At(string text, string zone) => text.Contains('+')
        ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture)
        : ZonedTime.First(DateTime.Parse(text, CultureInfo.InvariantCulture), Zone(zone));

    private static TimeZoneInfo Zone(string name) => TimeZoneInfo.FindSystemTimeZoneById(name);
}
