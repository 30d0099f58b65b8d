using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;

namespace Gateway.Tools.Cron;

/// <summary>What one of the five fields of a cron expression may hold.</summary>
/// <param name="Name">Its name, for messages.</param>
/// <param name="Min">Least value.</param>
/// <param name="Max">Greatest value; of weekdays 7, which is Sunday like 0.</param>
/// <param name="Names">Words for the values from <paramref name="Min"/> on.</param>
internal sealed record CronFieldKind(string Name, int Min, int Max, ImmutableArray<string> Names);

/// <summary>One field of a cron expression: lists of values, ranges and steps.</summary>
/// <param name="Values">A bit for every value that matches.</param>
/// <param name="IsStar">Whether it is <c>*</c>, which leaves the choice of the day to the other day field.</param>
internal readonly record struct CronField(ulong Values, bool IsStar)
{
    /// <summary>The least value that matches.</summary>
    public int Least => BitOperations.TrailingZeroCount(Values);

    /// <summary>Reads a field.</summary>
    /// <exception cref="CronException">It is none; says what is wrong with it.</exception>
    public static CronField Parse(string text, CronFieldKind kind)
    {
        ulong values = 0;
        bool star = false;
        foreach (string item in text.Split(','))
        {
            var (range, step) = SplitStep(item, kind);
            star |= range == "*" && step == 1;
            var (from, to) = Range(range, kind, item);
            for (int value = from; value <= to; value += step) values |= 1UL << value;
        }

        return new(values, star);
    }

    /// <summary>Whether a value matches.</summary>
    public bool Has(int value) => ((Values >> value) & 1) != 0;

    private static (string Range, int Step) SplitStep(string item, CronFieldKind kind)
    {
        int slash = item.IndexOf('/');
        if (slash < 0) return (item, 1);
        if (!TryNumber(item[(slash + 1)..], out int step)) throw new CronException($"'{item}' in the {kind.Name} field has no number after its slash.");
        if (step == 0 || step > kind.Max) throw new CronException($"The step {step} in the {kind.Name} field must be from 1 to {kind.Max}.");
        return (item[..slash], step);
    }

    private static (int From, int To) Range(string range, CronFieldKind kind, string item)
    {
        if (range == "*") return (kind.Min, kind.Max);
        int dash = range.IndexOf('-');
        if (dash < 0)
        {
            int value = Value(range, kind, item);
            return (value, item.Contains('/') ? kind.Max : value);
        }

        int from = Value(range[..dash], kind, item), to = Value(range[(dash + 1)..], kind, item);
        if (kind.Max == 7 && to == 0 && from > 0) to = 7;
        return from <= to ? (from, to) : throw new CronException($"The range '{range}' in the {kind.Name} field runs backwards. Write it as two, such as '{range[..dash]}-{kind.Max},{kind.Min}-{range[(dash + 1)..]}'.");
    }

    private static int Value(string text, CronFieldKind kind, string item)
    {
        int named = kind.Names.IndexOf(text, StringComparer.OrdinalIgnoreCase);
        if (named >= 0) return kind.Min + named;
        if (!TryNumber(text, out int value)) throw new CronException($"'{item}' in the {kind.Name} field is not a number, range or list.");
        return value >= kind.Min && value <= kind.Max ? value : throw new CronException($"{value} in the {kind.Name} field is not from {kind.Min} to {kind.Max}.");
    }

    private static bool TryNumber(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
