using System.Text.Json.Serialization;

namespace Gateway.Tests.RepoRules;

[JsonSerializable(typeof(string))]
internal sealed partial class TestJson : JsonSerializerContext;
