using System.Text.Json;

namespace Gateway.Tests.Shared;

/// <summary>A conversation as data. Lines: <c>-&gt;</c> send; <c>&lt;-</c> a later frame matches; <c>&lt;=</c> the very next
/// frame matches; <c>..</c> matches in any order with its neighbours; <c>!-</c> no frame since the last <c>-&gt;</c> matches;
/// <c>@script</c>, <c>@config</c>, <c>@env</c> prepare the stage; <c>#</c> is a comment.</summary>
public sealed class Scenario
{
    private Scenario(string name, IReadOnlyList<(string Mark, string Text)> steps)
    {
        Name = name;
        Steps = steps;
    }

    /// <summary>File name without its ending.</summary>
    public string Name { get; }

    /// <summary>Mark and rest of each line.</summary>
    public IReadOnlyList<(string Mark, string Text)> Steps { get; }

    /// <summary>Name of the model server's script; null when the scenario needs no model.</summary>
    public string? Script => Steps.FirstOrDefault(step => step.Mark == "@script").Text;

    /// <summary>Lines to add to config.yaml.</summary>
    public IEnumerable<string> Config => Steps.Where(step => step.Mark == "@config").Select(step => step.Text);

    /// <summary>Environment variables, NAME=value.</summary>
    public IEnumerable<string> Environment => Steps.Where(step => step.Mark == "@env").Select(step => step.Text);

    /// <summary>Reads a file.</summary>
    public static Scenario Load(string path)
    {
        var steps = File.ReadLines(path)
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.IndexOf(' ') is var space and >= 0 ? (line[..space], line[(space + 1)..]) : (line, ""))
            .ToList();
        return new Scenario(Path.GetFileNameWithoutExtension(path), steps);
    }

    /// <summary>Plays the scenario with a client; throws when something does not come as written.</summary>
    public async Task PlayAsync(IGatewayClient client)
    {
        var captures = new Dictionary<string, string>();
        var talk = client.Conversation;
        int position = 0;
        int groupStart = -1;
        int sentAt = 0;
        foreach (var (mark, text) in Steps)
        {
            if (mark != "..") groupStart = -1;
            switch (mark)
            {
                case "->":
                    sentAt = position;
                    string line = captures.Aggregate(text, (current, capture) => current.Replace('$' + capture.Key, capture.Value));
                    talk.Sent(line);
                    client.Send(line);
                    break;
                case "<-":
                    position = 1 + await talk.WaitForAsync(position, Matcher(text, captures), text);
                    break;
                case "<=":
                    await talk.WaitForAsync(position, _ => true, text);
                    if (!Matcher(text, captures)(talk.Frames[position]))
                        throw new InvalidOperationException($"the next frame is not {text}\n{talk.Talk()}");
                    position++;
                    break;
                case "..":
                    if (groupStart < 0) groupStart = position;
                    position = Math.Max(position, 1 + await talk.WaitForAsync(groupStart, Matcher(text, captures), text));
                    break;
                case "!-":
                    if (talk.Frames.Take(position).Skip(sentAt).Any(Matcher(text, captures)))
                        throw new InvalidOperationException($"a frame matches {text}, which must not come\n{talk.Talk()}");
                    break;
                case "@script" or "@config" or "@env":
                    break;
                default:
                    throw new InvalidOperationException($"{Name}: unknown mark '{mark}'");
            }
        }
    }

    private static Func<JsonElement, bool> Matcher(string text, Dictionary<string, string> captures)
    {
        var pattern = JsonDocument.Parse(text).RootElement;
        return frame => JsonMatch.Matches(pattern, frame, captures);
    }
}
