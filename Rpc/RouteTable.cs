using System.Text;

namespace Gateway.Rpc;

/// <summary>All methods the gateway knows. Lookups by UTF-8 name do not allocate for known names.</summary>
internal sealed class RouteTable
{
    private readonly Dictionary<string, Route> _byName;
    private readonly (byte[] Name, Route Route)[] _byBytes;

    /// <summary>Joins the rows of the method groups.</summary>
    /// <exception cref="ArgumentException">A name stands twice.</exception>
    public RouteTable(IEnumerable<Route> routes)
    {
        Routes = [.. routes];
        _byName = Routes.ToDictionary(route => route.Method, StringComparer.Ordinal);
        _byBytes = [.. Routes.Select(route => (Encoding.UTF8.GetBytes(route.Method), route))];
    }

    /// <summary>The rows, in table order.</summary>
    public IReadOnlyList<Route> Routes { get; }

    /// <summary>Finds a method; null when unknown. Matching is exact (WIRE 3.2).</summary>
    public Route? Find(string method) => _byName.GetValueOrDefault(method);

    /// <summary>The name as a string, the table's own where it is known.</summary>
    public string NameOf(ReadOnlySpan<byte> utf8)
    {
        foreach (var (name, route) in _byBytes)
            if (utf8.SequenceEqual(name)) return route.Method;
        return Encoding.UTF8.GetString(utf8);
    }
}
