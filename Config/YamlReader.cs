using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Gateway.Config;

/// <summary>Builds a <see cref="ConfigNode"/> from YAML events: aliases, merge keys, and limits against hostile files.</summary>
internal sealed class YamlReader
{
    // Far beyond any real configuration, far below what hurts.
    private const int MaximumDepth = 100;
    private const int MaximumNodes = 200_000;

    private readonly Parser _parser;
    private readonly Dictionary<string, Built> _anchors = new(StringComparer.Ordinal);
    private int _depth;

    private YamlReader(string text) => _parser = new Parser(new StringReader(text));

    /// <summary>Reads one document; empty text gives <see cref="ConfigNode.Null"/>.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="problem">What is wrong and in which line, for the person who wrote the file; null on success.</param>
    /// <returns>The document, or null when there is a problem.</returns>
    public static ConfigNode? Read(string text, out string? problem)
    {
        var reader = new YamlReader(text);
        try
        {
            problem = null;
            return reader.Document();
        }
        catch (YamlException error)
        {
            problem = $"line {error.Start.Line}: {Reason(error)}";
            return null;
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or FormatException or OverflowException)
        {
            // The parser lets a few malformed inputs out as these, with words that mean nothing to the file's author.
            problem = reader._parser.Current is { End.Line: > 0 and var line }
                ? $"this is not valid YAML; up to line {line} it could be read"
                : "this is not valid YAML, from its first line on";
            return null;
        }
    }

    private static string Reason(YamlException error)
    {
        var message = error.Message;
        var cut = message.IndexOf("): ", StringComparison.Ordinal);
        return cut >= 0 && message.StartsWith('(') ? message[(cut + 3)..] : message;
    }

    private ConfigNode Document()
    {
        Next();
        Next();
        if (_parser.Current is StreamEnd)
        {
            return ConfigNode.Null;
        }

        Next();
        var root = Node();
        Next();
        Next();
        if (_parser.Current is DocumentStart second)
        {
            throw new YamlException(second.Start, second.End, "a second document starts here; only one is allowed");
        }

        return root.Node;
    }

    private void Next()
    {
        if (!_parser.MoveNext())
        {
            throw new YamlException("the file ends too early");
        }
    }

    // Enters with the node's first event as current, leaves with its last one as current.
    private Built Node()
    {
        var current = _parser.Current!;
        if (current is AnchorAlias alias)
        {
            return _anchors.TryGetValue(alias.Value.Value, out var target)
                ? target
                : throw new YamlException(alias.Start, alias.End, $"*{alias.Value} refers to itself or to nothing before it");
        }

        if (++_depth > MaximumDepth)
        {
            throw new YamlException(current.Start, current.End, $"more than {MaximumDepth} levels deep");
        }

        var built = current switch
        {
            Scalar scalar => new Built(Value(scalar), 1, 1),
            SequenceStart start => Sequence(start),
            MappingStart start => Mapping(start),
            _ => throw new YamlException(current.Start, current.End, "a value was expected here"),
        };
        _depth--;
        if (built.Nodes > MaximumNodes || built.Depth > MaximumDepth)
        {
            throw new YamlException(current.Start, current.End, "its aliases expand to more than a configuration may hold");
        }

        if (current is NodeEvent { Anchor.IsEmpty: false } anchored)
        {
            _anchors[anchored.Anchor.Value] = built;
        }

        return built;
    }

    private Built Sequence(SequenceStart start)
    {
        CheckTag(start);
        var items = new List<ConfigNode>();
        var size = new Size();
        for (Next(); _parser.Current is not SequenceEnd; Next())
        {
            var item = Node();
            items.Add(item.Node);
            size.Add(item, start);
        }

        return new Built(ConfigNode.Of(items), size.Nodes, size.Depth);
    }

    private Built Mapping(MappingStart start)
    {
        CheckTag(start);
        var own = new List<KeyValuePair<string, ConfigNode>>();
        var merged = new List<KeyValuePair<string, ConfigNode>>();
        var size = new Size();
        for (Next(); _parser.Current is not MappingEnd; Next())
        {
            var keyEvent = _parser.Current!;
            var key = Node();
            Next();
            var value = Node();
            size.Add(value, start);
            if (keyEvent is Scalar { Value: "<<", Style: ScalarStyle.Plain })
            {
                Merge(value.Node, merged, keyEvent);
                continue;
            }

            var name = keyEvent is Scalar scalar ? scalar.Value : key.Node.AsString();
            own.Add(KeyValuePair.Create(name ?? throw new YamlException(keyEvent.Start, keyEvent.End, "a key must be a single word or text"), value.Node));
        }

        return new Built(ConfigNode.Of(merged.Concat(own)), size.Nodes, size.Depth);
    }

    // Of several merged maps the first one wins, and the map's own keys win over all.
    private static void Merge(ConfigNode value, List<KeyValuePair<string, ConfigNode>> merged, ParsingEvent at)
    {
        var sources = value.Kind == ConfigKind.List ? value.Items : [value];
        foreach (var source in sources.Reverse())
        {
            if (!source.IsMap)
            {
                throw new YamlException(at.Start, at.End, "<< needs a map or a list of maps");
            }

            merged.AddRange(source.Entries);
        }
    }

    private static ConfigNode Value(Scalar scalar)
    {
        if (scalar.Tag.IsEmpty)
        {
            return scalar.Style == ScalarStyle.Plain ? YamlScalar.Resolve(scalar.Value) : ConfigNode.Of(scalar.Value);
        }

        if (scalar.Tag.IsNonSpecific)
        {
            return ConfigNode.Of(scalar.Value);
        }

        return scalar.Tag.Value switch
        {
            "tag:yaml.org,2002:str" or "tag:yaml.org,2002:binary" or "tag:yaml.org,2002:timestamp" => ConfigNode.Of(scalar.Value),
            "tag:yaml.org,2002:null" or "tag:yaml.org,2002:bool" or "tag:yaml.org,2002:int" or "tag:yaml.org,2002:float" => YamlScalar.Resolve(scalar.Value),
            var tag => throw new YamlException(scalar.Start, scalar.End, $"the tag {tag} is not known here"),
        };
    }

    private static void CheckTag(NodeEvent node)
    {
        if (!node.Tag.IsEmpty && !node.Tag.IsNonSpecific
            && node.Tag.Value is not ("tag:yaml.org,2002:seq" or "tag:yaml.org,2002:map" or "tag:yaml.org,2002:set" or "tag:yaml.org,2002:omap"))
        {
            throw new YamlException(node.Start, node.End, $"the tag {node.Tag.Value} is not known here");
        }
    }

    // The size counts what an alias stands for, so that nested aliases cannot blow up whoever walks the tree.
    private readonly record struct Built(ConfigNode Node, long Nodes, int Depth);

    private struct Size()
    {
        public long Nodes { get; private set; } = 1;

        public int Depth { get; private set; } = 1;

        public void Add(Built child, ParsingEvent at)
        {
            Nodes += child.Nodes;
            Depth = Math.Max(Depth, child.Depth + 1);
            if (Nodes > MaximumNodes)
            {
                throw new YamlException(at.Start, at.End, "its aliases expand to more than a configuration may hold");
            }
        }
    }
}
