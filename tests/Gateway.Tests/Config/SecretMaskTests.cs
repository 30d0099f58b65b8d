using System.Text;
using System.Text.Json;
using Gateway.Config;

namespace Gateway.Tests.ConfigTests;

public class SecretMaskTests
{
    [Test]
    [Arguments("short", "***")]
    [Arguments("12345678901234567", "***")]
    [Arguments("123456789012345678", "123456...5678")]
    public async Task Mask_shows_little(string secret, string expected) => await Assert.That(SecretMask.Mask(secret)).IsEqualTo(expected);

    [Test]
    [Arguments("curl -H 'Authorization: Bearer abcdefgh12345678zz' x", "abcdefgh12345678zz")]
    [Arguments("x-api-key: 0123456789abcdef", "0123456789abcdef")]
    [Arguments("export MY_TOKEN=hunter2hunter2", "hunter2hunter2")]
    [Arguments("DB_PASSWORD='correct horse'", "correct")]
    [Arguments("{\"api_key\": \"abcd1234abcd1234\"}", "abcd1234abcd1234")]
    [Arguments("failed with sk-proj-abcdefghij0123456789", "abcdefghij")]
    [Arguments("ghp_0123456789abcdefghijklmnopqrstuvwxyz", "0123456789abcdef")]
    [Arguments("key AIzaSyA0123456789abcdefghijklmno leaked", "0123456789abc")]
    [Arguments("git clone https://me:s3cretpw@host/x", "s3cretpw")]
    public async Task Redact_hides_credentials(string text, string secret) => await Assert.That(SecretMask.Redact(text)).DoesNotContain(secret);

    [Test]
    [Arguments("max_tokens: 4096 and token count")]
    [Arguments("the sk-learn-pipeline module")]
    [Arguments("see http://localhost:8080/path?x=1")]
    [Arguments("key_env: OPENAI_API_KEY")]
    [Arguments("export MY_TOKEN=$OTHER_TOKEN")]
    [Arguments("for key in a b c; do echo $key; done")]
    public async Task Redact_leaves_other_text_alone(string text) => await Assert.That(SecretMask.Redact(text)).IsEqualTo(text);

    [Test]
    [Arguments("model: {api_key: sk-test-0123456789}", "0123456789")]
    [Arguments("model: {api: abcdefghijkl}", "abcdefghijkl")]
    [Arguments("api_key: 123456789", "123456789")]
    [Arguments("providers: {x: {apiKey: abcdefghijkl}}", "abcdefghijkl")]
    [Arguments("mcp_servers: {s: {env: {ANY: plainvalue}}}", "plainvalue")]
    [Arguments("mcp_servers: {s: {headers: {X-Any: plainvalue}}}", "plainvalue")]
    [Arguments("telegram: {bot_token: [aaaabbbb, ccccdddd]}", "ccccdddd")]
    [Arguments("note: my key is sk-test-0123456789abc", "0123456789")]
    [Arguments("terminal: {sudo_password: hunter2hunter}", "hunter2")]
    public async Task Config_is_written_without_secrets(string yaml, string secret) => await Assert.That(Json(yaml)).DoesNotContain(secret);

    [Test]
    public async Task What_clients_need_stays_readable()
    {
        var json = Json("""
            display: {skin: ares, tui_mouse: false}
            providers: {x: {api: 'https://h/v1', key_env: MY_KEY, api_key: '${MY_KEY}', api_mode: chat_completions}}
            voice: {record_key: ctrl+b, silence: .inf}
            agent: {max_tokens: 5, ratio: 0.5, none: ~, list: [1, two]}
            """);
        await Assert.That(json).IsEqualTo(
            """{"display":{"skin":"ares","tui_mouse":false},"providers":{"x":{"api":"https://h/v1","key_env":"MY_KEY","api_key":"${MY_KEY}","api_mode":"chat_completions"}},"voice":{"record_key":"ctrl\u002Bb","silence":"Infinity"},"agent":{"max_tokens":5,"ratio":0.5,"none":null,"list":[1,"two"]}}""");
    }

    private static string Json(string yaml)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            MaskedConfigWriter.Write(writer, ConfigTestHome.Parse(yaml));
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
