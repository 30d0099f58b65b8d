using Gateway.Storage;
using Gateway.Tools;

namespace Gateway.Tests.ToolsTests;

public class SessionSearchTests
{
    [Test]
    [Arguments("docker network", "docker network")]
    [Arguments("AND docker OR", "docker")]
    [Arguments("\"exact phrase\" (x) +y", "\"exact phrase\"  x   y")]
    [Arguments("chat-send my.app_config.ts", "\"chat-send\" \"my.app_config.ts\"")]
    [Arguments("dep*** *loy", "dep* loy")]
    [Arguments("NOT", "")]
    [Arguments("  ", "")]
    public async Task Queries_are_made_fit_for_the_index(string typed, string query) => await Assert.That(SearchQuery.ForWords(typed)).IsEqualTo(query);

    [Test]
    [Arguments("docker", "net,de")]
    [Arguments("bridge docker", "net")]
    [Arguments("bridge OR käse", "net,de")]
    [Arguments("doc*", "net,de")]
    [Arguments("bridge NOT docker", "")]
    [Arguments("what's docker: wrong?", "net,de")]
    [Arguments("nothing-like-this", "")]
    [Arguments("数据库连接", "zh")]
    [Arguments("接池", "zh")]
    [Arguments("\"unclosed docker", "net,de")]
    public async Task What_was_said_is_found(string query, string sessions)
    {
        using var stage = Stage();
        var answer = await stage.CallAsync("session_search", new System.Text.Json.Nodes.JsonObject { ["query"] = query, ["limit"] = 5 });
        await Assert.That(answer["success"]!.GetValue<bool>()).IsTrue();
        var found = answer["results"]!.AsArray().Select(one => one!["session_id"]!.GetValue<string>()).Order();
        await Assert.That(string.Join(',', found)).IsEqualTo(string.Join(',', sessions.Split(',').Order()));
    }

    [Test]
    public async Task A_model_sums_up_and_without_one_the_text_is_shown()
    {
        using var stage = Stage();
        var raw = await stage.CallAsync("session_search", """{"query":"bridge"}""");
        await Assert.That(raw["results"]![0]!["summary"]!.GetValue<string>()).StartsWith("[Raw preview — summarization unavailable]\n[ASSISTANT]: docker uses a bridge");
        var model = new Answering();
        stage.Context = stage.Context with { Auxiliary = model };
        var summed = await stage.CallAsync("session_search", """{"query":"bridge"}""");
        await Assert.That(summed["results"]![0]!["summary"]!.GetValue<string>()).IsEqualTo("summed up");
        await Assert.That(model.Asked!.Task).IsEqualTo("session_search");
        await Assert.That(model.Asked.Text).Contains("[USER]: how does docker network");
    }

    [Test]
    public async Task Without_a_query_the_newest_are_listed_but_not_this_one()
    {
        using var stage = Stage();
        var answer = await stage.CallAsync("session_search", "{}");
        await Assert.That(answer["mode"]!.GetValue<string>()).IsEqualTo("recent");
        await Assert.That(string.Join(',', answer["results"]!.AsArray().Select(one => one!["session_id"]!.GetValue<string>()).Order())).IsEqualTo("de,net,zh");
    }

    [Test]
    public async Task Roles_narrow_and_unknown_ones_are_refused()
    {
        using var stage = Stage();
        await Assert.That((await stage.CallAsync("session_search", """{"query":"bridge","role_filter":"user"}"""))["count"]!.GetValue<int>()).IsEqualTo(0);
        await Assert.That((await stage.CallAsync("session_search", """{"query":"bridge","role_filter":"user, assistant"}"""))["count"]!.GetValue<int>()).IsEqualTo(1);
        await Assert.That((await stage.CallAsync("session_search", """{"query":"bridge","role_filter":"boss"}"""))["error"]!.GetValue<string>()).Contains("'boss'");
    }

    [Test]
    public async Task No_database_is_no_error()
    {
        using var stage = new ToolStage();
        await Assert.That((await stage.CallAsync("session_search", """{"query":"x"}"""))["count"]!.GetValue<int>()).IsEqualTo(0);
        await Assert.That((await stage.CallAsync("session_search", "{}"))["count"]!.GetValue<int>()).IsEqualTo(0);
    }

    private static ToolStage Stage()
    {
        var stage = new ToolStage();
        var records = new SessionRecords(stage.Kit.State, TimeProvider.System);
        records.Append("net", "m", new StoredMessage("user", "how does docker network"));
        records.Append("net", "m", new StoredMessage("assistant", "docker uses a bridge"));
        records.Append("de", "m", new StoredMessage("user", "docker und Käse"));
        records.Append("zh", "m", new StoredMessage("user", "数据库连接池的问题"));
        records.Append("key", "m", new StoredMessage("user", "docker bridge in this very conversation"));
        return stage;
    }

    private sealed class Answering : IAuxiliaryModel
    {
        public AuxiliaryRequest? Asked { get; private set; }

        public Task<AuxiliaryAnswer> AskAsync(AuxiliaryRequest request, CancellationToken cancellationToken)
        {
            Asked = request;
            return Task.FromResult(new AuxiliaryAnswer("summed up", null));
        }
    }
}
