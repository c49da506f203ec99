using Hub.Journal;
using Hub.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Testing;
using Xunit;

namespace Hub.Tests.Journal;

/// <summary>A journal kept in memory.</summary>
public sealed class MemoryTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task Entries_are_numbered_from_1_and_read_from_any_place()
    {
        await using KernelJournal journal = Open(new() { OnDisk = false });
        Assert.Equal((0, 0), (journal.FirstSequence, journal.LastSequence));
        for (int i = 1; i <= 100; i++)
            Assert.Equal(i, journal.Append(JournalKind.Said, Entries.Stream($"line {i}")).Sequence);

        using JournalReader all = journal.Read(0);
        Assert.Equal(Enumerable.Range(1, 100).Select(i => (long)i), (await all.ToEndAsync()).Select(entry => entry.Sequence));
        using JournalReader late = journal.Read(97);
        Assert.Equal([98, 99, 100], (await late.ToEndAsync()).Select(entry => entry.Sequence));
        Assert.Empty(await late.ToEndAsync());
        journal.Append(JournalKind.Said, Entries.Stream("one more"));
        Assert.Equal([101], (await late.ToEndAsync()).Select(entry => entry.Sequence));
        Assert.Equal(0, all.Skipped + late.Skipped);
    }

    [Fact]
    public async Task An_entry_keeps_who_asked_and_whom_it_is_for()
    {
        await using KernelJournal journal = Open(new() { OnDisk = false });
        journal.Append(JournalKind.Asked, Entries.Request("cell"), asker: new JournalAsker("ada", "tab", "cell-7"), push: true);
        journal.Append(JournalKind.Said, Entries.Stream("for one"), recipient: "tab");

        using JournalReader reader = journal.Read(0);
        List<JournalEntry> entries = await reader.ToEndAsync();
        Assert.Equal((JournalKind.Asked, new JournalAsker("ada", "tab", "cell-7"), null), (entries[0].Kind, entries[0].Asker, entries[0].Recipient));
        Assert.Equal((JournalKind.Said, "tab", _time.GetUtcNow()), (entries[1].Kind, entries[1].Recipient, entries[1].Time));
    }

    [Fact]
    public async Task Beyond_its_bound_the_oldest_go_and_a_reader_learns_how_many()
    {
        await using KernelJournal journal = Open(new() { OnDisk = false, UnwrittenBytes = 65_536 });
        for (int i = 0; i < 1000; i++)
            journal.Append(JournalKind.Said, Entries.Stream("line"));

        using JournalReader reader = journal.Read(10);
        List<JournalEntry> kept = await reader.ToEndAsync();
        Assert.InRange(journal.FirstSequence, 600, 999);
        Assert.Equal(journal.FirstSequence, kept[0].Sequence);
        Assert.Equal(journal.LastSequence, kept[^1].Sequence);
        Assert.Equal(kept[0].Sequence - 11, reader.Skipped);
    }

    private KernelJournal Open(JournalOptions options) =>
        new JournalStore(Options.Create(options), new DataLayout("/nowhere"), _time, NullLogger<JournalStore>.Instance).Open("k");
}
