using System.Diagnostics;
using System.Globalization;
using System.Text;
using Gateway.Processes;

namespace Gateway.Tools.Terminal;

/// <summary>Gives the password to the sudo calls of one command, and to nobody else: sudo starts a helper (SUDO_ASKPASS, sudo(8)) that asks
/// over a named pipe and gets its answer over one of its own. The password is in no argument, variable or file; who asks must have been
/// started by sudo, and each sudo gets it once, so that a wrong one is not tried three times.</summary>
/// <remarks>A program of the same user that reads the helper's pipe faster than the helper could get hold of it; such a program can also
/// read the memory of other programs of that user.</remarks>
internal sealed class SudoChannel : IAsyncDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly string _folder;
    private readonly Func<CancellationToken, Task<string?>> _password;
    private readonly Action<string> _refused;
    private readonly Func<int, bool> _isSudo;
    private readonly NamedPipe _asking;
    private readonly CancellationTokenSource _over = new();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly HashSet<(int Id, ulong StartTime)> _served = [];
    private readonly Lock _gate = new();
    private readonly List<Task> _answers = [];
    private readonly Stopwatch _waited = new();

    /// <summary>Opens the channel.</summary>
    /// <param name="folder">Absolute path of a folder that does not exist yet, in one that nobody else can enter.</param>
    /// <param name="password">Gets the password when sudo wants it; null when there is none.</param>
    /// <param name="refused">Told of a password that sudo did not take.</param>
    /// <param name="isSudo">Whether a process is sudo, by its id.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="ChildStartException">Programs may not be started from there.</exception>
    public SudoChannel(string folder, Func<CancellationToken, Task<string?>> password, Action<string> refused, Func<int, bool> isSudo)
    {
        (_folder, _password, _refused, _isSudo) = (folder, password, refused, isSudo);
        Directory.CreateDirectory(folder, OwnerOnly);
        File.WriteAllText(Helper, HelperScript);
        File.SetUnixFileMode(Helper, OwnerOnly);
        if (!ExecutablePath.IsExecutable(Helper)) throw new ChildStartException(Helper, "programs may not be started from there; set TMPDIR to another folder");
        _asking = new NamedPipe(Path.Combine(folder, "ask"), Asked);
    }

    /// <summary>Absolute path of the program that sudo asks for the password.</summary>
    public string Helper => HelperIn(_folder);

    /// <summary>The same for a channel that will be opened in a folder.</summary>
    public static string HelperIn(string folder) => Path.Combine(folder, "askpass");

    /// <summary>The password that was given; null when none was.</summary>
    public string? Given { get; private set; }

    /// <summary>How long the user was asked, in all.</summary>
    public TimeSpan Waited
    {
        get
        {
            lock (_gate) return _waited.Elapsed;
        }
    }

    /// <summary>Whether a process is sudo: it acts as root and is called so.</summary>
    public static bool IsSudo(int process) => ProcessTable.Identity(process) is { EffectiveUser: 0 } found && found.Name.StartsWith("sudo", StringComparison.Ordinal);

    /// <summary>Withdraws the question that is open and answers nobody any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _asking.Dispose();
        Task[] open;
        lock (_gate) open = [.. _answers];
        await Task.WhenAll(open).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _over.Dispose();
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It goes with the scratch folder.
        }
    }

    // The answer is one line, a plus before the password, so that an empty one differs from none.
    private string HelperScript => $$"""
        #!/bin/sh
        PATH=/usr/local/bin:/usr/bin:/bin
        umask 077
        cd {{ShellText.Quote(_folder)}} || exit 1
        mkfifo "$$" && exec 3<>"$$" && echo "$$" > ask && IFS= read -r answer <&3
        rm -f "$$"
        case $answer in
          +*) printf '%s\n' "${answer#+}" ;;
          *) exit 1 ;;
        esac

        """;

    private void Asked(string line)
    {
        if (!int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out int asker)) return;
        lock (_gate)
        {
            _answers.RemoveAll(answer => answer.IsCompleted);
            _answers.Add(Task.Run(() => AnswerAsync(asker)));
        }
    }

    private async Task AnswerAsync(int asker)
    {
        string? password = null;
        try
        {
            await _turn.WaitAsync(_over.Token);
            try
            {
                password = await PasswordForAsync(asker);
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (OperationCanceledException)
        {
            // The command is over, or nobody is there to ask any more.
        }

        byte[] answer = Encoding.UTF8.GetBytes(password is null ? "-\n" : $"+{password}\n");
        _ = NamedPipe.TryWrite(Path.Combine(_folder, asker.ToString(CultureInfo.InvariantCulture)), answer);
        Array.Clear(answer);
    }

    private async Task<string?> PasswordForAsync(int asker)
    {
        if (ProcessTable.Find(asker) is not { } helper || !_isSudo(helper.Parent) || ProcessTable.Find(helper.Parent) is not { } sudo) return null;
        if (!_served.Add((sudo.Id, sudo.StartTime)))
        {
            if (Given is { } wrong) _refused(wrong);
            return null;
        }

        lock (_gate) _waited.Start();
        try
        {
            string? password = await _password(_over.Token);
            if (password is null || password.AsSpan().IndexOfAny('\n', '\0') >= 0) return null;
            return Given = password;
        }
        finally
        {
            lock (_gate) _waited.Stop();
        }
    }
}
