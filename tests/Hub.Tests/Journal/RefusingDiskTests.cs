using Hub.Journal;
using Testing;
using Xunit;

namespace Hub.Tests.Journal;

/// <summary>A disk that is full, refuses or hangs costs the kernel nothing, and what it costs the journal is said.</summary>
public sealed class RefusingDiskTests
{
    private const int NoSpace = 28;

    [Fact]
    public async Task What_one_kernel_says_beyond_its_share_takes_room_that_all_share_and_gives_it_back()
    {
        await using TemporaryJournals journals = new(new() { UnwrittenBytes = 65_536, BurstBytes = 200_000, PushBytes = 1_000 });
        KernelJournal loud = journals.Open("loud"), other = journals.Open("other");
        journals.Store.BeforeWrite = _ => throw new IOException("refused", 5);
        for (int i = 0; i < 200; i++)
            loud.Append(JournalKind.Said, Entries.Stream(new string('x', 300)));
        Assert.Equal(1, loud.FirstSequence);
        Assert.InRange(journals.Store.Burst.Lent, 50_000, 200_000);
        for (int i = 0; i < 500; i++)
        {
            loud.Append(JournalKind.Said, Entries.Stream(new string('x', 300)));
            other.Append(JournalKind.Said, Entries.Stream(new string('x', 300)));
        }

        Assert.True(loud.FirstSequence > 1, "there is an end to it");
        Assert.True(other.FirstSequence > 1, "the other has its own share only while the first has all of what is shared");
        Assert.InRange(journals.Store.Burst.Lent, 100_000, 200_000);

        journals.Store.BeforeWrite = _ => { };
        await Eventually.Holds(() =>
        {
            journals.Time.Advance(TimeSpan.FromSeconds(2));
            return loud.WrittenSequence == loud.LastSequence && other.WrittenSequence == other.LastSequence;
        });
        await Eventually.Holds(() => journals.Store.Burst.Lent == 0);
    }

    [Fact]
    public async Task While_the_disk_refuses_the_journal_lives_in_memory_and_is_written_later()
    {
        await using TemporaryJournals journals = new();
        KernelJournal journal = journals.Open();
        await DiskTests.Fill(journal, 1, 10);
        Refuse(journals);
        for (int i = 11; i <= 20; i++)
            journal.Append(JournalKind.Said, Entries.Stream($"line {i}"), push: true);
        Assert.False(await journal.WrittenAsync(default));
        Assert.Equal(20, (await All(journal)).Count);

        journals.Store.BeforeWrite = _ => { };
        await Eventually.Holds(() => Recovered(journals, journal));
        await journals.CloseAsync();
        Assert.Equal(Enumerable.Range(1, 20).Select(i => (long)i), (await All(journals.Open())).Select(entry => entry.Sequence));
    }

    [Fact]
    public async Task Beyond_the_memory_it_may_take_the_oldest_is_dropped_and_a_note_says_so()
    {
        await using TemporaryJournals journals = new(new() { UnwrittenBytes = 65_536, BurstBytes = 0, PushBytes = 1_000 });
        KernelJournal journal = journals.Open();
        await DiskTests.Fill(journal, 1, 10);
        Refuse(journals);
        for (int i = 11; i <= 1_000; i++)
            journal.Append(JournalKind.Said, Entries.Stream($"line {i}"));
        long first = journal.FirstSequence;
        Assert.InRange(first, 800, 1_000);

        journals.Store.BeforeWrite = _ => { };
        await Eventually.Holds(() => Recovered(journals, journal));
        List<JournalEntry> before = await All(journal);
        Assert.Equal(before[0].Sequence, journal.FirstSequence);
        Assert.Contains(before, entry => entry.Kind == JournalKind.Note && entry.Message.Text().Contains("Journal:UnwrittenBytes", StringComparison.Ordinal));
        await journals.CloseAsync();

        List<JournalEntry> after = await All(journals.Open());
        Assert.Equal(before.Select(entry => entry.Sequence), after.Select(entry => entry.Sequence));
        Assert.Single(journals.Segments());
    }

    [Fact]
    public async Task On_a_full_disk_the_oldest_segments_make_room_for_the_newest()
    {
        await using TemporaryJournals journals = new(new() { SegmentBytes = 8_192, MemoryBytes = 0 });
        KernelJournal journal = journals.Open();
        journals.Store.BeforeWrite = bytes =>
        {
            if (journals.Segments().Sum(file => file.Length) + bytes > 50_000)
                throw new IOException("No space left on device", NoSpace);
        };
        for (int i = 1; i <= 400; i++)
        {
            journal.Append(JournalKind.Said, Entries.Stream("line"));
            Assert.True(await journal.WrittenAsync(default));
        }

        List<JournalEntry> entries = await All(journal);
        Assert.Equal((journal.FirstSequence, journal.LastSequence), (entries[0].Sequence, entries[^1].Sequence));
        Assert.Equal(entries.Count, entries[^1].Sequence - entries[0].Sequence + 1);
        Assert.Contains(entries, entry => entry.Message.Text().Contains("the disk is full", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_disk_that_hangs_holds_up_neither_appending_nor_reading()
    {
        await using TemporaryJournals journals = new(new() { UnwrittenBytes = 65_536, BurstBytes = 0 });
        KernelJournal journal = journals.Open();
        TaskCompletionSource hangs = new(), goesOn = new();
        journals.Store.BeforeWrite = _ =>
        {
            hangs.TrySetResult();
            ((IAsyncResult)goesOn.Task).AsyncWaitHandle.WaitOne();
        };
        journal.Append(JournalKind.Said, Entries.Stream("line 1"), push: true);
        await Eventually.Comes(hangs.Task);
        for (int i = 2; i <= 1_000; i++)
            journal.Append(JournalKind.Said, Entries.Stream($"line {i}"), push: true);
        Assert.Equal(1_000, (await All(journal))[^1].Sequence);
        Task<bool> written = journal.WrittenAsync(default);
        Assert.False(written.IsCompleted);

        // Tabs are given what is in the files, and not later than a second: then what is not.
        bool told = false;
        journal.Settled = _ => told = true;
        Assert.Equal(0, journal.SettledSequence);
        journals.Time.Advance(TimeSpan.FromMilliseconds(500));
        journals.Time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.True(told);
        Assert.Equal(1_000, journal.SettledSequence);

        goesOn.SetResult();
        Assert.True(await Eventually.Comes(written));
        List<JournalEntry> entries = await All(journal);
        Assert.Equal(entries.Count, entries[^1].Sequence - entries[0].Sequence + 1);
        Assert.Contains(entries, entry => entry.Kind == JournalKind.Note);
    }

    [Fact]
    public async Task A_directory_that_cannot_be_made_leaves_a_journal_in_memory()
    {
        await using TemporaryJournals journals = new();
        await File.WriteAllTextAsync(journals.Root, "in the way");
        KernelJournal journal = journals.Open();
        journal.Append(JournalKind.Said, Entries.Stream("line"), push: true);
        Assert.False(await journal.WrittenAsync(default));
        Assert.Single(await All(journal));
        File.Delete(journals.Root);
    }

    private static void Refuse(TemporaryJournals journals) => journals.Store.BeforeWrite = _ => throw new IOException("broken");

    private static bool Recovered(TemporaryJournals journals, KernelJournal journal)
    {
        journals.Time.Advance(TimeSpan.FromSeconds(2));
        return journal.WrittenSequence == journal.LastSequence;
    }

    private static async Task<List<JournalEntry>> All(KernelJournal journal)
    {
        using JournalReader reader = journal.Read(0);
        return await reader.ToEndAsync(100, 100_000);
    }
}
