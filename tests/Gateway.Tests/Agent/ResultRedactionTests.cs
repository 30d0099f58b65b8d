using Gateway.Agent;
using Gateway.Tools;

namespace Gateway.Tests.AgentTests;

public class ResultRedactionTests
{
    [Test]
    [Arguments("""{"output":"DB_PASSWORD=hunter22\nok","exit_code":0}""", """{"output":"DB_PASSWORD=***\nok","exit_code":0}""")]
    [Arguments("""{"output":"DB_PASSWORD=\"hunter22\"","exit_code":0}""", """{"output":"DB_PASSWORD=\"***\"","exit_code":0}""")]
    [Arguments("""{"output":"{\"password\": \"hunter22\"}","exit_code":0}""", """{"output":"{\"password\": \"***\"}","exit_code":0}""")]
    [Arguments("""{"token":"hunter","n":1.50,"deep":[{"api_key":["a1b2c3d4"]}]}""", """{"token":"***","n":1.50,"deep":[{"api_key":["***"]}]}""")]
    [Arguments("""[{"output":"sk-proj-abcdefghij0123456789"}]""", """[{"output":"sk-pro...6789"}]""")]
    [Arguments("{\n  \"a\": \"DB_PASSWORD=hunter22\"\n}", "{\n  \"a\": \"DB_PASSWORD=***\"\n}")]
    [Arguments("{\"a\":1}\n\n[Hint: DB_PASSWORD=hunter22]", "{\"a\":1}\n\n[Hint: DB_PASSWORD=***")]
    [Arguments("DB_PASSWORD=hunter22", "DB_PASSWORD=***")]
    [Arguments("{ not json DB_PASSWORD=hunter22", "{ not json DB_PASSWORD=***")]
    [Arguments("""{"a":"x\ud800 DB_PASSWORD=hunter22"}""", """{"a":"x\ud800 DB_PASSWORD=***"}""")]
    [Arguments("""{"said":"it is blue-horse-key!"}""", """{"said":"it is ***!"}""")]
    public async Task Texts_in_results_are_masked_one_by_one(string content, string masked) =>
        await Assert.That(ResultRedaction.Apply(new ToolResult(content), "terminal", ["blue-horse-key"]).Content).StartsWith(masked);

    [Test]
    [Arguments("""{ "a" : 1.0, "b": "\u00e4", "c": [ ] }""")]
    [Arguments("{\"a\":1}\n\n[Hint: more]")]
    [Arguments("")]
    [Arguments("plain")]
    [Arguments("""{"next_page_token":"abcdef123"}""")]
    [Arguments("[")]
    public async Task A_result_without_secrets_is_the_very_same(string content)
    {
        var result = new ToolResult(content, "e", "s");
        await Assert.That(ReferenceEquals(ResultRedaction.Apply(result, "terminal", ["blue-horse-key"]), result)).IsTrue();
    }

    [Test]
    [Arguments("read_file", """{"content":"     1|token = \"refresh\"\n     2|password = forms.CharField(max_length=128)"}""")]
    [Arguments("search_files", """{"matches":[{"path":"a","line":1,"content":"secret: 'correct horse'"}]}""")]
    [Arguments("patch", """{"success":true,"diff":"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-token = \"refresh\"\n+token = \"access\"\n"}""")]
    [Arguments("terminal", """{"output":"diff --git a/x b/x\n@@ -1 +1 @@\n-token = \"refresh\"\n"}""")]
    public async Task Source_code_and_differences_come_back_as_they_are(string tool, string content) =>
        await Assert.That(ResultRedaction.Apply(new ToolResult(content), tool, []).Content).IsEqualTo(content);

    [Test]
    public async Task Error_summary_diff_and_tasks_are_masked_too()
    {
        var result = ResultRedaction.Apply(
            new ToolResult("ok", "DB_PASSWORD=hunter22", "blue-horse-key") { InlineDiff = "\e[32m+DB_PASSWORD=hunter22\e[0m", Todos = [new TodoItem("1", "use blue-horse-key", "pending")] },
            "write_file",
            ["blue-horse-key"]);
        await Assert.That(result.Error).IsEqualTo("DB_PASSWORD=***");
        await Assert.That(result.Summary).IsEqualTo("***");
        await Assert.That(result.InlineDiff).IsEqualTo("\e[32m+DB_PASSWORD=***\e[0m");
        await Assert.That(result.Todos![0].Content).IsEqualTo("use ***");
        await Assert.That(result.Content).IsEqualTo("ok");
    }
}
