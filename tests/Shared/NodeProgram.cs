using System.ComponentModel;
using System.Diagnostics;

namespace Gateway.Tests.Shared;

/// <summary>Programs of Node.js for tests, from the folders below tests/ that have a lock file.</summary>
internal static class NodeProgram
{
    /// <summary>Exit code that stands for a program that is not there.</summary>
    public const int NotInstalled = int.MinValue;

    /// <summary>The folder of a name.</summary>
    public static string Folder(string name) => Path.Combine(Stage.RepositoryRoot, "tests", name);

    /// <summary>Installs what a folder locks, unless that was done.</summary>
    /// <param name="folder">Name of the folder.</param>
    /// <param name="package">One of its packages.</param>
    /// <returns>Why its tests cannot run; null when they can.</returns>
    public static async Task<string?> InstallAsync(string folder, string package)
    {
        if (Directory.Exists(Path.Combine(Folder(folder), "node_modules", package))) return null;
        var install = await RunAsync("npm", Folder(folder), "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        return install.ExitCode == 0 ? null : $"npm ci in tests/{folder} failed: {install.Error.TrimEnd().Split('\n')[^1]}";
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string program, string directory, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (process.ExitCode, await output, await error);
        }
        catch (Win32Exception)
        {
            return (NotInstalled, "", $"{program} is not installed");
        }
    }
}
