using System.Text;

namespace Gateway.Agent.Models;

/// <summary>Puts tool calls together from the fragments of a stream, in the variants that servers use: with and without an index,
/// an index used again for the next call, names whole, repeated or in pieces.</summary>
/// <param name="isKnown">Whether a name is a tool on offer and so needs no waiting for more of it.</param>
/// <param name="began">Told once per call, as soon as its name is certain.</param>
/// <param name="count">Told how many characters of arguments are about to be kept; throws when the reply gets too long.</param>
internal sealed class ToolCallAssembler(Func<string, bool> isKnown, Action<string> began, Action<int> count)
{
    private readonly List<Slot> _slots = [];

    /// <summary>Whether any call has begun.</summary>
    public bool Any => _slots.Count != 0;

    /// <summary>Finds or opens the call that a fragment belongs to.</summary>
    /// <param name="index">The fragment's index; null when it has none.</param>
    /// <param name="id">The fragment's id; null or "" when it has none.</param>
    /// <param name="hasName">Whether the fragment carries a name.</param>
    public Slot Locate(int? index, string? id, bool hasName)
    {
        var slot = index is { } wanted ? LastWithIndex(wanted) : LastFor(id, hasName);
        if (slot is not null && !string.IsNullOrEmpty(id) && slot.Id is not null && slot.Id != id)
        {
            slot = null;
        }

        if (slot is null)
        {
            AnnounceLast();
            slot = new Slot { Index = index };
            _slots.Add(slot);
        }

        if (!string.IsNullOrEmpty(id))
        {
            slot.Id ??= id;
        }

        return slot;
    }

    /// <summary>Adds a name or a piece of one.</summary>
    public void AddName(Slot slot, string piece)
    {
        if (piece.Length == 0)
        {
            return;
        }

        if (slot.Name.Length == 0 || piece.StartsWith(slot.Name, StringComparison.Ordinal))
        {
            slot.Name = piece;
        }
        else if (slot.Arguments.Length == 0)
        {
            slot.Name += piece;
        }

        if (isKnown(slot.Name))
        {
            Announce(slot);
        }
    }

    /// <summary>Adds a piece of the arguments' JSON text.</summary>
    public void AddArguments(Slot slot, ReadOnlySpan<char> piece)
    {
        if (!piece.IsEmpty)
        {
            Announce(slot);
            count(piece.Length);
            slot.Arguments.Append(piece);
        }
    }

    /// <summary>The calls, complete. Calls without a name are dropped: there is nothing to answer them with.</summary>
    /// <param name="newId">Makes an id for calls that came without one or repeat another's.</param>
    public IReadOnlyList<ReplyToolCall> Finish(Func<string> newId)
    {
        var calls = new List<ReplyToolCall>(_slots.Count);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var slot in _slots)
        {
            if (slot.Name.Length == 0)
            {
                continue;
            }

            var id = slot.Id;
            if (id is null || !ids.Add(id))
            {
                id = newId();
                ids.Add(id);
            }

            calls.Add(new ReplyToolCall(id, slot.Name, slot.Arguments.ToString(), slot.ExtraContentJson) { ResponseItemId = slot.ItemId });
        }

        return calls;
    }

    private Slot? LastWithIndex(int index) => _slots.FindLast(slot => slot.Index == index);

    private Slot? LastFor(string? id, bool hasName)
    {
        if (!string.IsNullOrEmpty(id))
        {
            return _slots.FindLast(slot => slot.Id == id);
        }

        // Neither index nor id: a name after arguments can only be the next call.
        var last = _slots.Count == 0 ? null : _slots[^1];
        return hasName && last is { Arguments.Length: > 0 } ? null : last;
    }

    /// <summary>The newest call's name has all its pieces.</summary>
    public void AnnounceLast()
    {
        if (_slots.Count != 0)
        {
            Announce(_slots[^1]);
        }
    }

    private void Announce(Slot slot)
    {
        if (!slot.Announced && slot.Name.Length != 0)
        {
            slot.Announced = true;
            began(slot.Name);
        }
    }

    /// <summary>One call being put together.</summary>
    internal sealed class Slot
    {
        /// <summary>The provider's index; null when it sends none.</summary>
        public int? Index { get; init; }

        /// <summary>The provider's id, once it is known.</summary>
        public string? Id { get; set; }

        /// <summary>The name so far.</summary>
        public string Name { get; set; } = "";

        /// <summary>The arguments' text so far.</summary>
        public StringBuilder Arguments { get; } = new();

        /// <summary>Raw JSON to keep with the call.</summary>
        public string? ExtraContentJson { get; set; }

        /// <summary>The id of the Responses item the call came in.</summary>
        public string? ItemId { get; set; }

        /// <summary>Whether the client has been told.</summary>
        public bool Announced { get; set; }
    }
}
