using System.Text;
using System.Text.Json;
using Gateway.Agent;

namespace Gateway.Tests.AgentTests;

public class ArgumentCoercionTests
{
    private const string Schema =
        """
        {"type":"object","properties":{"n":{"type":"integer"},"f":{"type":"number"},"b":{"type":"boolean"},"s":{"type":"string"},"a":{"type":"array"},"o":{"type":"object"},"z":{"type":["integer","null"]},"e":{"type":["string","integer"]},"odd":{"type":7},"none":{},"flat":true}}
        """;

    [Test]
    [Arguments("""{"n":"5"}""", """{"n":5}""")]
    [Arguments("""{"n":" -5 "}""", """{"n":-5}""")]
    [Arguments("""{"n":"5.0"}""", """{"n":5}""")]
    [Arguments("""{"n":"5.5"}""", """{"n":"5.5"}""")]
    [Arguments("""{"n":"five"}""", """{"n":"five"}""")]
    [Arguments("""{"n":"1e400"}""", """{"n":"1e400"}""")]
    [Arguments("""{"n":"NaN"}""", """{"n":"NaN"}""")]
    [Arguments("""{"n":"99999999999999999999"}""", """{"n":"99999999999999999999"}""")]
    [Arguments("""{"n":""}""", """{"n":""}""")]
    [Arguments("""{"f":"1.5"}""", """{"f":1.5}""")]
    [Arguments("""{"f":"Infinity"}""", """{"f":"Infinity"}""")]
    [Arguments("""{"b":"True"}""", """{"b":true}""")]
    [Arguments("""{"b":"FALSE"}""", """{"b":false}""")]
    [Arguments("""{"b":"yes"}""", """{"b":"yes"}""")]
    [Arguments("""{"b":1}""", """{"b":1}""")]
    [Arguments("""{"s":"5"}""", """{"s":"5"}""")]
    [Arguments("""{"e":"5"}""", """{"e":"5"}""")]
    [Arguments("""{"a":"[1,\"x\"]"}""", """{"a":[1,"x"]}""")]
    [Arguments("""{"a":"{\"x\":1}"}""", """{"a":"{\"x\":1}"}""")]
    [Arguments("""{"a":"[1,"}""", """{"a":"[1,"}""")]
    [Arguments("""{"o":"{\"x\":1}"}""", """{"o":{"x":1}}""")]
    [Arguments("""{"z":"null"}""", """{"z":null}""")]
    [Arguments("""{"n":"null"}""", """{"n":"null"}""")]
    [Arguments("""{"odd":"5","none":"5","flat":"5","other":"5"}""", """{"odd":"5","none":"5","flat":"5","other":"5"}""")]
    [Arguments("""{"n":"\ud800"}""", """{"n":"\ud800"}""")]
    [Arguments("""{"n":null}""", """{"n":null}""")]
    [Arguments("""["5"]""", """["5"]""")]
    public async Task Texts_become_what_the_schema_asks_for_or_stay(string arguments, string wanted) => await Assert.That(Apply(arguments, Schema)).IsEqualTo(wanted);

    [Test]
    [Arguments("")]
    [Arguments("not json")]
    [Arguments("[]")]
    [Arguments("{}")]
    [Arguments("""{"properties":[]}""")]
    [Arguments("""{"properties":{"n":"integer"}}""")]
    [Arguments("""{"properties":{"n":{"type":["integer",5,null]}}}""", """{"n":5}""")]
    public async Task Any_schema_of_a_server_is_borne(string schema, string wanted = """{"n":"5"}""") => await Assert.That(Apply("""{"n":"5"}""", schema)).IsEqualTo(wanted);

    private static string Apply(string arguments, string schema)
    {
        using var document = JsonDocument.Parse(arguments);
        return ArgumentCoercion.Apply(document.RootElement, Encoding.UTF8.GetBytes(schema)).GetRawText();
    }
}
