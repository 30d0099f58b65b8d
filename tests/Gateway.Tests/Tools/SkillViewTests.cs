using System.Text.Json.Nodes;
using Gateway.Tools;
using Gateway.Tools.Skills;

namespace Gateway.Tests.ToolsTests;

public class SkillViewTests
{
    [Test]
    public async Task Everything_that_a_skill_says_about_itself_is_told()
    {
        using var stage = new ToolStage();
        Put(stage, "ops/deploy", """
            name: deploy
            description: Deploys
            tags: [ops, "web"]
            compatibility: needs make
            metadata: {hermes: {related_skills: [brew, tea], config: [{key: a.b, default: 1}]}, other: 1.5}
            required_environment_variables:
              - name: SET_KEY
                prompt: The key
                help: from the portal
                required_for: uploads
              - {name: NICE_KEY, optional: true}
            required_credential_files: [token.json]
            setup: {help: Ask the boss., collect_secrets: [{env_var: SET_KEY}]}
            """, "Key ${HERMES_SKILL_DIR} ${HERMES_SESSION_ID} !`echo no`");
        File.WriteAllText(Path.Combine(stage.Home, ".env"), "SET_KEY=value-of-set-key\n");
        stage.Kit.Environment.Refresh();
        var view = await View(stage, "deploy");
        await Assert.That(view["content"]!.GetValue<string>()).EndsWith($"Key {stage.Home}/skills/ops/deploy key !`echo no`");
        view.AsObject().Remove("content");
        string json = view.ToJsonString().Replace(stage.Home, "HOME", StringComparison.Ordinal);
        await Assert.That(json).IsEqualTo(
            """{"success":true,"name":"deploy","description":"Deploys","tags":["ops","web"],"related_skills":["brew","tea"],"path":"HOME/skills/ops/deploy/SKILL.md","skill_dir":"HOME/skills/ops/deploy","linked_files":null,"required_environment_variables":[{"name":"SET_KEY","prompt":"The key","help":"from the portal","required_for":"uploads"},{"name":"NICE_KEY","prompt":"Value for NICE_KEY","help":"Ask the boss.","optional":true}],"required_commands":[],"missing_required_environment_variables":[],"missing_credential_files":["token.json"],"missing_required_commands":[],"setup_needed":true,"setup_skipped":false,"readiness_status":"setup_needed","setup_help":"Ask the boss.","setup_note":"This skill is not set up: missing are file token.json. Tell the user what is missing rather than work around it.","compatibility":"needs make","metadata":{"hermes":{"related_skills":["brew","tea"],"config":[{"key":"a.b","default":1}]},"other":1.5}}""");
        await Assert.That(stage.Context.State.Skills.Variables["SET_KEY"]).IsEqualTo("value-of-set-key");
    }

    [Test]
    [Arguments("deploy", "ops/deploy")]
    [Arguments("ops/deploy", "ops/deploy")]
    [Arguments("Ship It", "odd/ship")]
    [Arguments("ship", "odd/ship")]
    [Arguments("odd/ship", "odd/ship")]
    [Arguments("SHIP it", "odd/ship")]
    [Arguments("ship-it", "odd/ship")]
    [Arguments("old", "old.md")]
    [Arguments("ops/older", "ops/older.md")]
    [Arguments("older", "ops/older.md")]
    public async Task A_skill_is_found_by_each_of_its_names(string name, string place)
    {
        using var stage = new ToolStage();
        Put(stage, "ops/deploy", "name: deploy\ndescription: d", "x");
        Put(stage, "odd/ship", "name: Ship It\ndescription: d", "x");
        File.WriteAllText(Path.Combine(stage.Home, "skills", "old.md"), "# Old\nsingle file");
        File.WriteAllText(Path.Combine(stage.Home, "skills", "ops", "older.md"), "# Older\nsingle file");
        string path = (await View(stage, name))["path"]!.GetValue<string>();
        await Assert.That(path).IsEqualTo(Path.Combine(stage.Home, "skills", place.EndsWith(".md", StringComparison.Ordinal) ? place : place + "/SKILL.md"));
    }

    [Test]
    [Arguments("nothing", "Skill 'nothing' not found.")]
    [Arguments("", "Skill '' not found.")]
    [Arguments("../../etc/passwd", "Path traversal ('..') is not allowed.")]
    [Arguments("/etc/passwd", "Path traversal ('..') is not allowed.")]
    [Arguments("ops/../ops/deploy", "Path traversal ('..') is not allowed.")]
    [Arguments("*", "Skill '*' not found.")]
    [Arguments("shutoff", "Skill 'shutoff' is disabled. Enable it with `hermes skills` or inspect the files directly on disk.")]
    [Arguments("mac", "Skill 'mac' is not supported on this platform.")]
    [Arguments("shut:tea", "Plugin 'shut' is disabled. Re-enable with: hermes plugins enable shut")]
    [Arguments("new:tea", "Plugin 'new' is disabled. Re-enable with: hermes plugins enable new")]
    [Arguments("open:coffee", "Skill 'coffee' not found in plugin 'open'.")]
    [Arguments("none:tea", "Skill 'none:tea' not found.")]
    public async Task Why_there_is_nothing_to_show_is_said(string name, string error)
    {
        using var stage = new ToolStage("skills: {disabled: [shutoff]}\nplugins: {enabled: [open, shut], disabled: [shut]}");
        Put(stage, "ops/deploy", "name: deploy\ndescription: d", "x");
        Put(stage, "shutoff", "name: shutoff\ndescription: d", "x");
        Put(stage, "mac", "name: mac\ndescription: d\nplatforms: [macos]", "x");
        foreach (string plugin in (string[])["open", "shut", "new"]) Put(stage, $"../plugins/{plugin}/skills/tea", "name: tea\ndescription: d", "plugin text");
        await Assert.That((await View(stage, name))["error"]!.GetValue<string>()).IsEqualTo(error);
        await Assert.That((await View(stage, "open:tea"))["content"]!.GetValue<string>()).Contains("plugin text");
    }

