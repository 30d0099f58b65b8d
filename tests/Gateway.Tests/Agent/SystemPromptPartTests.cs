using System.Globalization;
using Gateway.Agent;
using Gateway.Config;
using Gateway.Tests.Shared;
using Gateway.Tests.StorageTests;
using ModelServer.Script;

namespace Gateway.Tests.AgentTests;

/// <summary>Parts of the instructions that depend on the machine, the provider and the tools (AGENT.md section 2).</summary>
public class SystemPromptPartTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 23, 4, 0, TimeSpan.Zero);

    [Test]
    public async Task Questions_about_the_program_are_for_its_skill_where_skills_can_be_read()
    {
        await Assert.That(Build(new PromptParts(["skill_view"], [], null, null))).Contains("read the skill hermes-agent with skill_view");
        await Assert.That(Build(new PromptParts(["terminal"], [], null, null))).Contains("https://hermes-agent.nousresearch.com/docs").And.DoesNotContain("skill_view");
    }

    [Test]
    [Arguments("Asia/Tokyo", "Saturday, January 03, 2026 08:04 AM")]
    [Arguments("America/New_York", "Friday, January 02, 2026 06:04 PM")]
    public async Task The_date_is_that_of_the_users_time_zone(string zone, string expected) => await Assert.That(
        Build(new PromptParts([], [], null, null) { Zone = TimeZoneInfo.FindSystemTimeZoneById(zone) })).Contains($"Conversation started: {expected}\n");

    [Test]
    [Arguments("alibaba", true)]
    [Arguments("custom", false)]
    public async Task A_service_that_goes_by_another_name_is_told_its_own(string provider, bool told)
    {
        string prompt = Build(new PromptParts([], [], null, null), provider);
        await Assert.That(prompt.Contains("You are the model mod.", StringComparison.Ordinal)).IsEqualTo(told);
    }

    [Test]
    [Arguments("Linux version 5.15.90.1-microsoft-standard-WSL2 (gcc)", true)]
    [Arguments("Linux version 6.1.0 (debian)", false)]
    [Arguments("", false)]
    [Arguments(null, false)]
    public async Task Linux_inside_Windows_is_recognised(string? kernel, bool recognised)
    {
        string file = Path.Combine(Path.GetTempPath(), $"version-{Guid.NewGuid():N}");
        try
        {
            if (kernel is not null) await File.WriteAllTextAsync(file, kernel);
            await Assert.That(Surroundings.Hint(file) is not null).IsEqualTo(recognised);
        }
        finally
        {
            File.Delete(file);
        }

        await Assert.That(Build(new PromptParts([], [], null, null) { Surroundings = "It is odd." })).EndsWith("\n\nIt is odd.");
    }

    [Test]
    [Arguments("", true)]
    [Arguments("memory: {memory_enabled: false}", false)]
    public async Task Notes_are_read_also_where_they_cannot_be_changed(string config, bool read)
    {
        const string zone = "Pacific/Kiritimati";
        await using var stage = await Stage.SetAsync(
            ModelScript.Parse("""{"fallback":{"steps":[{"text":"fine"}]}}"""), ["platform_toolsets: {cli: [terminal]}", config], [$"HERMES_TIMEZONE={zone}"]);
        Directory.CreateDirectory(Path.Combine(stage.Home, "memories"));
        await File.WriteAllTextAsync(Path.Combine(stage.Home, "memories", "MEMORY.md"), "The user likes sealing wax.");
        await using var gateway = new GatewayHarness(stage);
        string session = (await gateway.AskAsync("session.create")).Result().GetProperty("session_id").GetString()!;
        string before = Day(zone);
        gateway.Send($$$"""{"id":"p","method":"prompt.submit","params":{"session_id":"{{{session}}}","text":"hi"}}""");
        await gateway.Conversation.WaitForAsync(0, frame => frame.GetRawText().Contains("\"message.complete\""), "the end of the turn");
        using var database = ForeignDatabase.Open(stage);
        string prompt = database.Rows("SELECT system_prompt FROM sessions").Single();
        await Assert.That(prompt.Contains("sealing wax", StringComparison.Ordinal)).IsEqualTo(read);
        await Assert.That(prompt.Contains(before, StringComparison.Ordinal) || prompt.Contains(Day(zone), StringComparison.Ordinal)).IsTrue();
    }

    private static string Day(string zone) => "Conversation started: "
        + TimeZoneInfo.ConvertTime(DateTimeOffset.UtcNow, TimeZoneInfo.FindSystemTimeZoneById(zone)).ToString("dddd, MMMM dd, yyyy", CultureInfo.InvariantCulture);

    private static string Build(PromptParts parts, string provider = "custom") => SystemPrompt.Build(
        "/nowhere", "/nowhere", new ModelEndpoint(provider, "mod", "http://x", "k", ApiMode.ChatCompletions), parts, new Clock());

    private sealed class Clock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
