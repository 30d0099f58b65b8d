using System.Globalization;

namespace Gateway.Config;

/// <summary>Types plain scalars the YAML 1.1 way (CONFIG.md 1): <c>off</c> is a boolean, <c>0o7</c> a text, dates stay text.</summary>
internal static class YamlScalar
{
    /// <summary>Types an unquoted scalar.</summary>
    public static ConfigNode Resolve(string text)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return ConfigNode.Null;
            case "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON":
                return ConfigNode.Of(true);
            case "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF":
                return ConfigNode.Of(false);
            case ".nan" or ".NaN" or ".NAN":
                return ConfigNode.Of(double.NaN);
        }

        return char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' or '.' ? Number(text) : ConfigNode.Of(text);
    }

    private static ConfigNode Number(string text)
    {
        var negative = text[0] == '-';
        var body = text[0] is '-' or '+' ? text[1..] : text;
        if (body is ".inf" or ".Inf" or ".INF")
        {
            return ConfigNode.Of(negative ? double.NegativeInfinity : double.PositiveInfinity);
        }

        if (body.Length == 0)
        {
            return ConfigNode.Of(text);
        }

        if (Integer(body) is { } integer)
        {
            return ConfigNode.Of(negative ? -integer : integer);
        }

        return Float(body) is { } number ? ConfigNode.Of(negative ? -number : number) : ConfigNode.Of(text);
    }

    private static long? Integer(string body)
    {
        if (body.StartsWith("0x", StringComparison.Ordinal))
        {
            return InBase(body[2..], 16);
        }

        if (body.StartsWith("0b", StringComparison.Ordinal))
        {
            return InBase(body[2..], 2);
        }

        if (body.Contains(':'))
        {
            return Sexagesimal(body) is { } value && body[0] != '0' ? value : null;
        }

        return InBase(body, body.Length > 1 && body[0] == '0' ? 8 : 10);
    }

    // Null also for what does not fit: such digits are identifiers and must stay exact.
    private static long? InBase(string digits, int radix)
    {
        var any = false;
        long value = 0;
        foreach (var c in digits)
        {
            if (c == '_')
            {
                if (!any && radix == 10)
                {
                    return null;
                }

                continue;
            }

            if (!char.IsAsciiHexDigit(c))
            {
                return null;
            }

            var digit = Convert.ToInt32(c.ToString(), 16);
            if (digit >= radix || value > (long.MaxValue - digit) / radix)
            {
                return null;
            }

            value = (value * radix) + digit;
            any = true;
        }

        return any ? value : null;
    }

    private static long? Sexagesimal(string body)
    {
        long value = 0;
        var parts = body.Split(':');
        for (var i = 0; i < parts.Length; i++)
        {
            if (InBase(parts[i].TrimStart('0') is { Length: > 0 } digits ? digits : parts[i], 10) is not { } part
                || (i > 0 && (part > 59 || parts[i].Length > 2)) || value > long.MaxValue / 100)
            {
                return null;
            }

            value = (value * 60) + part;
        }

        return value;
    }

    // YAML 1.1 wants a point, and a sign in the exponent: 1e5 and 1.5e3 are texts.
    private static double? Float(string body)
    {
        var point = body.IndexOf('.');
        if (point < 0 || !body.AsSpan(0, point).ContainsOnly("0123456789_") || (point == 0 && body.Length == 1))
        {
            return null;
        }

        if (point > 0 && body[0] == '_')
        {
            return null;
        }

        var rest = body.AsSpan(point + 1);
        var exponent = rest.IndexOfAny('e', 'E');
        var fraction = exponent < 0 ? rest : rest[..exponent];
        if (!fraction.ContainsOnly("0123456789_") || (point == 0 && (fraction.IsEmpty || fraction[0] == '_')))
        {
            return null;
        }

        if (exponent >= 0)
        {
            var power = rest[(exponent + 1)..];
            if (power.Length < 2 || power[0] is not ('+' or '-') || !power[1..].ContainsOnly("0123456789"))
            {
                return null;
            }
        }

        return double.TryParse(body.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private static bool ContainsOnly(this ReadOnlySpan<char> text, string allowed) => text.IndexOfAnyExcept(allowed) < 0;
}