    [Test]
    [Arguments("""{"name":5}""", "Skill '' not found.")]
    [Arguments("""{"name":["deploy"]}""", "Skill '' not found.")]
    [Arguments("""{"name":"deploy","file_path":"a\u0000b"}""", "Path traversal ('..') is not allowed.")]
    [Arguments("""{"name":"old","file_path":"secret.txt"}""", "File 'secret.txt' not found in skill 'old'.")]
    public async Task Odd_arguments_are_answered(string arguments, string error)
    {
        using var stage = new ToolStage();
        Put(stage, "ops/deploy", "name: deploy\ndescription: d", "x");
        File.WriteAllText(Path.Combine(stage.Home, "skills", "old.md"), "# Old\nsingle file");
        File.WriteAllText(Path.Combine(stage.Home, "skills", "secret.txt"), "not part of it");
        await Assert.That((await stage.CallAsync("skill_view", arguments))["error"]!.GetValue<string>()).IsEqualTo(error);
    }

    [Test]
    public async Task Missing_variables_are_asked_for_stored_and_given_to_commands()
    {
        using var stage = new ToolStage();
        Put(stage, "s", "name: s\ndescription: d\nrequired_environment_variables: [TENOR_API_KEY, OPENAI_API_KEY]\nprerequisites: {env_vars: [OLD_KEY, 'not a name']}", "x");
        File.WriteAllText(Path.Combine(stage.Home, ".env"), "A=1 # mine\n");
        var user = new Secrets { ["TENOR_API_KEY"] = " tenor-value-1 ", ["OPENAI_API_KEY"] = "openai-value-1" };
        stage.Context = stage.Context with { Questions = user };
        var result = await stage.ResultAsync("skill_view", """{"name":"s"}""");
        var view = JsonNode.Parse(result.Content)!;
        await Assert.That(string.Join(' ', user.Asked)).IsEqualTo("TENOR_API_KEY OPENAI_API_KEY OLD_KEY");
        await Assert.That(File.ReadAllText(Path.Combine(stage.Home, ".env"))).IsEqualTo("A=1 # mine\nTENOR_API_KEY=tenor-value-1\nOPENAI_API_KEY=openai-value-1\n");
        await Assert.That(File.GetUnixFileMode(Path.Combine(stage.Home, ".env"))).IsEqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await Assert.That(stage.Kit.Environment.Get("TENOR_API_KEY")).IsEqualTo("tenor-value-1");
        await Assert.That(result.Content).DoesNotContain("-value-1");
        await Assert.That(view["missing_required_environment_variables"]!.ToJsonString()).IsEqualTo("""["OLD_KEY"]""");
        await Assert.That(view["setup_skipped"]!.GetValue<bool>()).IsTrue();
        await Assert.That(view["readiness_status"]!.GetValue<string>()).IsEqualTo("setup_needed");

        // What belongs to a provider is never passed on; what was declined is not asked for again.
        await Assert.That(string.Join(' ', stage.Context.State.Skills.Variables.Keys)).IsEqualTo("TENOR_API_KEY");
        await Assert.That(stage.Context.KnownSecrets()).Contains("tenor-value-1");
        user.Asked.Clear();
        await View(stage, "s");
        await Assert.That(user.Asked).IsEmpty();
    }

    [Test]
    public async Task Scripts_get_the_variables_of_skills_that_were_read()
    {
        using var stage = new ToolStage(environment: new() { ["TENOR_API_KEY"] = "tenor-value-1", ["OPENAI_API_KEY"] = "openai-value-1" });
        Put(stage, "s", "name: s\ndescription: d\nrequired_environment_variables: [TENOR_API_KEY, OPENAI_API_KEY]", "x");
        const string Script = """{"code":"import os; print(os.environ.get('TENOR_API_KEY'), os.environ.get('OPENAI_API_KEY'))"}""";
        await Assert.That((await stage.CallAsync("execute_code", Script))["output"]!.GetValue<string>()).Contains("None None");
        await View(stage, "s");
        await Assert.That((await stage.CallAsync("execute_code", Script))["output"]!.GetValue<string>()).Contains("tenor-value-1 None");
    }

