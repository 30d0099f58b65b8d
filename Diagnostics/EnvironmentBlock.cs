using System.Runtime.InteropServices;

namespace Gateway.Diagnostics;

/// <summary>The variables of this process where others can read them (<c>/proc/PID/environ</c>).</summary>
internal static unsafe partial class EnvironmentBlock
{
    /// <summary>Overwrites the values of variables. Whoever took them before keeps them; native code finds them empty from now on.</summary>
    public static void Erase(IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            for (byte* value = Find(name); value is not null && *value != 0; value++) *value = 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial byte* Find(string name);
}
