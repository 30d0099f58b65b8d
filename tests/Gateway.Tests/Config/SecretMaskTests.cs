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
    [Arguments("pk-abc123x is wrong", "abc123x")]
    [Arguments("rk-abc123x is wrong", "abc123x")]
    [Arguments("gsk-abc123x is wrong", "abc123x")]
    [Arguments("xai-abc123x is wrong", "abc123x")]
    [Arguments("key-0123456789abcdef0123456789abcdef", "456789abcdef01234567")]
    [Arguments("SK-ABC123x is wrong", "ABC123x")]
    [Arguments("provided: sk-1234****wxyz.", "1234")]
    [Arguments("sk-SECRETSECRET", "SECRETSECRET")]
    [Arguments("sk-abcdefghijklmnopqrst", "ghijklm")]
    [Arguments("eyJhbGciOiJIUzI.eyJzdWIiOiIx.abc_def", "GciOiJIUzI")]
    [Arguments("AIzaSyAabcdefghijklmnopqrstuvwx", "Aabcdefghijk")]
    [Arguments("hf_AbcdefghijKlmnop", "efghijKl")]
    [Arguments("Bearer a$b!c%d^e", "a$b!c%d^e")]
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
    [Arguments("display: {api_key: plainvalue}", "plainvalue")]
    [Arguments("webhook: {url: 'https://hooks.example/services/T0/B0/plainvalue'}", "plainvalue")]
    [Arguments("quick_commands: {up: {type: exec, command: 'curl -u me:plainvalue h'}}", "plainvalue")]
    [Arguments("providers: {x: {base_url: 'https://h/v1?sig=plainvalue'}}", "plainvalue")]
    [Arguments("model: {base_url: 'https://me:plainvalue@h/v1?k=plainvalue#plainvalue'}", "plainvalue")]
    [Arguments("model: {base_url: 'plainvalue of another kind'}", "plainvalue of")]
    [Arguments("mcp_servers: {s: {args: [--pin, 12345678]}}", "12345678")]
    [Arguments("telegram: {chat: plainvalue}", "plainvalue")]
    [Arguments("some: {list: [plainvalue]}", "plainvalue")]
    [Arguments("a: '${plain value}'", "plain value")]
    [Arguments("password: yes", "true")]
    public async Task Config_is_written_without_secrets(string yaml, string secret) => await Assert.That(Json(yaml)).DoesNotContain(secret);

    [Test]
    public async Task What_clients_need_stays_readable()
    {
        var json = Json("""
            model: {default: a/b, provider: custom, base_url: 'https://me:pw@h:8/v1?k=1', context_length: 5}
            display: {skin: ares, tui_mouse: false, sections: {tools: hidden}}
            providers: {x: {api_key: '${MY_KEY}', api: {retries: 3, on: true}}}
            voice: {silence: .inf, ratio: 0.5, none: ~, empty: ''}
            agent: {reasoning_effort: high, service_tier: fast, max_turns: 5, disabled_toolsets: [web], other: hidden}
            approvals: {mode: manual}
            terminal: {cwd: /w, timeout: 5, backend: local}
            platform_toolsets: {cli: [file, web]}
            """);
        await Assert.That(json).IsEqualTo(
            """{"model":{"default":"a/b","provider":"custom","base_url":"https://h:8/v1","context_length":5},"display":{"skin":"ares","tui_mouse":false,"sections":{"tools":"hidden"}},"providers":{"x":{"api_key":"${MY_KEY}","api":{"retries":3,"on":true}}},"voice":{"silence":"Infinity","ratio":0.5,"none":null,"empty":""},"agent":{"reasoning_effort":"high","service_tier":"fast","max_turns":5,"disabled_toolsets":["web"],"other":"***"},"approvals":{"mode":"manual"},"terminal":{"cwd":"/w","timeout":5,"backend":"local"},"platform_toolsets":{"cli":["file","web"]}}""");
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
