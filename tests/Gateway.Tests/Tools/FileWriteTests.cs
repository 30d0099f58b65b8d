using System.Diagnostics;
using System.Text.Json.Nodes;
using Gateway.Processes;
using Gateway.Tools.Files;
using Mono.Unix.Native;

namespace Gateway.Tests.ToolsTests;

/// <summary>What may not be written, and what stays as it was when something is.</summary>
[NotInParallel("children")]
public class FileWriteTests
{
    private static bool IsRoot => Environment.UserName == "root";

    private static JsonObject Write(string path, string content = "new\n") => new() { ["path"] = path, ["content"] = content };

    private static JsonObject Patch(string body) => new() { ["mode"] = "patch", ["patch"] = $"*** Begin Patch\n{body}\n*** End Patch" };

    [Test]
    [Arguments("config.yaml", "hermes config set KEY VALUE")]
    [Arguments("auth.json", "hermes setup")]
    [Arguments("mcp-tokens/server.json", "Only the user changes it")]
    [Arguments("shell-hooks-allowlist.json", "which hooks may run")]
    [Arguments(".env", "protected system/credential file")]
    public async Task The_model_cannot_allow_itself_more(string name, string way)
    {
        using var stage = new ToolStage("approvals: {mode: manual}");
        string path = Path.Combine(stage.Home, name), link = stage.At("link");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!File.Exists(path)) File.WriteAllText(path, "old: 1\n");
        string before = File.ReadAllText(path);
        File.CreateSymbolicLink(link, path);
        foreach (string given in new[] { path, "link", $"../home/./{name}" })
        {
            await Refused(stage, "write_file", Write(given), way);
            await Refused(stage, "patch", Patch($"*** Delete File: {given}"), way);
            await Refused(stage, "patch", Patch($"*** Move File: {given} -> free"), way);
            await Refused(stage, "patch", new JsonObject { ["path"] = given, ["old_string"] = "o", ["new_string"] = "x" }, way);
        }