    [Test]
    public async Task Where_nobody_can_be_asked_the_way_is_told()
    {
        using var stage = new ToolStage();
        Put(stage, "s", "name: s\ndescription: d\nrequired_environment_variables: [{name: SOME_KEY, help: from the portal}]", "x");
        var view = await View(stage, "s");
        await Assert.That(view["setup_needed"]!.GetValue<bool>()).IsTrue();
        await Assert.That(view["setup_skipped"]!.GetValue<bool>()).IsFalse();
        await Assert.That(view["setup_help"]!.GetValue<string>()).IsEqualTo("from the portal");
        await Assert.That(view["gateway_setup_hint"]!.GetValue<string>()).Contains($"{stage.Home}/.env");
    }

    [Test]
    public async Task A_value_that_cannot_be_stored_is_said_to_be_lost()
    {
        using var stage = new ToolStage();
        Put(stage, "s", "name: s\ndescription: d\nrequired_environment_variables: [SOME_KEY, OTHER_KEY]", "x");
        File.WriteAllText(Path.Combine(stage.Home, ".managed"), "");
        var user = new Secrets { ["SOME_KEY"] = "value-of-some-key" };
        stage.Context = stage.Context with { Questions = user };
        var view = await View(stage, "s");
        await Assert.That(view["setup_note"]!.GetValue<string>()).Contains("managed by your administrator");
        await Assert.That(view.ToJsonString()).DoesNotContain("value-of-some-key");
        await Assert.That(string.Join(' ', user.Asked)).IsEqualTo("SOME_KEY");
    }

    [Test]
    public async Task Commands_in_a_text_run_only_where_the_user_wants_that()
    {
        using var stage = new ToolStage("skills: {inline_shell: true, template_vars: false, inline_shell_timeout: 30}", approvals: new ScriptedApprovals { Answer = ApprovalChoice.Deny });
        Put(stage, "s", "name: s\ndescription: d", "in !`basename $PWD` ${HERMES_SKILL_DIR} !`printf 'x%.0s' $(seq 5000)`| !`false && rm -r x`");
        string content = (await View(stage, "s"))["content"]!.GetValue<string>();
        await Assert.That(content).Contains("in s ${HERMES_SKILL_DIR} xxx").And.Contains("x...[truncated]| [inline-shell error: BLOCKED");
    }

    [Test]
    public async Task The_list_for_the_prompt_is_short_and_fits_the_tools()
    {
        using var stage = new ToolStage();
        Put(stage, "ops/long", $"name: long\ndescription: {new string('a', 61)}", "x");
        Put(stage, "ops/fits", $"name: fits\ndescription: {new string('b', 60)}", "x");
        Put(stage, "needs", "name: needs\ndescription: d\nmetadata: {hermes: {requires_tools: [vision_analyze]}}", "x");
        Put(stage, "has", "name: has\ndescription: d\nmetadata: {hermes: {requires_tools: [todo], requires_toolsets: [file]}}", "x");
        Put(stage, "instead", "name: instead\ndescription: d\nmetadata: {hermes: {fallback_for_toolsets: [terminal]}}", "x");
        Put(stage, "without", "name: without\ndescription: d\nmetadata: {hermes: {fallback_for_tools: [web_search], requires_toolsets: terminal}}", "x");
        File.WriteAllText(Path.Combine(stage.Home, "skills", "ops", "DESCRIPTION.md"), "---\ndescription: Running things.\n---\n");
        var fitting = SkillPrompt.Fitting(stage.Kit.Skills.Read(stage.Kit.Settings), [.. ToolCatalog.BuiltIn(stage.Kit)]);
        string prompt = SkillPrompt.Build(fitting, stage.Kit.Skills.Categories(stage.Kit.Settings))!;
        await Assert.That(prompt).Contains($"  general:\n    - has: d\n    - without: d\n  ops: Running things.\n    - fits: {new string('b', 60)}\n    - long: {new string('a', 57)}...\n</available_skills>");
        await Assert.That(SkillPrompt.Build([])).IsNull();
    }

    private static void Put(ToolStage stage, string place, string matter, string body)
    {
        string folder = Directory.CreateDirectory(Path.GetFullPath(Path.Combine(stage.Home, "skills", place))).FullName;
        File.WriteAllText(Path.Combine(folder, "SKILL.md"), $"---\n{matter}\n---\n{body}");
    }

    private static async Task<JsonNode> View(ToolStage stage, string name) => await stage.CallAsync("skill_view", new JsonObject { ["name"] = name });

    private sealed class Secrets : Dictionary<string, string>, IUserQuestions
    {
        public List<string> Asked { get; } = [];

        public Task<string> ClarifyAsync(string question, IReadOnlyList<string>? choices, CancellationToken cancellationToken) => Task.FromResult("");

        public Task<string?> SudoPasswordAsync(CancellationToken cancellationToken) => Task.FromResult<string?>(null);

        public Task<string?> SecretAsync(string variable, string prompt, CancellationToken cancellationToken)
        {
            Asked.Add(variable);
            return Task.FromResult(this.GetValueOrDefault(variable));
        }
    }
}
