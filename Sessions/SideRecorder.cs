using Gateway.Agent;
using Gateway.Config;
using Gateway.Storage;

namespace Gateway.Sessions;

/// <summary>Stores the messages of an agent that works beside a session, in a row of its own. A disk that fails costs the record, never
/// the work; the session's own record tells the user.</summary>
/// <param name="key">Stored key of the row.</param>
/// <param name="model">Model, for a row that does not exist yet.</param>
/// <param name="records">Where rows are.</param>
internal sealed class SideRecorder(string key, string model, SessionRecords records)
{
    private readonly Dictionary<string, long> _results = new(StringComparer.Ordinal);
    private bool _failed;

    /// <summary>Stored key of the row.</summary>
    public string Key => key;

    /// <summary>Makes the row under that of the session it works for.</summary>
    public void OpenChild(string parent) => Try(() => records.OpenChild(key, parent, model));

    /// <summary>Stores a message; a tool result that comes again takes the place of its first form.</summary>
    public void Add(ConversationMessage message) => Try(() =>
    {
        var row = MessageRecords.ToRow(message);
        if (message.ToolCallId is { } id && _results.TryGetValue(id, out long known))
        {
            records.Replace(key, known, row);
            return;
        }

        if (message.Role == Role.Assistant) _results.Clear();
        long stored = records.Append(key, model, row);
        if (message.ToolCallId is { } answered) _results[answered] = stored;
    });

    /// <summary>Adds what a model call cost.</summary>
    public void Spent(TokenUsage usage, ModelEndpoint endpoint) => Try(() => records.AddTokens(key, UsageRows.Of(usage, endpoint)));

    /// <summary>Marks the row as ended.</summary>
    public void End(string reason) => Try(() => records.End(key, reason));

    private void Try(Action write)
    {
        if (_failed) return;
        try
        {
            write();
        }
        catch (SessionDatabaseException)
        {
            _failed = true;
        }
    }
}
