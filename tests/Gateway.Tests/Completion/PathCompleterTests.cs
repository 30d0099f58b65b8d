using Gateway.Completion;
using Gateway.Tests.ConfigTests;

namespace Gateway.Tests.CompletionTests;

public class PathCompleterTests
{
    [Test]
    // Words as the client sends them; <W> is the working directory.
    [Arguments("", "")]
    [Arguments("@", "@diff @staged @file: @folder: @url: @git:")]
    [Arguments("s", "Src2/ src/")]
    [Arguments("src/m", "src/main.py")]
    [Arguments("./s", "./Src2/ ./src/")]
    [Arguments(".", ".env .hidden/ Makefile Src2/ link/ src/ with space/ zeta.py")]
    [Arguments("nope/", "")]
    [Arguments("nope", "")]
    [Arguments("<W>/M", "<W>/Makefile")]
    [Arguments("../wo", "../work/")]
    [Arguments("~/no", "~/notes.txt")]
    [Arguments("~nouser/", "")]
    [Arguments("C:\\Users", "")]
    [Arguments("link/", "link/main.py link/appChrome.tsx link/app_utils.py", true)]
    [Arguments("with space/f", "with space/file name.txt")]
    [Arguments("@folder:s", "@folder:Src2/ @folder:src/")]
    [Arguments("@folder", "@folder:.hidden/ @folder:Src2/ @folder:link/ @folder:src/ @folder:with space/")]
    [Arguments("@file", "@file:.env @file:Makefile @file:zeta.py")]
    [Arguments("@file:src/m", "@file:src/main.py")]
    [Arguments("@./s", "@folder:Src2/ @folder:src/")]
    [Arguments("@~/no", "@file:~/notes.txt")]
    [Arguments("@<W>/src/m", "@file:<W>/src/main.py")]
    [Arguments("@with space/", "@file:`with space/file name.txt`")]
    [Arguments("@app", "@file:src/app_utils.py @file:src/appChrome.tsx")]
    [Arguments("@Chrome", "@file:src/appChrome.tsx")]
    [Arguments("@ac", "@file:src/appChrome.tsx")]
    [Arguments("@MAKEFILE", "@file:Makefile")]
    [Arguments("@.env", "@file:.env")]
    [Arguments("@env", "")]
    [Arguments("@deep", "")]
    [Arguments("@xyz", "")]
    public async Task Items(string word, string expected, bool anyOrder = false)
    {
        using var home = Tree();
        var items = await Completer(home).CompleteAsync(word.Replace("<W>", home.Work), home.Work, CancellationToken.None);
        var texts = items.Select(item => item.Text.Replace(home.Work, "<W>"));
        var wanted = expected.Replace("with space", "with_space").Replace("file name", "file_name").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(text => text.Replace("with_space", "with space").Replace("file_name", "file name"));
        await Assert.That(string.Join('|', anyOrder ? texts.Order(StringComparer.Ordinal) : texts))
            .IsEqualTo(string.Join('|', anyOrder ? wanted.Order(StringComparer.Ordinal) : wanted));
    }

    [Test]
    public async Task Rows_show_the_name_and_say_what_is_a_directory()
    {
        using var home = Tree();
        var listed = (await Completer(home).CompleteAsync("src2", home.Work, CancellationToken.None)).Single();
        await Assert.That($"{listed.Display} {listed.Meta}").IsEqualTo("Src2/ dir");
        var found = (await Completer(home).CompleteAsync("@main", home.Work, CancellationToken.None)).Single();
        await Assert.That($"{found.Display} {found.Meta}").IsEqualTo("main.py src");
    }

    [Test]
    public async Task Repository_files_replace_the_walk_unless_there_are_none()
    {
        using var home = Tree();
        RepositoryFiles repository = (_, _) => Task.FromResult<IReadOnlyList<string>?>(["lib/mainframe.c"]);
        var items = await new PathCompleter(home.Root, TimeProvider.System, repository).CompleteAsync("@main", home.Work, CancellationToken.None);
        await Assert.That(items.Single().Text).IsEqualTo("@file:lib/mainframe.c");
        RepositoryFiles none = (_, _) => Task.FromResult<IReadOnlyList<string>?>(null);
        items = await new PathCompleter(home.Root, TimeProvider.System, none).CompleteAsync("@main", home.Work, CancellationToken.None);
        await Assert.That(items.Single().Text).IsEqualTo("@file:src/main.py");
    }

    [Test]
    public async Task Never_more_than_thirty()
    {
        using var home = Tree();
        for (var i = 0; i < 40; i++)
        {
            home.Write($"work/many/f{i:00}.txt", "");
        }

        await Assert.That((await Completer(home).CompleteAsync("many/", home.Work, CancellationToken.None)).Count).IsEqualTo(30);
        await Assert.That((await Completer(home).CompleteAsync("@f", home.Work, CancellationToken.None)).Count).IsEqualTo(30);
    }

    [Test]
    [Arguments("app.py", "app.py", 0)]
    [Arguments("appChrome.tsx", "app", 1)]
    [Arguments("my-app_util.rs", "app", 2)]
    [Arguments("appChrome.tsx", "chrome", 2)]
    [Arguments("mapping.rs", "app", 3)]
    [Arguments("alpha_pip.c", "app", 4)]
    [Arguments("beta.c", "app", null)]
    public async Task Fuzzy_rank(string name, string query, int? expected) => await Assert.That(FuzzyRank.Of(name, query)).IsEqualTo(expected);

    private static PathCompleter Completer(ConfigTestHome home) => new(home.Root, TimeProvider.System);

    private static ConfigTestHome Tree()
    {
        var home = new ConfigTestHome();
        foreach (var file in (string[])[".env", "Makefile", "zeta.py", "src/main.py", "src/app_utils.py", "src/appChrome.tsx", "Src2/x.txt", ".hidden/main.py", "with space/file name.txt"])
        {
            home.Write("work/" + file, "");
        }

        home.Write("notes.txt", "");
        Directory.CreateSymbolicLink(Path.Combine(home.Work, "link"), Path.Combine(home.Work, "src"));
        return home;
    }
}
