using Gateway.Sessions.Subagents;
using Gateway.Tests.ConfigTests;

namespace Gateway.Tests.SubagentTests;

public class DelegationSettingsTests
{
    [Test]
    [Arguments("", null, 600)]
    [Arguments("", "45", 45)]
    [Arguments("", "45.5", 45.5)]
    [Arguments("", "5", 30)]
    [Arguments("", "soon", 600)]
    [Arguments("", "Infinity", 600)]
    [Arguments("", "NaN", 600)]
    [Arguments("delegation: {child_timeout_seconds: 120}", "45", 120)]
    [Arguments("delegation: {child_timeout_seconds: 1}", null, 30)]
    [Arguments("delegation: {child_timeout_seconds: 99999999999}", null, 2_592_000)]
    public async Task The_time_limit_is_one_that_a_timer_takes(string yaml, string? variable, double seconds)
    {
        using var home = new ConfigTestHome();
        var environment = variable is null ? home.Environment() : home.Environment(("DELEGATION_CHILD_TIMEOUT_SECONDS", variable));
        var limit = DelegationSettings.Read(ConfigTestHome.Parse(yaml), environment).Timeout;
        await Assert.That(limit).IsEqualTo(TimeSpan.FromSeconds(seconds));
        using var timer = new CancellationTokenSource(limit, TimeProvider.System);
        await Assert.That(timer.IsCancellationRequested).IsFalse();
    }

    [Test]
    [Arguments("", null)]
    [Arguments("delegation: {model: \"\", provider: \"\", base_url: \"\"}", null)]
    [Arguments("delegation: {provider: openrouter, model: openai/gpt-4o}", "openai/gpt-4o at https://openrouter.ai/api/v1")]
    [Arguments("delegation: {provider: deepseek}", "DEEPSEEK_API_KEY")]
    [Arguments("delegation: {provider: nowhere, model: m}", "nowhere")]
    [Arguments("delegation: {provider: custom:mine}", "There is no custom provider named 'mine'")]
    [Arguments("delegation: {base_url: \"not an address\"}", "delegation.base_url is not an address: 'not an address'.")]
    [Arguments("delegation: {base_url: \"http://127.0.0.1:9/v1/\", model: m}", "m at http://127.0.0.1:9/v1")]
    [Arguments("delegation: {provider: mine}\nproviders: {mine: {base_url: \"http://127.0.0.1:9/v1\", default_model: small}}", "small at http://127.0.0.1:9/v1")]
    [Arguments("delegation: {provider: mine, model: big}\nproviders: {mine: {base_url: \"http://127.0.0.1:9/v1\", default_model: small}}", "big at http://127.0.0.1:9/v1")]
    public async Task The_model_is_the_one_that_is_named_or_a_problem(string yaml, string? expected)
    {
        using var home = new ConfigTestHome();
        var found = DelegationSettings.Model(ConfigTestHome.Parse(yaml), home.Environment(("OPENROUTER_API_KEY", "sk-or-1234567890")));
        string? said = found is null ? null : found.IsResolved ? $"{found.Endpoint.Model} at {found.Endpoint.BaseUrl}" : found.Problem;
        if (expected is null) await Assert.That(said).IsNull();
        else await Assert.That(said!).Contains(expected);
        await Assert.That(found?.IsResolved ?? true).IsEqualTo(expected is null || expected.Contains(" at http"));
    }
}
