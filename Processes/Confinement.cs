using System.Runtime.InteropServices;

namespace Gateway.Processes;

/// <summary>A file, or a folder with all that is in it, that a confined child may use.</summary>
/// <param name="Path">Absolute path. What is not there is left out.</param>
/// <param name="Writes">Whether it may be written; else it may be read and run.</param>
internal readonly record struct PathGrant(string Path, bool Writes);

/// <summary>What the kernel keeps a child from, and all that it starts: every file that is not granted (Landlock, landlock(7)), and sockets
/// that lead out of the machine (seccomp(2)). It also gains no rights by programs such as sudo.</summary>
/// <param name="Grants">What it may use. Names can be listed everywhere.</param>
/// <param name="HasNetwork">Whether it may make sockets other than those of the machine.</param>
internal sealed record Confinement(IReadOnlyList<PathGrant> Grants, bool HasNetwork)
{
    /// <summary>The first version that keeps files outside from being cut off (truncate).</summary>
    public const int LeastVersion = 3;

    private const nint CreateNumber = 444;
    private const nint AddNumber = 445;
    private const int PathOnly = 0x200000;
    private const ulong Execute = 1;
    private const ulong WriteFile = 1 << 1;
    private const ulong ReadFile = 1 << 2;
    private const ulong ListFolder = 1 << 3;
    private const ulong Truncate = 1 << 14;
    private const ulong Everything = (1 << 15) - 1;

    // Devices are made by nobody.
    private const ulong WriteFolder = Everything & ~((1UL << 6) | (1UL << 11));

    /// <summary>The version of Landlock that the kernel has; 0 for none.</summary>
    public static unsafe int Version => (int)Math.Max(0, ProcessCalls.Landlock(CreateNumber, 0, 0, 1, 0));

    /// <summary>Makes the ruleset.</summary>
    /// <returns>Its descriptor, which the caller closes; -1 with the error set when there is none.</returns>
    public unsafe int Open()
    {
        // The second is the network's, which is left to seccomp; the third keeps signals and abstract sockets inside, from version 6 on.
        var attribute = stackalloc ulong[] { Everything, 0, 3 };
        int ruleset = (int)ProcessCalls.Landlock(CreateNumber, (nint)attribute, Version >= 6 ? 24 : 8, 0, 0);
        if (ruleset < 0) return -1;
        Add(ruleset, "/", ListFolder);
        foreach (var grant in Grants)
        {
            ulong rights = grant.Writes ? WriteFolder : Execute | ReadFile | ListFolder;
            Add(ruleset, grant.Path, Directory.Exists(grant.Path) ? rights : rights & (Execute | WriteFile | ReadFile | Truncate));
        }

        return ruleset;
    }

    // What has gone meanwhile needs no rule; without one, nothing more is allowed.
    private static unsafe void Add(int ruleset, string path, ulong rights)
    {
        int file = ProcessCalls.Open(path, PathOnly | ProcessCalls.CloseOnExec);
        if (file < 0) return;
        var rule = stackalloc byte[12];
        MemoryMarshal.Write(new Span<byte>(rule, 8), rights);
        MemoryMarshal.Write(new Span<byte>(rule + 8, 4), file);
        _ = ProcessCalls.Landlock(AddNumber, ruleset, 1, (nint)rule, 0);
        _ = ProcessCalls.Close(file);
    }
}