        await Assert.That(File.ReadAllText(path)).IsEqualTo(before);
        await Assert.That(File.Exists(stage.At("free"))).IsFalse();
    }

    [Test]
    [Arguments(".bashrc", "dotfiles/bashrc")]
    [Arguments(".ssh/config", "dotfiles/ssh/config")]
    public async Task Linked_dotfiles_are_protected_under_both_names(string name, string real)
    {
        using var stage = new ToolStage();
        string root = Path.GetDirectoryName(stage.Work)!, file = Path.Combine(root, real), dotted = Path.Combine(root, name.Split('/')[0]);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "mine\n");
        File.CreateSymbolicLink(dotted, name.Contains('/', StringComparison.Ordinal) ? Path.GetDirectoryName(file)! : file);
        foreach (string given in new[] { $"~/{name}", $"~/{real}", file })
        {
            await Refused(stage, "write_file", Write(given), "protected system/credential file");
            await Refused(stage, "patch", Patch($"*** Delete File: {given}"), "protected system/credential file");
        }

        await Refused(stage, "patch", Patch($"*** Delete File: ~/{name.Split('/')[0]}"), "protected system/credential file");
        await Assert.That(File.ReadAllText(file)).IsEqualTo("mine\n");
        await Assert.That(new FileInfo(dotted).LinkTarget).IsNotNull();
    }

    [Test]
    public async Task A_second_name_of_a_protected_file_is_protected()
    {
        using var stage = new ToolStage();
        File.WriteAllText(Path.Combine(stage.Home, ".env"), "KEY=1\n");
        Run("ln", Path.Combine(stage.Home, ".env"), stage.At("same"));
        await Refused(stage, "write_file", Write("same"), "protected system/credential file");
        await Assert.That(File.ReadAllText(Path.Combine(stage.Home, ".env"))).IsEqualTo("KEY=1\n");
    }

    [Test]
    public async Task Pipes_and_sockets_are_not_replaced()
    {
        using var stage = new ToolStage();
        Run("mkfifo", stage.At("pipe"));
        await Refused(stage, "write_file", Write("pipe"), "is not a regular file.");
        await Refused(stage, "patch", Patch("*** Add File: pipe\n+x"), "is not a regular file.");
        await Refused(stage, "patch", Patch("*** Delete File: pipe"), "is not a regular file.");
        await Assert.That(FileFacts.Of(stage.At("pipe"))!.Value.IsRegular).IsFalse();
    }

    [Test]
    public async Task A_safe_root_may_begin_with_a_tilde()
    {
        using var stage = new ToolStage(environment: new() { ["HERMES_WRITE_SAFE_ROOT"] = "~/work" });
        await Assert.That((int)(await stage.CallAsync("write_file", Write("in.txt")))["bytes_written"]!).IsEqualTo(4);
        await Refused(stage, "write_file", Write("~/out.txt"), "Write denied");
    }

    [Test]
    public async Task All_names_of_a_file_get_the_new_content()
    {
        using var stage = new ToolStage();
        stage.Put("a", "old\n");
        Run("ln", stage.At("a"), stage.At("b"));
        await stage.CallAsync("write_file", Write("a", "a longer text\n"));
        await Assert.That(stage.Get("b")).IsEqualTo("a longer text\n");
        await stage.CallAsync("write_file", Write("b", "x\n"));
        await Assert.That(stage.Get("a")).IsEqualTo("x\n");
        await Assert.That(FileFacts.Of(stage.At("a"))!.Value.Links).IsEqualTo(2u);
    }

    [Test]
    public async Task Owner_and_attributes_stay()
    {
        Skip.Unless(IsRoot, "Only root can give files away");
        using var stage = new ToolStage();
        stage.Put("a", "old\n");
        Run("chown", "12345:23456", stage.At("a"));
        File.SetUnixFileMode(stage.At("a"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.SetUser);
        bool attributes = Run("python3", "-c", $"import os; os.setxattr('{stage.At("a")}', 'user.note', b'kept')") == 0;
        await stage.CallAsync("write_file", Write("a"));
        var facts = FileFacts.Of(stage.At("a"))!.Value;
        await Assert.That((facts.Owner, facts.Group)).IsEqualTo((12345u, 23456u));
        await Assert.That(facts.Permissions).IsEqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.SetUser);
        if (attributes) await Assert.That(Run("python3", "-c", $"import os; assert os.getxattr('{stage.At("a")}', 'user.note') == b'kept'")).IsEqualTo(0);
    }

    [Test]
    [Arguments(Errno.EBUSY)]
    [Arguments(Errno.EXDEV)]
    [Arguments(Errno.EPERM)]
    [Arguments(Errno.EROFS)]
    public async Task Where_no_other_file_can_take_its_place_it_is_written_where_it_is(Errno refusal)
    {
        using var stage = new ToolStage();
        string path = stage.Put("a", "an old text\n");
        var before = FileFacts.Of(path)!.Value;
        new FileReplacement(new Judge(), () => throw new IOException("refused", (int)refusal)).Write(path, "new\n"u8);
        await Assert.That(stage.Get("a")).IsEqualTo("new\n");
        await Assert.That(FileFacts.Of(path)!.Value.IsSameFile(before)).IsTrue();
        await Assert.That(Directory.GetFileSystemEntries(stage.Work).Length).IsEqualTo(1);
    }

    [Test]
    public async Task A_full_disk_leaves_the_old_content_and_nothing_else()
    {
        using var stage = new ToolStage();
        string path = stage.Put("a", "old\n");
        var replacement = new FileReplacement(new Judge(), () => throw new IOException("full", (int)Errno.ENOSPC));
        await Assert.That(() => replacement.Write(path, "new\n"u8)).Throws<IOException>();
        await Assert.That(() => replacement.Write(stage.At("b"), "new\n"u8)).Throws<IOException>();
        await Assert.That(stage.Get("a")).IsEqualTo("old\n");
        await Assert.That(Directory.GetFileSystemEntries(stage.Work).Length).IsEqualTo(1);
    }

    [Test]
    public async Task A_link_that_is_put_in_the_way_leads_nowhere()
    {
        using var stage = new ToolStage();
        stage.Put("folder/a", "old\n");
        stage.Put("elsewhere/a", "mine\n");
        int asked = 0;
        var replacement = new FileReplacement(new Judge(() =>
        {
            if (asked++ > 0) return;
            Directory.Move(stage.At("folder"), stage.At("moved"));
            File.CreateSymbolicLink(stage.At("folder"), stage.At("elsewhere"));
        }));
        await Assert.That(() => replacement.Write(stage.At("folder/a"), "new\n"u8)).Throws<TextFileException>();
        await Assert.That(() => replacement.Write(stage.At("moved/new/a"), "new\n"u8)).ThrowsNothing();
        await Assert.That((stage.Get("elsewhere/a"), stage.Get("moved/a"))).IsEqualTo(("mine\n", "old\n"));
        await Assert.That(Directory.GetFileSystemEntries(stage.At("elsewhere")).Length).IsEqualTo(1);
    }

    [Test]
    [Arguments("folder/new/deep/a")]
    [Arguments("folder/a")]
    public async Task Nothing_is_made_where_a_link_leads_that_came_after_the_check(string name)
    {
        using var stage = new ToolStage();
        Directory.CreateDirectory(stage.At("folder"));
        Directory.CreateDirectory(stage.At("elsewhere"));
        var replacement = new FileReplacement(new Judge(() =>
        {
            Directory.Delete(stage.At("folder"));
            File.CreateSymbolicLink(stage.At("folder"), stage.At("elsewhere"));
        }));
        await Assert.That(() => replacement.Write(stage.At(name), "new\n"u8)).Throws<TextFileException>();
        await Assert.That(Directory.GetFileSystemEntries(stage.At("elsewhere"))).IsEmpty();
    }

    [Test]
    public async Task A_file_that_became_a_link_after_the_check_is_left_alone()
    {
        using var stage = new ToolStage();
        stage.Put("mine", "mine\n");
        stage.Put("a", "old\n");
        int asked = 0;
        var replacement = new FileReplacement(new Judge(() =>
        {
            if (asked++ > 0) return;
            File.Delete(stage.At("a"));
            File.CreateSymbolicLink(stage.At("a"), stage.At("mine"));
        }));
        await Assert.That(() => replacement.Write(stage.At("a"), "new\n"u8)).Throws<TextFileException>();
        await Assert.That(stage.Get("mine")).IsEqualTo("mine\n");
    }

    [Test]
    public async Task A_folder_is_reached_without_links_also_where_the_kernel_does_not_help()
    {
        using var stage = new ToolStage();
        stage.Put("real/deep/a", "x");
        File.CreateSymbolicLink(stage.At("link"), stage.At("real"));
        string real = FileTarget.Key(stage.Work);
        await Assert.That(FolderCalls.OpenWithoutLinks(Path.Combine(real, "link/deep"))).IsNull();

        // One step after the other, as where openat2 is missing or filtered.
        await Assert.That(() => PinnedFolder.Open(Path.Combine(real, "link/deep"))).Throws<TextFileException>();
        await Assert.That(() => PinnedFolder.Make(Path.Combine(real, "link/new"), _ => false, out _)).Throws<TextFileException>();
        using var made = PinnedFolder.Make(Path.Combine(real, "real/new/er"), _ => true, out bool isNew);
        await Assert.That(isNew).IsTrue();
        await Assert.That(File.GetUnixFileMode(stage.At("real/new"))).IsEqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await Assert.That(Directory.Exists(stage.At("real/new/er"))).IsTrue();
    }

    [Test]
    public async Task Mounted_files_are_written()
    {
        using var stage = new ToolStage();
        stage.Put("host", "old\n");
        stage.Put("box", "");
        Skip.When(Run("mount", "--bind", stage.At("host"), stage.At("box")) != 0, "Nothing can be mounted here");
        try
        {
            await Assert.That((int)(await stage.CallAsync("write_file", Write("box")))["bytes_written"]!).IsEqualTo(4);
            await Assert.That(stage.Get("host")).IsEqualTo("new\n");
        }
        finally
        {
            Run("umount", stage.At("box"));
        }
    }

    [Test]
    public async Task Files_in_closed_folders_are_written_and_new_ones_refused()
    {
        using var stage = new ToolStage();
        stage.Put("closed/a", "old\n");
        string folder = stage.At("closed");
        if (IsRoot) Skip.When(Run("chattr", "+i", folder) != 0, "Folders cannot be closed to root here");
        else File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            await Assert.That((int)(await stage.CallAsync("write_file", Write("closed/a")))["bytes_written"]!).IsEqualTo(4);
            await Assert.That(stage.Get("closed/a")).IsEqualTo("new\n");
            await Refused(stage, "write_file", Write("closed/b"), "permission denied");
            await Refused(stage, "patch", Patch("*** Move File: closed/a -> a"), "permission denied");
            await Assert.That(stage.Get("closed/a")).IsEqualTo("new\n");
        }
        finally
        {
            if (IsRoot) Run("chattr", "-i", folder);
            else File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Test]
    public async Task Long_names_and_marks_are_no_hindrance()
    {
        using var stage = new ToolStage();
        string name = new('n', 255);
        await Assert.That((int)(await stage.CallAsync("write_file", Write(name)))["bytes_written"]!).IsEqualTo(4);
        await Assert.That((int)(await stage.CallAsync("write_file", Write(name)))["bytes_written"]!).IsEqualTo(4);
        await Refused(stage, "write_file", Write(new string('n', 256)), "its name is too long");
        File.WriteAllBytes(stage.At("marked"), [0xEF, 0xBB, 0xBF, .. "old"u8]);
        foreach (string content in new[] { "new", "\uFEFFnew" })
        {
            await Assert.That((int)(await stage.CallAsync("write_file", Write("marked", content)))["bytes_written"]!).IsEqualTo(6);
            await Assert.That(File.ReadAllBytes(stage.At("marked"))).IsEquivalentTo((byte[])[0xEF, 0xBB, 0xBF, .. "new"u8]);
        }
    }

    /// <summary>Allows everything; what is to happen between the check and the writing happens when it is asked.</summary>
    private sealed class Judge(Action? asked = null) : IWriteJudge
    {
        public string? Refusal(string given, string real, FileFacts? there)
        {
            asked?.Invoke();
            return null;
        }

        public bool IsPrivate(string real) => false;
    }

    private static async Task Refused(ToolStage stage, string tool, JsonObject arguments, string error) =>
        await Assert.That((string?)(await stage.CallAsync(tool, arguments))["error"] ?? "").Contains(error);

    private static int Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}
