using System.Text.Json.Serialization.Metadata;

namespace Gateway.Rpc;

/// <summary>Says in our own words which parameter is wrong and what it should be.</summary>
internal static class ParamsProblem
{
    /// <summary>Describes a failed read.</summary>
    /// <param name="method">Method name.</param>
    /// <param name="path">Where reading failed, such as <c>$.cols</c>.</param>
    /// <param name="type">The params type.</param>
    public static string Describe(string method, string? path, JsonTypeInfo type)
    {
        string name = path is ['$', '.', ..] ? path[2..] : "";
        int end = name.AsSpan().IndexOfAny('.', '[');
        if (end >= 0) name = name[..end];
        var property = type.Properties.FirstOrDefault(candidate => candidate.Name == name);
        return property is null
            ? $"{method}: params could not be read"
            : $"{method}: params.{name} must be {Expected(property.PropertyType)}";
    }

    /// <summary>A type in words.</summary>
    public static string Expected(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(string) ? "a string"
            : type == typeof(int) || type == typeof(long) ? "a whole number"
            : type == typeof(double) ? "a number"
            : type == typeof(bool) ? "true or false"
            : "of another type";
    }
}
