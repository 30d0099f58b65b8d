using System.Diagnostics;
using Gateway.Tests.Shared;

namespace Gateway.ProcessTests;

/// <summary>Waiting for facts outside the protocol, and running things to their end.</summary>
internal static class Facts
{
    /// <summary>Whether files can be hidden from a program by a mount namespace.</summary>
    public static bool CanHideFiles
    {
        get
        {
            if (!File.Exists("/usr/bin/unshare")) return false;
            using var probe = Process.Start(new ProcessStartInfo("/usr/bin/unshare", ["-m", "/bin/mount", "--bind", "/dev/null", "/etc/hostname"]) { RedirectStandardError = true })!;
            probe.WaitForExit();
            return probe.ExitCode == 0;
        }
    }

    /// <summary>Looks until it is so.</summary>
    public static Task<T> UntilAsync<T>(Func<T> look, Func<T, bool> isSo, string what) => Waiting.UntilAsync(look, isSo, what);

    /// <summary>Whether a process has a thread of this name.</summary>
    public static bool HasThread(string pid, string name)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{pid}/task").Any(task => File.ReadAllText(Path.Combine(task, "comm")).Trim() == name);
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Whether a signal was sent to a process and no thread of it has taken it yet (proc(5), ShdPnd).</summary>
    public static bool IsPending(int pid, int signal)
    {
        string mask = File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("ShdPnd:", StringComparison.Ordinal))[7..].Trim();
        return (Convert.ToUInt64(mask, 16) >> (signal - 1) & 1) != 0;
    }

    /// <summary>Runs a program with the stage's environment and this input.</summary>
    public static (int Status, string Output, string Errors) Run(string program, Stage stage, params string[] arguments) =>
        RunWithInput(program, stage, "", arguments);

    /// <summary>Runs a program with the stage's environment and the given input.</summary>
    public static (int Status, string Output, string Errors) RunWithInput(string program, Stage stage, string input, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = stage.Work,
        };
        start.Environment.Clear();
        foreach (var (name, value) in stage.Environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(60_000))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} does not end\n{output.Result}\n{errors.Result}");
        }

        return (process.ExitCode, output.Result, errors.Result);
    }
}
