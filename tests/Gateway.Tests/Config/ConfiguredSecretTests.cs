using Gateway.Config;
using Gateway.Tools.Terminal;

namespace Gateway.Tests.ConfigTests;

/// <summary>What config.yaml names or holds as a secret is one.</summary>
public class ConfiguredSecretTests
{
    private const string Key = "Rb6procKEYENVval77UuYy1";

    [Test]
    [Arguments("custom_providers:\n  - {name: corp, base_url: 'http://x/v1', key_env: MYCORP_ACCESS}")]
    [Arguments("providers:\n  corp: {base_url: 'http://x/v1', apiKeyEnv: MYCORP_ACCESS}")]
    [Arguments("model: {provider: custom, api_key_env: MYCORP_ACCESS}")]
    [Arguments("model_aliases:\n  fast: {model: m, key_env: MYCORP_ACCESS}")]
    [Arguments("fallback_providers:\n  - {provider: custom, key_env: MYCORP_ACCESS}")]
    [Arguments("auxiliary:\n  vision: {api_key: '${MYCORP_ACCESS}'}")]
    [Arguments("delegation: {api_key: '${MYCORP_ACCESS}'}")]
    [Arguments("mcp_servers:\n  a: {command: x, env: {WHATEVER: '${MYCORP_ACCESS}'}}")]
    [Arguments("mcp_servers:\n  a: {url: 'http://x/', headers: {X-Access: 'Custom ${MYCORP_ACCESS}'}}")]
    [Arguments("mcp_servers:\n  a: {command: x, args: ['--access', '${MYCORP_ACCESS}']}")]
    [Arguments("mcp_servers:\n  a: {command: x, env: {MYCORP_ACCESS: other}}")]
    [Arguments("something: {bearer_token_env_var: MYCORP_ACCESS}")]
    public async Task A_variable_that_is_named_there_is_kept_from_commands_and_masked(string yaml)
    {
        using var home = new ConfigTestHome();
        home.Write("hermes/config.yaml", yaml);
        var environment = home.Environment(("MYCORP_ACCESS", Key), ("PATH", "/bin"));
        var secrets = new OwnSecrets(environment, new ConfigFile(home.ConfigPath));
        await Assert.That(secrets.Variables).IsEquivalentTo(["MYCORP_ACCESS"]);
        await Assert.That(secrets.Redact($"it is {Key}.")).DoesNotContain(Key);
        var given = CommandEnvironment.ForCommands(environment.Variables, [], secrets.Variables);
        await Assert.That(given.ContainsKey("MYCORP_ACCESS")).IsFalse();
        await Assert.That(given["PATH"]).IsEqualTo("/bin");
        await Assert.That(CommandEnvironment.ForCommands(environment.Variables, ["MYCORP_ACCESS"], secrets.Variables).ContainsKey("MYCORP_ACCESS")).IsTrue();
    }

    [Test]
    [Arguments("mcp_servers:\n  a: {command: x, env: {PATH: '${HOME}/bin:${PATH}', LOG: '${LEVEL}', WHERE: '${PLACE}', URL: '${ADDRESS}', STAGE: production, PORT: '${NUMBER}'}}")]
    [Arguments("mcp_servers:\n  a: {command: x, env: {NODE_ENV: '${NODE_ENV}'}, args: ['${LEVEL}', '${PLACE}']}")]
    [Arguments("terminal: {cwd: '${PLACE}', env_passthrough: [LEVEL, PLACE]}")]
    public async Task Ordinary_variables_stay(string yaml)
    {
        using var home = new ConfigTestHome();
        home.Write("hermes/config.yaml", yaml);
        var environment = home.Environment(
            ("PATH", "/bin"), ("HOME", "/home/somebody"), ("LEVEL", "informational"), ("PLACE", "/srv/data/2024"), ("ADDRESS", "https://host/path9"), ("NODE_ENV", "Production"), ("NUMBER", "1234567890"));
        var secrets = new OwnSecrets(environment, new ConfigFile(home.ConfigPath));
        await Assert.That(secrets.Variables).IsEmpty();
        await Assert.That(secrets.Values).IsEmpty();
    }

    [Test]
    [Arguments("providers:\n  corp: {base_url: 'http://x/v1', api_key: Rb6procKEYENVval77UuYy1}")]
    [Arguments("mcp_servers:\n  a: {command: x, env: {ANY: Rb6procKEYENVval77UuYy1}}")]
    [Arguments("mcp_servers:\n  a: {url: 'http://x/', headers: {Authorization: 'Bearer Rb6procKEYENVval77UuYy1'}}")]
    [Arguments("mcp_servers:\n  a: {url: 'http://x/', auth: oauth, oauth: {client_secret: Rb6procKEYENVval77UuYy1}}")]
    public async Task A_key_that_is_written_there_is_masked(string yaml)
    {
        using var home = new ConfigTestHome();
        home.Write("hermes/config.yaml", yaml);
        await Assert.That(new OwnSecrets(home.Environment(), new ConfigFile(home.ConfigPath)).Values).IsEquivalentTo([Key]);
    }

    [Test]
    public async Task An_edit_counts_at_the_next_look()
    {
        using var home = new ConfigTestHome();
        home.Write("hermes/config.yaml", "model: {provider: custom}");
        var secrets = new OwnSecrets(home.Environment(("MYCORP_ACCESS", Key)), new ConfigFile(home.ConfigPath));
        await Assert.That(secrets.Variables).IsEmpty();
        home.Write("hermes/config.yaml", "model: {provider: custom, key_env: MYCORP_ACCESS}");
        await Assert.That(secrets.Variables).IsEquivalentTo(["MYCORP_ACCESS"]);
        await Assert.That(secrets.Values).IsEquivalentTo([Key]);
    }
}
