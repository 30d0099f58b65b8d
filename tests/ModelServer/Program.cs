using System.Runtime.InteropServices;
using ModelServer;
using ModelServer.Script;

const string Usage = "usage: model-server [script.json] [--port N] [--exit-with-stdin]";

string scriptName = "demo";
int port = 0;
bool exitWithStdin = false;
for (int i = 0; i < args.Length; i++)
{
    if (args[i] == "--exit-with-stdin") exitWithStdin = true;
    else if (args[i] == "--port" && i + 1 < args.Length && ushort.TryParse(args[i + 1], out ushort number)) (port, i) = (number, i + 1);
    else if (args[i] is "--help" or "-h")
    {
        Console.Out.WriteLine(Usage);
        return 0;
    }
    else if (args[i].StartsWith('-')) return Fail(Usage);
    else scriptName = args[i];
}

ModelScript script;
try
{
    script = File.Exists(scriptName) ? ModelScript.Load(scriptName) : ModelScript.Named(scriptName);
}
catch (Exception problem) when (problem is IOException or ScriptException or UnauthorizedAccessException)
{
    return Fail(problem.Message);
}

var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

try
{
    await using ScriptedModelServer server = await ScriptedModelServer.StartAsync(script, port);
    Console.Out.WriteLine(server.Url);
    if (exitWithStdin) await Task.WhenAny(end.Task, StdinEndsAsync());
    else await end.Task;
    return 0;
}
catch (IOException problem)
{
    return Fail(problem.Message);
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    end.TrySetResult();
}

static async Task StdinEndsAsync()
{
    await using Stream input = Console.OpenStandardInput();
    await input.CopyToAsync(Stream.Null);
}

static int Fail(string message)
{
    Console.Error.WriteLine($"model-server: {message}");
    return 2;
}
