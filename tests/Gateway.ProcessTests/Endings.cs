using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace Gateway.ProcessTests;

/// <summary>Keeps how each case ended and how long that took, and prints the table after the last test. The times decide
/// nothing.</summary>
public static class Endings
{
    private static readonly ConcurrentBag<string> s_rows = [];

    /// <summary>Does something that ends the gateway and waits for that.</summary>
    /// <returns>Its exit status.</returns>
    internal static async Task<int> RecordAsync(string name, GatewayProcess gateway, Action provoke)
    {
        var watch = Stopwatch.StartNew();
        provoke();
        try
        {
            int status = await gateway.ExitAsync();
            Record(name, status > 128 ? $"signal {status - 128}" : $"exit {status}", watch);
            return status;
        }
        catch (TimeoutException)
        {
            Record(name, "does not end", watch);
            throw;
        }
    }

    /// <summary>Records the outcome of a case that began with the watch.</summary>
    internal static void Record(string name, string outcome, Stopwatch since) =>
        s_rows.Add($"ENDING | {name} | {outcome} | {since.Elapsed.TotalMilliseconds:F0} ms");

    /// <summary>Adds a line to what is printed.</summary>
    internal static void Note(string line) => s_rows.Add(line);

    /// <summary>Prints the table.</summary>
    [After(TestSession)]
    public static void Print()
    {
        if (s_rows.IsEmpty) return;
        var text = new StringBuilder();
        foreach (string row in s_rows.Order(StringComparer.Ordinal)) text.AppendLine(row);
        File.WriteAllText(Path.Combine(AppContext.BaseDirectory, "endings.txt"), text.ToString());
        using var output = new StreamWriter(Console.OpenStandardOutput());
        output.Write(text);
    }
}
