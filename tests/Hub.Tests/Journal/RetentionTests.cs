using Hub.Journal;
using Testing;
using Xunit;

namespace Hub.Tests.Journal;

/// <summary>What is kept, for how long, and how a drop is said.</summary>
public sealed class RetentionTests
{
    private static readonly JournalOptions s_small = new() { SegmentBytes = 8_192, BytesPerKernel = 65_536, MemoryBytes = 0, KeepFor = TimeSpan.FromHours(1) };

    [Fact]
    public async Task Beyond_its_bytes_the_oldest_segments_go_and_a_note_says_which()
    {
        await using TemporaryJournals journals = new(s_small);
        KernelJournal journal = journals.Open();
        await Cell(journal, "cell", lines: 500);
        // The remark about the last drop comes after what made it necessary.
        journal.Append(JournalKind.Said, Entries.Stream("end"));
        Assert.True(await journal.WrittenAsync(default));
        await Eventually.Holds(() => journal.WrittenSequence == journal.LastSequence);
        using JournalReader reader = journal.Read(0);
        List<JournalEntry> entries = await reader.ToEndAsync();

        Assert.InRange(journals.Segments().Sum(file => file.Length), 20_000, 80_000);
        Assert.Equal(journal.FirstSequence, entries[0].Sequence);
        Assert.Equal(Enumerable.Range((int)entries[0].Sequence, entries.Count).Select(i => (long)i), entries.Select(entry => entry.Sequence));
        Assert.Equal(reader.Skipped, entries[0].Sequence - 1);
        Assert.Contains(entries, entry => entry.Kind == JournalKind.Note && entry.Message.Text().Contains($"\"to\":{entries[0].Sequence - 1},\"why\":\"Journal:BytesPerKernel\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_old_goes_without_a_word_but_not_while_its_execution_runs()
    {
        await using TemporaryJournals journals = new(s_small);
        KernelJournal journal = journals.Open();
        await Cell(journal, "done", lines: 60);
        journal.Append(JournalKind.Asked, Entries.Request("endless"), asker: new("ada", "tab", null));
        long asked = journal.LastSequence;
        await DiskTests.Fill(journal, asked + 1, asked + 50);
        journals.Time.Advance(TimeSpan.FromHours(2));
        await Swept(journals, () => journal.FirstSequence > 1);
        Assert.InRange(journal.FirstSequence, 2, asked);

        journal.Append(JournalKind.Said, Entries.Idle("endless"));
        Assert.True(await journal.WrittenAsync(default));
        journals.Time.Advance(TimeSpan.FromHours(2));
        await Swept(journals, () => journal.FirstSequence == 0);
        Assert.Equal(asked + 52, journal.Append(JournalKind.Said, Entries.Stream("next")).Sequence);
        using JournalReader reader = journal.Read(0);
        Assert.Equal([asked + 52], (await reader.ToEndAsync()).Select(entry => entry.Sequence));

        await journals.CloseAsync();
        Assert.Equal((asked + 52, asked + 52), (journals.Open().FirstSequence, journals.Open().LastSequence));
    }

    [Fact]
    public async Task A_running_execution_is_still_spared_by_the_next_hub()
    {
        await using TemporaryJournals journals = new(s_small);
        KernelJournal journal = journals.Open();
        journal.Append(JournalKind.Asked, Entries.Request("endless"), asker: new("ada", "tab", null));
        await DiskTests.Fill(journal, 2, 100);
        await journals.CloseAsync();
        foreach (FileInfo segment in journals.Segments())
            segment.LastWriteTimeUtc = journals.Time.GetUtcNow().UtcDateTime;

        journal = journals.Open();
        journals.Time.Advance(TimeSpan.FromHours(2));
        journals.Store.Sweep();
        Assert.Equal(1, journal.FirstSequence);
        journal.Append(JournalKind.Said, Entries.Idle("endless"));
        Assert.True(await journal.WrittenAsync(default));
        journals.Time.Advance(TimeSpan.FromHours(2));
        await Swept(journals, () => journal.FirstSequence == 0);
    }

    [Fact]
    public async Task All_journals_together_keep_their_bound_and_finished_executions_go_first()
    {
        await using TemporaryJournals journals = new(s_small with { BytesPerKernel = 1 << 20, Bytes = 100_000 });
        KernelJournal running = journals.Open("running"), done = journals.Open("done");
        running.Append(JournalKind.Asked, Entries.Request("endless"), asker: new("ada", "tab", null));
        await DiskTests.Fill(running, 2, 20);
        journals.Time.Advance(TimeSpan.FromMinutes(1));
        // Finished, and newer than the other's beginning, before there is too much.
        await Cell(done, "cell", 220);
        await DiskTests.Fill(running, 21, 150);
        await Swept(journals, () => done.FirstSequence > 1);

        Assert.Equal(1, running.FirstSequence);
        Assert.True(done.FirstSequence > 1);
        Assert.InRange(journals.Segments("running").Concat(journals.Segments("done")).Sum(file => file.Length), 1, 100_000);
    }

    [Fact]
    public async Task The_journal_of_a_kernel_that_was_shut_down_goes_after_a_while()
    {
        await using TemporaryJournals journals = new(s_small with { KeepAfterEnd = TimeSpan.FromMinutes(10) });
        await DiskTests.Fill(journals.Open("k1"), 1, 5);
        await DiskTests.Fill(journals.Open("k2"), 1, 5);
        await journals.Store.EndAsync("k1");
        Assert.Equal(["k2"], journals.Store.KernelIds);
        journals.Time.Advance(TimeSpan.FromMinutes(9));
        journals.Store.Sweep();
        Assert.True(Directory.Exists(Path.Combine(journals.Root, "k1")));
        journals.Time.Advance(TimeSpan.FromMinutes(2));
        await Swept(journals, () => !Directory.Exists(Path.Combine(journals.Root, "k1")));

        await journals.Store.DeleteAsync("k2");
        Assert.Empty(Directory.EnumerateDirectories(journals.Root));
        Assert.Equal(0, journals.Open("k2").LastSequence);
    }

    [Fact]
    public async Task A_quiet_journal_keeps_nothing_in_memory_and_reads_on()
    {
        await using TemporaryJournals journals = new();
        KernelJournal journal = journals.Open();
        await DiskTests.Fill(journal, 1, 100);
        journals.Time.Advance(TimeSpan.FromMinutes(1));
        await Swept(journals, () => !IsInMemory(journal, 1));
        using JournalReader reader = journal.Read(0);
        Assert.Equal(100, (await reader.ToEndAsync()).Count);
        await DiskTests.Fill(journal, 101, 105);
        Assert.Equal(5, (await reader.ToEndAsync()).Count);
    }

    /// <summary>A sweep leaves out a journal that is being written or swept in this moment.</summary>
    private static Task Swept(TemporaryJournals journals, Func<bool> done) => Eventually.Holds(() =>
    {
        journals.Store.Sweep();
        return done();
    });

    private static bool IsInMemory(KernelJournal journal, long sequence) => journal.TryReadMemory(ref sequence, 1, 1, []);

    private static async Task Cell(KernelJournal journal, string id, int lines)
    {
        journal.Append(JournalKind.Asked, Entries.Request(id), asker: new("ada", "tab", "c"), push: true);
        for (int i = 0; i < lines; i++)
        {
            journal.Append(JournalKind.Said, Entries.Stream($"line {i}", id));
            if (i % 50 == 0)
                Assert.True(await journal.WrittenAsync(default));
        }

        journal.Append(JournalKind.Said, Entries.Idle(id));
        Assert.True(await journal.WrittenAsync(default));
    }
}
