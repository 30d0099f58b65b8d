using System.Globalization;
using Gateway.Processes;
using Gateway.Tools.Terminal;

namespace Gateway.Tests.ToolsTests;

/// <summary>What becomes of scratch folders whose process was killed.</summary>
public sealed class ScratchFolderTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // Beyond the highest id that the kernel gives.
    private const int Nobody = 2_000_000_000;

    private readonly string _place = Directory.CreateTempSubdirectory("gateway-sweep-").FullName;

    public void Dispose() => Directory.Delete(_place, recursive: true);

    private string Put(string name, UnixFileMode mode = Private)
    {
        string folder = Path.Combine(_place, name);
        Directory.CreateDirectory(Path.Combine(folder, "sub"));
        File.WriteAllText(Path.Combine(folder, "sub", "left"), "x");
        File.SetUnixFileMode(folder, mode);
        return folder;
    }

    [Test]
    public async Task What_a_killed_gateway_left_goes_when_another_makes_its_own()
    {
        string left = Put($"tui-gateway-{Nobody}-5-00ff00ff");
        string outside = Put("outside");
        Directory.CreateSymbolicLink(Path.Combine(left, "link"), outside);
        using var scratch = new ScratchFolder(_place);
        await Assert.That(Directory.Exists(left)).IsTrue();
        string own = Path.GetDirectoryName(scratch.NewName("a"))!;
        await Shared.Waiting.UntilAsync(() => Directory.Exists(left), exists => !exists, "the sweep");
        await Assert.That(Directory.Exists(own)).IsTrue();
        await Assert.That(File.Exists(Path.Combine(outside, "sub", "left"))).IsTrue();
    }

    [Test]
    [Arguments("tui-gateway-2000000000-5-00FF00FF")]
    [Arguments("tui-gateway-2000000000-5-00ff00f")]
    [Arguments("tui-gateway-2000000000-5-00ff00ff0")]
    [Arguments("tui-gateway-2000000000-5-00ff00ff-")]
    [Arguments("tui-gateway-2000000000-5-00ff00ff.old")]
    [Arguments("tui-gateway-02000000000-5-00ff00ff")]
    [Arguments("tui-gateway-2000000000-05-00ff00ff")]
    [Arguments("tui-gateway-99999999999-5-00ff00ff")]
    [Arguments("tui-gateway--5-00ff00ff")]
    [Arguments("tui-gateway-0-5-00ff00ff")]
    [Arguments("tui-gateway-2000000000-00ff00ff")]
    [Arguments("tui-gateway-demo-scratch")]
    [Arguments("tui-gateway-aBc123")]
    [Arguments("my-tui-gateway-2000000000-5-00ff00ff")]
    public async Task Names_that_are_not_exactly_ours_stay(string name)
    {
        string folder = Put(name), swept = Put($"tui-gateway-{Nobody}-5-00ff00ff");
        ScratchSweep.Run(_place, "");
        await Assert.That((Directory.Exists(folder), Directory.Exists(swept))).IsEqualTo((true, false));
    }

    [Test]
    public async Task What_is_in_use_or_not_as_we_make_it_stays()
    {
        ulong start = ProcessTable.Find(Environment.ProcessId)!.Value.StartTime;
        string living = Put(string.Create(CultureInfo.InvariantCulture, $"tui-gateway-{Environment.ProcessId}-{start}-00000001"));
        string recycled = Put(string.Create(CultureInfo.InvariantCulture, $"tui-gateway-{Environment.ProcessId}-{start + 1}-00000002"));
        string locked = Put($"tui-gateway-{Nobody}-5-00000003");
        string open = Put($"tui-gateway-{Nobody}-5-00000004", Private | UnixFileMode.GroupRead);
        string odd = Put($"tui-gateway-{Nobody}-5-00000005", Private | UnixFileMode.SetGroup);
        string elsewhere = Put("elsewhere"), link = Path.Combine(_place, $"tui-gateway-{Nobody}-5-00000006"), file = Path.Combine(_place, $"tui-gateway-{Nobody}-5-00000007");
        Directory.CreateSymbolicLink(link, elsewhere);
        File.WriteAllText(file, "");
        using (FolderLock.Take(locked)) ScratchSweep.Run(_place, "");
        await Assert.That(Directory.Exists(living)).IsTrue();
        await Assert.That(Directory.Exists(recycled)).IsFalse();
        await Assert.That(Directory.Exists(locked)).IsTrue();
        await Assert.That(Directory.Exists(open)).IsTrue();
        await Assert.That(Directory.Exists(odd)).IsTrue();
        await Assert.That(Directory.Exists(Path.Combine(elsewhere, "sub"))).IsTrue();
        await Assert.That(Directory.Exists(link)).IsTrue();
        await Assert.That(File.Exists(file)).IsTrue();

        // A child that another test starts just now may hold the lock until it runs its program.
        await Assert.That(await ProcessesTests.Facts.BecomesTrueAsync(() =>
        {
            ScratchSweep.Run(_place, "");
            return !Directory.Exists(locked);
        })).IsTrue();
    }

    [Test]
    public async Task Where_others_could_swap_folders_nothing_is_swept()
    {
        string left = Put($"tui-gateway-{Nobody}-5-00ff00ff");
        File.SetUnixFileMode(_place, Private | UnixFileMode.GroupWrite);
        ScratchSweep.Run(_place, "");
        await Assert.That(Directory.Exists(left)).IsTrue();
        ScratchSweep.Run(Path.Combine(_place, "missing"), "");
        File.SetUnixFileMode(_place, Private | UnixFileMode.GroupWrite | UnixFileMode.StickyBit);
        ScratchSweep.Run(_place, "");
        await Assert.That(Directory.Exists(left)).IsFalse();
    }

    [Test]
    public async Task A_folder_in_use_says_so_and_lets_go_at_the_end()
    {
        string own;
        using (var scratch = new ScratchFolder(_place))
        {
            own = Path.GetDirectoryName(scratch.NewName("a"))!;
            await Assert.That(FolderLock.Take(own)).IsNull();
            await Assert.That(ScratchName.Read(Path.GetFileName(own))!.Value.IsAlive).IsTrue();
        }

        await Assert.That(Directory.Exists(own)).IsFalse();
        await Assert.That(FolderLock.Take(own)).IsNull();
    }
}
