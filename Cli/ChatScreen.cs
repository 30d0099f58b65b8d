using System.Text;
using Gateway.Transport;
using Mono.Unix.Native;

namespace Gateway.Cli;

/// <summary>What the chat client prints: the answer to standard output, everything else to standard error, so that the
/// answer can be piped. Colours only on a terminal.</summary>
internal sealed class ChatScreen
{
    private readonly bool _quiet;
    private readonly bool _colours;
    private readonly bool _terminalOutput;
    private bool _lineOpen;
    private bool _fresh = true;

    /// <summary>Creates a screen.</summary>
    /// <param name="quiet">No tool activity.</param>
    public ChatScreen(bool quiet)
    {
        _quiet = quiet;
        Interactive = Syscall.isatty(0) && Syscall.isatty(2);
        _colours = Syscall.isatty(2);
        _terminalOutput = Syscall.isatty(1);
    }

    /// <summary>Whether a person can be asked.</summary>
    public bool Interactive { get; }

    /// <summary>Whether standard output takes nothing any more: an answer would be for nobody.</summary>
    public bool OutputLost { get; private set; }

    /// <summary>Prints a chunk of the answer.</summary>
    public void Answer(string text)
    {
        // The paragraph break before the text of a later reply is a line of ours already.
        if (_fresh) text = text.TrimStart('\n');
        if (_terminalOutput) text = Harmless(text);
        if (text.Length == 0) return;
        WriteAnswer(text);
        _fresh = false;
        _lineOpen = !text.EndsWith('\n');
    }

    /// <summary>Ends the line of the answer.</summary>
    public void EndAnswer()
    {
        if (_lineOpen) WriteAnswer("\n");
        _lineOpen = false;
        _fresh = true;
    }

    /// <summary>Prints one line about what the agent does.</summary>
    public void Activity(string text)
    {
        if (_quiet) return;
        EndAnswer();
        Write(2, _colours ? $"\u001b[2m{Clean(text)}\u001b[0m\n" : $"{Clean(text)}\n");
    }

    /// <summary>Prints one line that always shows.</summary>
    public void Notice(string text)
    {
        EndAnswer();
        Write(2, $"{Clean(text)}\n");
    }

    /// <summary>Prints a question without ending the line.</summary>
    public void Ask(string text)
    {
        EndAnswer();
        Write(2, text);
    }

    private void WriteAnswer(string text)
    {
        if (OutputLost) return;
        try
        {
            // A reader that went away, as head does, knows it; a full disk has to be told.
            OutputLost = !FileDescriptor.Write(1, Encoding.UTF8.GetBytes(text));
        }
        catch (IOException failure)
        {
            OutputLost = true;
            Write(2, $"error: the answer cannot be written: {failure.Message}\n");
        }
    }

    private static void Write(int fd, string text)
    {
        try
        {
            FileDescriptor.Write(fd, Encoding.UTF8.GetBytes(text));
        }
        catch (IOException)
        {
            // Remarks that nobody can receive are no reason to stop an answer.
        }
    }

    // The answer keeps its form, but a model must not steer the terminal. A file or pipe gets the text as it is.
    private static string Harmless(string text) =>
        text.Any(IsHarmful) ? string.Concat(text.Where(c => !IsHarmful(c))) : text;

    private static bool IsHarmful(char c) => char.IsControl(c) && c is not ('\n' or '\t');

    // What a tool or a model put into a line must not steer the terminal.
    private static string Clean(string text) => string.Create(text.Length, text, static (span, source) =>
    {
        for (int i = 0; i < span.Length; i++) span[i] = char.IsControl(source[i]) && source[i] != '\n' ? ' ' : source[i];
    });
}
