using System.Text.Json;
using Gateway.Tools;

namespace Gateway.Tests.ToolsTests;

public class ToolPreviewTests
{
    [Test]
    [Arguments("terminal", """{"command":"ls  -la\n /tmp","timeout":5}""", "ls -la /tmp")]
    [Arguments("terminal", "{}", "")]
    [Arguments("terminal", "[]", "")]
    [Arguments("terminal", """{"timeout":5}""", "")]
    [Arguments("terminal", """{"command":null}""", "")]
    [Arguments("terminal", """{"command":"\ud800"}""", "")]
    [Arguments("web_search", """{"query":"a b"}""", "a b")]
    [Arguments("web_extract", """{"urls":["http://a.invalid","http://b.invalid"]}""", "http://a.invalid")]
    [Arguments("web_extract", """{"urls":[]}""", "")]
    [Arguments("read_file", """{"path":"/a/b"}""", "/a/b")]
    [Arguments("write_file", """{"path":"/a/b","content":"x"}""", "/a/b")]
    [Arguments("patch", """{"path":"c"}""", "c")]
    [Arguments("search_files", """{"pattern":"x.*"}""", "x.*")]
    [Arguments("browser_navigate", """{"url":"u"}""", "u")]
    [Arguments("browser_click", """{"ref":"@e5"}""", "@e5")]
    [Arguments("browser_type", """{"text":"t"}""", "t")]
    [Arguments("image_generate", """{"prompt":"p"}""", "p")]
    [Arguments("text_to_speech", """{"text":"t"}""", "t")]
    [Arguments("vision_analyze", """{"question":"q","image":"i"}""", "q")]
    [Arguments("mixture_of_agents", """{"user_prompt":"u"}""", "u")]
    [Arguments("skill_view", """{"name":"n"}""", "n")]
    [Arguments("skill_manage", """{"action":"create","name":"n"}""", "n")]
    [Arguments("skills_list", """{"category":"c"}""", "c")]
    [Arguments("cronjob", """{"action":"list"}""", "list")]
    [Arguments("execute_code", """{"code":"print(1)\nprint(2)"}""", "print(1) print(2)")]
    [Arguments("delegate_task", """{"goal":"g"}""", "g")]
    [Arguments("clarify", """{"question":"q"}""", "q")]
    [Arguments("unknown", """{"goal":"g","path":"p"}""", "p")]
    [Arguments("unknown", """{"other":"g"}""", "")]
    [Arguments("unknown", """{"query":5}""", "5")]
    [Arguments("process", """{"action":"poll","session_id":"proc_0123456789abcdef"}""", "poll proc_0123456789a")]
    [Arguments("process", """{"action":"wait","session_id":"proc_1","timeout":30}""", "wait proc_1 30s")]
    [Arguments("process", """{"action":"poll","session_id":"proc_1","timeout":30}""", "poll proc_1")]
    [Arguments("process", """{"action":"write","session_id":"proc_1","data":"0123456789012345678901234"}""", "write proc_1 \"01234567890123456789\"")]
    [Arguments("todo", """{"merge":true}""", "reading task list")]
    [Arguments("todo", """{"todos":[{},{}],"merge":true}""", "updating 2 task(s)")]
    [Arguments("todo", """{"todos":[{}]}""", "planning 1 task(s)")]
    [Arguments("todo", """{"todos":[]}""", "planning 0 task(s)")]
    [Arguments("session_search", """{"query":"short"}""", "recall: \"short\"")]
    [Arguments("session_search", """{"query":"0123456789012345678901234567"}""", "recall: \"0123456789012345678901234...\"")]
    [Arguments("memory", """{"action":"add","target":"user","content":"0123456789012345678901234567"}""", "+user: \"0123456789012345678901234...\"")]
    [Arguments("memory", """{"action":"replace","target":"memory","old_text":"0123456789012345678901234567"}""", "~memory: \"01234567890123456789\"")]
    [Arguments("memory", """{"action":"remove","target":"memory","old_text":"x"}""", "-memory: \"x\"")]
    [Arguments("memory", """{"action":"remove","target":"memory"}""", "-memory: \"<missing old_text>\"")]
    [Arguments("memory", """{"action":"read","target":"memory"}""", "read")]
    [Arguments("send_message", """{"target":"me","message":"hello"}""", "to me: \"hello\"")]
    [Arguments("send_message", """{"message":"012345678901234567890"}""", "to ?: \"01234567890123456...\"")]
    [Arguments("rl_list_environments", """{"x":1}""", "listing envs")]
    [Arguments("rl_select_environment", """{"name":"n"}""", "n")]
    [Arguments("rl_get_current_config", """{"x":1}""", "reading config")]
    [Arguments("rl_edit_config", """{"field":"f","value":3}""", "f=3")]
    [Arguments("rl_start_training", """{"x":1}""", "starting")]
    [Arguments("rl_check_status", """{"run_id":"01234567890123456789"}""", "0123456789012345")]
    [Arguments("rl_stop_training", """{"run_id":"01234567890123456789"}""", "stopping 0123456789012345")]
    [Arguments("rl_list_runs", """{"x":1}""", "listing runs")]
    [Arguments("rl_test_inference", """{"num_steps":7}""", "7 steps")]
    [Arguments("rl_test_inference", """{"x":1}""", "3 steps")]
    public async Task Table(string tool, string arguments, string preview)
    {
        using var document = JsonDocument.Parse(arguments);
        await Assert.That(ToolPreview.Of(tool, document.RootElement)).IsEqualTo(preview);
    }

    [Test]
    public async Task General_previews_are_cut_at_eighty()
    {
        using var exact = JsonDocument.Parse($$"""{"command":"{{new string('a', 80)}}"}""");
        await Assert.That(ToolPreview.Of("terminal", exact.RootElement)).IsEqualTo(new string('a', 80));
        using var longer = JsonDocument.Parse($$"""{"command":"{{new string('a', 81)}}"}""");
        await Assert.That(ToolPreview.Of("terminal", longer.RootElement)).IsEqualTo(new string('a', 77) + "...");
    }
}
