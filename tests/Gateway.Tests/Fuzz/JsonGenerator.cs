using System.Text;

namespace Gateway.Tests.Fuzz;

/// <summary>Lines that look like requests: by a grammar that knows where readers trip, then often damaged.</summary>
internal sealed class JsonGenerator(Random random)
{
    private static readonly string[] _names =
        ["id", "method", "params", "result", "error", "jsonrpc", "", "x", "Id", "i\\u0064", "\\u006dethod", "param\\u0073", "\\u0072esult", "\\ud800", "id\\udc00", "é", "session_id", "action", "cols", "text"];

    private static readonly string[] _blanks = ["", "", "", "", " ", "\t", "\r", "  ", " \r\t "];
    private static readonly string[] _around = ["", "", "", " ", "\r", "\v", "\u00a0", "\u2003", "\u3000\t", "\u0085", "\u2028", "\ufeff", "\0", "x", "{}", "\u200b"];

    private static readonly string[] _tokens =
        ["\"", "\\", "\\u", "\\ud800", "\\udc00", "{", "}", "[", "]", ":", ",", "0", "-", "e", ".", "null", "NaN", "\r", " ", "\0", "\u2028", "\"id\":", "\"method\":", "\"params\":{", "//", "😀"];

    /// <summary>A line without newline, mostly valid.</summary>
    /// <param name="methods">Names to use for methods.</param>
    public byte[] Line(IReadOnlyList<string> methods)
    {
        string document = random.Next(20) switch
        {
            0 => Value(0),
            1 => From(JsonCorpus.Refused),
            2 => $"{{\"id\":1,\"method\":\"m\",\"params\":{{\"x\":{From(JsonCorpus.Refused)}}}}}",
            3 => $"{{{Corpus("id")},{Corpus("params")},{Corpus("method")}}}",
            _ => Request(methods),
        };
        byte[] line = Encoding.UTF8.GetBytes((random.Next(4) == 0 ? From(_around) : "") + document + (random.Next(4) == 0 ? From(_around) : ""));
        int damages = random.Next(3) == 0 ? random.Next(1, 5) : 0;
        for (int i = 0; i < damages; i++) line = Damage(line);
        return [.. line.Where(b => b != '\n')];
    }

    private string Request(IReadOnlyList<string> methods)
    {
        var members = new List<string>();
        if (random.Next(10) > 0) members.Add($"\"id\"{Blank()}:{Blank()}{Value(1)}");
        if (random.Next(12) > 0) members.Add($"\"method\"{Blank()}:{Blank()}{(random.Next(8) > 0 ? $"\"{From(methods)}\"" : Value(1))}");
        if (random.Next(6) > 0) members.Add($"\"params\"{Blank()}:{Blank()}{(random.Next(8) > 0 ? Object(1) : Value(1))}");
        int more = random.Next(3) == 0 ? random.Next(1, 4) : 0;
        for (int i = 0; i < more; i++) members.Add($"\"{From(_names)}\":{Value(1)}");
        random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(members));
        return $"{{{Blank()}{string.Join($"{Blank()},{Blank()}", members)}{Blank()}}}";
    }

    private string Value(int depth) => random.Next(depth > 5 ? 5 : 8) switch
    {
        0 or 1 => From(JsonCorpus.Accepted),
        2 => random.Next(5) == 0 ? From(JsonCorpus.AcceptedByChoice) : "null",
        3 => random.NextInt64().ToString(System.Globalization.CultureInfo.InvariantCulture),
        4 => Text(),
        5 => Object(depth + 1),
        6 => $"[{Blank()}{string.Join(",", Enumerable.Range(0, random.Next(4)).Select(_ => Value(depth + 1)))}{Blank()}]",
        _ => random.Next(30) == 0 ? Deep() : Text(),
    };

    private string Object(int depth) =>
        $"{{{string.Join($"{Blank()},", Enumerable.Range(0, random.Next(4)).Select(_ => $"{Blank()}\"{From(_names)}\"{Blank()}:{Value(depth + 1)}"))}}}";

    private string Corpus(string name) => $"\"{name}\":{From(random.Next(10) == 0 ? JsonCorpus.AcceptedByChoice : JsonCorpus.Accepted)}";

    // Around the limit of depth.
    private string Deep()
    {
        int depth = random.Next(3) switch { 0 => random.Next(500, 520), 1 => random.Next(60, 70), _ => random.Next(2000) };
        return random.Next(2) == 0 ? new string('[', depth) + new string(']', depth) : string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "0" + new string('}', depth);
    }

    private string Text()
    {
        var text = new StringBuilder("\"");
        int length = random.Next(20) == 0 ? random.Next(3000) : random.Next(12);
        for (int i = 0; i < length; i++)
        {
            text.Append(random.Next(12) switch
            {
                0 => $"\\u{random.Next(0xD700, 0xE100):x4}",
                1 => $"\\u{random.Next(0x10000):X4}",
                2 => "\\\\",
                3 => "\\n",
                4 => "é",
                5 => "😀",
                6 => "\u2028",
                7 => "\\ud83d\\ude00",
                _ => ((char)random.Next(0x30, 0x5B)).ToString(),
            });
        }

        return text.Append('"').ToString();
    }

    private byte[] Damage(byte[] line)
    {
        int at = random.Next(line.Length + 1);
        int length = Math.Min(line.Length - at, random.Next(1, random.Next(4) == 0 ? 100 : 6));
        switch (random.Next(7))
        {
            case 0:
                return [.. line[..at], .. line[(at + length)..]];
            case 1:
                return [.. line[..at], .. Encoding.UTF8.GetBytes(From(_tokens)), .. line[at..]];
            case 2:
                return [.. line[..at], .. line[at..(at + length)], .. line[at..]];
            case 3:
                return [.. line[..at], (byte)random.Next(256), .. line[at..]];
            case 4:
                return line[..at];
            case 5:
                return line[at..];
            default:
                if (at == line.Length) return line;
                byte[] copy = [.. line];
                copy[at] ^= (byte)(1 << random.Next(8));
                return copy;
        }
    }

    private string Blank() => From(_blanks);

    private string From(IReadOnlyList<string> choices) => choices[random.Next(choices.Count)];
}
