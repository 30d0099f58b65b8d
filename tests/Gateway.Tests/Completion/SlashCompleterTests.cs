using Gateway.Completion;
using Gateway.Config;
using Gateway.Tests.ConfigTests;

namespace Gateway.Tests.CompletionTests;

public class SlashCompleterTests
{
    [Test]
    [Arguments("/m", 1, "model /mouse")]
    [Arguments("/M", 1, "/mouse")]
    [Arguments("/mou", 1, "/mouse")]
    [Arguments("/c", 1, "clear compress config cron copy /compact")]
    [Arguments("/d", 1, "debug /details")]
    [Arguments("/h", 1, "history help")]
    [Arguments("/b", 1, "branch background bg btw busy browser")]
    [Arguments("/s", 1, "save snapshot snap stop steer status statusbar sb skin skills")]
    [Arguments("/zzz", 1, "")]
    [Arguments("//", 1, "")]
    [Arguments("/t", 1, "title tasks tools toolsets tester")]
    [Arguments("/reasoning h", 11, "high hide")]
    [Arguments("/fast ", 6, "normal fast status on off")]
    [Arguments("/voice o", 7, "on off")]
    [Arguments("/tools ", 7, "list disable enable")]
    [Arguments("/snap ", 6, "create restore")]
    [Arguments("/yolo ", 6, "")]
    [Arguments("/a b c", 5, "")]
    [Arguments("/skin a", 6, "ares")]
    [Arguments("/skin m", 6, "mono mine")]
    [Arguments("/model c", 7, "claude codex")]
    [Arguments("/model f", 7, "fav")]
    [Arguments("/model a b", 9, "")]
    [Arguments("/personality ", 13, "none pirate poet")]
    [Arguments("/personality p", 13, "pirate poet")]
    [Arguments("/details ", 9, "hidden collapsed expanded cycle thinking tools subagents activity")]
    [Arguments("/DETAILS t", 9, "thinking tools")]
    [Arguments("/details thinking ", 18, "hidden collapsed expanded reset")]
    [Arguments("/details thinking r", 18, "reset")]
    [Arguments("/details foo ", 13, "")]
    [Arguments("/details a b c", 13, "")]
    public async Task Items(string text, int replaceFrom, string expected)
    {
        var completion = Complete(text);
        await Assert.That(string.Join(' ', completion.Items.Select(item => item.Text))).IsEqualTo(expected);
        await Assert.That(completion.ReplaceFrom).IsEqualTo(replaceFrom);
    }

    [Test]
    [Arguments("/help")]
    [Arguments("/tools")]
    [Arguments("/q")]
    [Arguments("/mouse")]
    [Arguments("/details")]
    [Arguments("/skin ares")]
    [Arguments("/model gpt")]
    [Arguments("/voice on")]
    [Arguments("/details cycle")]
    [Arguments("/tester")]
    public async Task An_exact_word_offers_nothing_so_that_enter_sends_it(string text) =>
        await Assert.That(Complete(text).Items.Count).IsEqualTo(0);

    [Test]
    [Arguments("")]
    [Arguments("abc")]
    [Arguments(" /m")]
    public async Task Other_input_is_not_completed(string text)
    {
        var completion = Complete(text);
        await Assert.That(completion.ReplaceFrom).IsNull();
        await Assert.That(completion.Items.Count).IsEqualTo(0);
    }

    [Test]
    public async Task The_whole_list_is_cut_before_the_extras()
    {
        var items = Complete("/").Items;
        await Assert.That(items.Count).IsEqualTo(34);
        await Assert.That(items[0].Text).IsEqualTo("new");
        await Assert.That(string.Join(' ', items.Skip(30).Select(item => item.Text))).IsEqualTo("/compact /details /logs /mouse");
    }

    [Test]
    public async Task Remarks_tell_usage_alias_and_skill()
    {
        await Assert.That(Complete("/titl").Items[0].Meta).EndsWith("(usage: /title [name])");
        await Assert.That(Complete("/for").Items[0].Meta).EndsWith("(alias for /branch)");
        await Assert.That(Complete("/test").Items[0].Meta).IsEqualTo("⚡ " + new string('x', 50) + "...");
        await Assert.That(Complete("/model fa").Items[0].Meta).IsEqualTo("some/model (openrouter)");
        await Assert.That(Complete("/titl").Items[0].Display).IsEqualTo("/title");
    }

    private static SlashCompletion Complete(string text)
    {
        using var home = new ConfigTestHome();
        home.Write("hermes/skins/mine.yaml", "name: mine\n");
        var config = ConfigTestHome.Parse("agent: {personalities: {pirate: Arr., poet: {description: rhymes}}}\nmodel_aliases: {fav: {model: some/model, provider: openrouter}}\n");
        return SlashCompleter.Complete(text, config, [new Skill("tester", new string('x', 80), null, "/t", "tester")], home.Home);
    }
}
