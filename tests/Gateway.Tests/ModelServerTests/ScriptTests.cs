using ModelServer.Script;

namespace Gateway.Tests.ModelServerTests;

/// <summary>Reading scripts, and which reply is taken.</summary>
public class ScriptTests
{
    [Test]
    [Arguments("demo")]
    [Arguments("text")]
    [Arguments("reasoning")]
    [Arguments("tool_call")]
    [Arguments("tool_fragments")]
    [Arguments("rate_limited_then_ok")]
    [Arguments("unauthorized")]
    [Arguments("server_error_then_ok")]
    [Arguments("drop_before_output_then_ok")]
    [Arguments("drop_after_output")]
    [Arguments("silent")]
    [Arguments("slow")]
    [Arguments("long")]
    [Arguments("fidelity")]
    public async Task Scripts_that_come_with_the_server_can_be_read(string name) =>
        await Assert.That(ModelScript.Named(name)).IsNotNull();

    [Test]
    [Arguments("""{"fallbck":{}}""", "unknown field \"fallbck\"")]
    [Arguments("""{"fallback":{"steps":[{"txt":"a"}]}}""", "no known step among: txt")]
    [Arguments("""{"fallback":{"steps":[{"text":"a","chunks":3}]}}""", "unknown field \"chunks\"")]
    [Arguments("""{"fallback":{"steps":[{"text":"{{last_usr_text}}"}]}}""", "unknown template value {{last_usr_text}}")]
    [Arguments("""{"replies":[{"when":{"modle":"m"},"steps":[]}]}""", "unknown field \"modle\"")]
    [Arguments("""{"fallback":{"steps":[{"usage":{"input":-1}}]}}""", "must be a whole number")]
    [Arguments("""{"fallback":{"steps":[{"text":"late"},{"status":500}]}}""", "nothing may be sent before it")]
    [Arguments("not json", "script: ")]
    public async Task Mistakes_in_scripts_are_named(string script, string problem)
    {
        var error = Assert.Throws<ScriptException>(() => ModelScript.Parse(script));
        await Assert.That(error.Message).Contains(problem);
    }

    [Test]
    public async Task Replies_are_taken_in_order_and_used_up()
    {
        await using ModelClient client = await ModelClient.StartAsync(
            """
            {"replies":[
              {"when":{"last_user_contains":["SPECIAL"]},"steps":[{"text":"special"}]},
              {"when":{"model":"other"},"times":1,"steps":[{"text":"other once"}]},
              {"when":{"call":5},"steps":[{"text":"fifth"}]},
              {"steps":[{"text":"first"}]},
              {"times":2,"steps":[{"text":"second and third"}]}]}
            """);
        List<string> said = [];
        foreach ((string user, string model) in new (string, string)[] { ("a", "other"), ("b", "m"), ("something special", "other"), ("c", "other"), ("d", "m"), ("e", "m") })
            said.Add(await ModelClient.ChatTextAsync(await client.ChatAsync(user, model)));
        await Assert.That(string.Join(", ", said)).IsEqualTo("other once, first, special, second and third, fifth, second and third");

        using HttpResponseMessage exhausted = await client.ChatAsync("f");
        await Assert.That((int)exhausted.StatusCode).IsEqualTo(400);
        await Assert.That(await exhausted.Content.ReadAsStringAsync()).Contains("no reply for call 7");
    }

    [Test]
    public async Task The_demo_runs_from_greeting_to_comment()
    {
        await using ModelClient client = await ModelClient.NamedAsync("demo");
        await Assert.That(await ModelClient.ChatTextAsync(await client.ChatAsync("Hello there"))).StartsWith("Hello! I am a scripted model");
        const string Tools = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"terminal\",\"parameters\":{}}}]";
        using HttpResponseMessage called = await client.PostAsync("/v1/chat/completions",
            "{\"model\":\"demo-model\",\"stream\":false,\"messages\":[{\"role\":\"user\",\"content\":\"Please clean up\"}]," + Tools + "}");
        await Assert.That(await called.Content.ReadAsStringAsync()).Contains("rm -r ./tui-gateway-demo-scratch");
        using HttpResponseMessage commented = await client.PostAsync("/v1/chat/completions",
            """
            {"model":"m","stream":true,"messages":[{"role":"user","content":"Please clean up"},
              {"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"terminal","arguments":"{}"}}]},
              {"role":"tool","tool_call_id":"a","content":"{\"exit_code\":0}"}]}
            """);
        await Assert.That(await ModelClient.ChatTextAsync(commented)).Contains("""{"exit_code":0}""");
        await Assert.That(await ModelClient.ChatTextAsync(await client.ChatAsync("Mumble"))).Contains("“Mumble”");
    }

