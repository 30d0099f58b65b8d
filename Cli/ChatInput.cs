using System.Collections.Concurrent;
using System.Text;
using Gateway.Transport;

namespace Gateway.Cli;

/// <summary>Where something for the chat loop came from.</summary>
internal enum ChatInputKind
{
    /// <summary>A frame of the gateway.</summary>
    Frame,

    /// <summary>A line the user typed.</summary>
    Typed,

    /// <summary>A line that is too long to be a prompt; its bytes are gone.</summary>
    TypedTooMuch,

    /// <summary>The user's input ended.</summary>
    EndOfTyping,

    /// <summary>Ctrl-C.</summary>
    Interrupt,
}

/// <summary>One thing for the chat loop.</summary>
/// <param name="Kind">Where it came from.</param>
/// <param name="Bytes">The frame or line as UTF-8.</param>
internal readonly record struct ChatInput(ChatInputKind Kind, byte[] Bytes)
{
    /// <summary>The line as text.</summary>
    public string Text => Encoding.UTF8.GetString(Bytes);
}

/// <summary>Brings frames, typed lines and Ctrl-C together, so that the chat loop is one thread that waits in one place.</summary>
internal sealed class ChatInputs : IDisposable
{
    /// <summary>Longest line in bytes.</summary>
    public const int LongestLine = 1 << 20;

    private readonly BlockingCollection<ChatInput> _inputs = [];
    private bool _typing;

    /// <summary>Adds something.</summary>
    public void Add(ChatInputKind kind, ReadOnlySpan<byte> bytes = default) => _inputs.Add(new ChatInput(kind, bytes.ToArray()));

    /// <summary>Waits for the next thing.</summary>
    public ChatInput Take() => _inputs.Take();

    /// <summary>Reads lines from standard input from now on; a client that never asks never reads.</summary>
    public void StartTyping()
    {
        if (_typing) return;
        _typing = true;
        var thread = new Thread(() =>
        {
            var reader = new LineReader(new InputDescriptor(0).Read, LongestLine);
            try
            {
                while (reader.TryRead(out var line))
                {
                    Add(line.Fault == LineFault.None ? ChatInputKind.Typed : ChatInputKind.TypedTooMuch, line.Bytes);
                }
            }
            catch (IOException)
            {
                // A terminal that went away ends the conversation like the end of a file does.
            }

            Add(ChatInputKind.EndOfTyping);
        })
        {
            Name = "stdin",
            IsBackground = true,
        };
        thread.Start();
    }

    /// <inheritdoc/>
    public void Dispose() => _inputs.Dispose();
}
