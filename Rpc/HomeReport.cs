using Gateway.Config;
using Gateway.Diagnostics;

namespace Gateway.Rpc;

/// <summary>Says once in a process what is wrong with the files of the home: in the log, and to the user where a file is not used.
/// Beside everything else, since nothing depends on it.</summary>
/// <param name="home">HERMES_HOME, absolute.</param>
/// <param name="log">Where it is said.</param>
internal sealed class HomeReport(string home, GatewayLog log)
{
    private int _begun;

    /// <summary>Looks, unless that was done before; returns at once.</summary>
    public void Begin()
    {
        if (Interlocked.Exchange(ref _begun, 1) == 0) _ = Task.Run(Report);
    }

    private void Report()
    {
        foreach (string problem in HomeInspection.OpenToOthers(home)) log.Note(problem);
        foreach (string problem in HomeInspection.Unusable(home))
        {
            log.Note(problem);
            GatewayLog.StandardError($"[gateway] {problem}");
        }
    }
}
