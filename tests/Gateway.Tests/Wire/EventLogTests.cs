using System.Text;
using System.Text.Json;
using Gateway.Rpc;

namespace Gateway.Tests.Wire;

/// <summary>The ring behind session.events.since: right numbers, right order, bounded, and honest about what it lost.</summary>
public class EventLogTests
{
    private readonly EventLog _log = new("0123abcd");

    [Test]
    [Arguments(0, "1,2,3", false)]
    [Arguments(1, "2,3", false)]
    [Arguments(3, "", false)]
    [Arguments(4, "1,2,3", true)]
    public async Task What_came_after(long lastSeen, string expected, bool truncated)
    {
        for (int i = 1; i <= 3; i++) Add(i, 10);
        await Assert.That(Numbers(lastSeen, out long latest, out bool lost)).IsEqualTo(expected);
        await Assert.That(latest).IsEqualTo(3);
        await Assert.That(lost).IsEqualTo(truncated);
    }

    [Test]
    public async Task Nothing_happened_yet()
    {
        await Assert.That(Numbers(0, out long latest, out bool lost)).IsEqualTo("");
        await Assert.That(latest).IsEqualTo(0);
        await Assert.That(lost).IsFalse();
    }

    [Test]
    public async Task Only_so_many_events_are_kept()
    {
        for (int i = 1; i <= 1300; i++) Add(i, i % 97);
        string all = string.Join(',', Enumerable.Range(1300 - EventLog.MaxEvents + 1, EventLog.MaxEvents));
        await Assert.That(Numbers(0, out _, out bool lost)).IsEqualTo(all);
        await Assert.That(lost).IsTrue();
        await Assert.That(Numbers(1300 - EventLog.MaxEvents, out _, out lost)).IsEqualTo(all);
        await Assert.That(lost).IsFalse();
    }

    [Test]
    public async Task Only_so_many_bytes_are_kept()
    {
        const int size = 300_000;
        for (int i = 1; i <= 100; i++) Add(i, size);
        string kept = Numbers(0, out _, out bool lost);
        await Assert.That(kept).IsEqualTo("88,89,90,91,92,93,94,95,96,97,98,99,100");
        await Assert.That(lost).IsTrue();
    }

    [Test]
    public async Task An_event_larger_than_the_ring_is_numbered_but_not_kept()
    {
        Add(1, 10);
        Add(2, EventLog.MaxBytes);
        await Assert.That(Numbers(1, out long latest, out bool lost)).IsEqualTo("");
        await Assert.That(latest).IsEqualTo(2);
        await Assert.That(lost).IsTrue();
        Add(3, 10);
        await Assert.That(Numbers(2, out _, out lost)).IsEqualTo("3");
        await Assert.That(lost).IsFalse();
    }

    private void Add(int number, int padding)
    {
        lock (_log.Gate) _log.Add(Encoding.UTF8.GetBytes($$"""{"seq":{{number}},"text":"{{new string('x', padding)}}"}"""));
    }

    private string Numbers(long lastSeen, out long latest, out bool truncated)
    {
        using var events = JsonDocument.Parse(_log.Since(lastSeen, out latest, out truncated, out int count));
        if (events.RootElement.GetArrayLength() != count) throw new InvalidOperationException("the count is not the number of events");
        return string.Join(',', events.RootElement.EnumerateArray().Select(entry => entry.GetProperty("seq").GetInt32()));
    }
}
