using System.Text;

namespace Gateway.Agent;

/// <summary>An answer that comes in pieces because the output limit cuts it off (AGENT.md section 4, "finish length").</summary>
internal sealed class Continuations
{
    /// <summary>How often a model may go on.</summary>
    public const int Max = 3;

    private const int Base = 4096;
    private const int Limit = 32_768;

    private readonly StringBuilder _pieces = new();
    private int _count;

    /// <summary>Whether pieces wait for the rest of the answer.</summary>
    public bool Any => _pieces.Length != 0;

    /// <summary>Whether the model may not go on once more.</summary>
    public bool Exhausted => _count >= Max;

    /// <summary>Least output cap in tokens of the next request, more each time; null while nothing was cut off.</summary>
    public int? OutputCap => _count == 0 ? null : Math.Min(Limit, Base * (_count + 1));

    /// <summary>Keeps a piece.</summary>
    public void Keep(string text) => _pieces.Append(text);

    /// <summary>The model goes on once more.</summary>
    public void GoOn() => _count++;

    /// <summary>The answer so far with its last piece, trimmed.</summary>
    public string Whole(string last) => (_pieces + last).Trim();

    /// <summary>A new answer begins.</summary>
    public void Clear()
    {
        _pieces.Clear();
        _count = 0;
    }
}