    [Test]
    [Arguments("/chat/completions", """{"model":"m","messages":[]}""", "messages")]
    [Arguments("/chat/completions", """{"messages":[{"role":"user","content":"a"}]}""", "model is required")]
    [Arguments("/chat/completions", """{"model":"m","messages":[{"role":"tool","tool_call_id":"a","content":"b"}]}""", "preceding message")]
    [Arguments("/chat/completions", """{"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"t","arguments":"{}"}}]},{"role":"user","content":"b"}]}""", "Missing: a")]
    [Arguments("/chat/completions", """{"model":""", "not a request")]
    [Arguments("/v1/messages", """{"model":"m","messages":[{"role":"user","content":"a"}]}""", "max_tokens")]
    [Arguments("/v1/messages", """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":""}]}""", "non-empty")]
    [Arguments("/v1/messages", """{"model":"m","max_tokens":9,"messages":[{"role":"assistant","content":"a"}]}""", "first message")]
    [Arguments("/v1/messages", """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","id":"x","name":"t","input":{}}]},{"role":"user","content":"b"}]}""", "without `tool_result`")]
    [Arguments("/v1/responses", """{"model":"m","input":[]}""", "empty array")]
    [Arguments("/v1/responses", """{"model":"m","messages":[]}""", "Unknown parameter: 'messages'")]
    [Arguments("/v1/responses", """{"model":"m","temperature":1}""", "Missing required parameter: 'input'")]
    [Arguments("/v1/responses", """{"model":"m","input":"a","max_output_tokens":15}""", "below minimum")]
    [Arguments("/v1/responses", """{"model":"m","input":"a","reasoning":{"effort":"huge"}}""", "'huge'")]
    [Arguments("/v1/responses", """{"model":"m","input":"a","tools":[{"type":"function","function":{"name":"t"}}]}""", "'tools[0].name'")]
    [Arguments("/v1/responses", """{"model":"m","input":[{"role":"user","content":"a"},{"type":"function_call","call_id":"x","name":"t","arguments":"{}"}]}""", "No tool output found for function call x")]
    [Arguments("/v1/responses", """{"model":"m","input":[{"role":"user","content":"a"},{"type":"function_call_output","call_id":"x","output":"b"}]}""", "No tool call found")]
    [Arguments("/v1/responses", """{"model":"m","input":[{"role":"user","content":"a"},{"type":"function_call","call_id":"x","name":"t","arguments":{}}]}""", "'input[1].arguments'")]
    [Arguments("/v1/responses", """{"model":"m","input":[{"role":"user","content":"a"},{"type":"function_call","call_id":"x","name":"no name","arguments":"{}"}]}""", "'input[1].name'")]
    [Arguments("/v1/responses", """{"model":"m","input":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"input_text","text":"b"}]}]}""", "'input[1].content[0].type'")]
    [Arguments("/v1/responses", """{"model":"m","input":[{"role":"user","content":"a"},{"role":"assistant","content":"b","tool_calls":[]}]}""", "'input[1].tool_calls'")]
    [Arguments("/v1/responses", """{"model":"m","input":[{"role":"tool","content":"b"}]}""", "'input[0].role'")]
    [Arguments("/v1/responses", """{"model":"m","input":[{"role":"user","content":"a"},{"type":"reasoning","summary":[],"encrypted_content":"e"}]}""", "required following item")]
    [Arguments("/v1/responses", """{"model":"m","input":[{"type":"reasoning","summary":[],"encrypted_content":"e"},{"role":"user","content":"a"}]}""", "required following item")]
    [Arguments("/v1/responses", """{"model":"m","input":[{"type":"reasoning","encrypted_content":"e"},{"role":"assistant","content":"a"}]}""", "'input[0].summary'")]
    [Arguments("/v1/responses", """{"model":"m","input":[{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"e"},{"role":"assistant","content":"a"}],"store":false}""", "not persisted")]
    [Arguments("/v1/responses", """{"model":"m","input":[{"type":"reasoning","summary":[]},{"role":"assistant","content":"a"}],"store":false}""", "'input[0].encrypted_content'")]
    [Arguments("/v1/responses", """{"model":"m","input":[{"type":"reasoning","summary":[],"encrypted_content":"e","_mark":1},{"role":"assistant","content":"a"}]}""", "'input[0]._mark'")]
    public async Task Requests_that_providers_reject_are_rejected(string path, string body, string problem)
    {
        await using ModelClient client = await ModelClient.NamedAsync("text");
        using HttpResponseMessage response = await client.PostAsync(path, body);
        await Assert.That((int)response.StatusCode).IsEqualTo(400);
        await Assert.That(ModelClient.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error").GetProperty("message").GetString()).Contains(problem);
    }
}
