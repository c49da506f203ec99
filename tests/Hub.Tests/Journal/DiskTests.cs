using Hub.Journal;
using Testing;
using Xunit;

namespace Hub.Tests.Journal;

/// <summary>A journal that survives the process that wrote it.</summary>
public sealed class DiskTests
{
    [Fact]
    public async Task What_was_appended_is_there_when_it_is_opened_again_and_numbers_go_on()
    {
        await using TemporaryJournals journals = new(new() { SegmentBytes = 4096, MemoryBytes = 0 });
        await Fill(journals.Open(), 1, 200);
        Assert.True(journals.Segments().Length > 5);
        await journals.CloseAsync();

        KernelJournal again = journals.Open();
        Assert.Equal((1, 200, 200), (again.FirstSequence, again.LastSequence, again.OpenedAt));
        await Fill(again, 201, 210);
        Assert.Equal(Lines(1, 210), await Read(again, 0));
        Assert.Equal(Lines(105, 210), await Read(again, 104));
    }

    [Fact]
    public async Task Only_the_hub_may_look_at_the_files()
    {
        await using TemporaryJournals journals = new(new() { BlobBytes = 1024 });
        KernelJournal journal = journals.Open();
        journal.Append(JournalKind.Said, Entries.Stream("x", buffer: 2048));
        Assert.True(await journal.WrittenAsync(default));
        foreach (string path in Directory.EnumerateFileSystemEntries(journals.Root, "*", SearchOption.AllDirectories))
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }

    [Fact]
    public async Task A_segment_cut_at_any_byte_of_its_last_record_loses_that_record_alone()
    {
        await using TemporaryJournals journals = new();
        KernelJournal journal = journals.Open();
        await Fill(journal, 1, 3);
        long before = journals.Segments()[0].Length;
        await Fill(journal, 4, 4);
        await journals.CloseAsync();
        string path = journals.Segments()[0].FullName;
        byte[] whole = await File.ReadAllBytesAsync(path);

        for (long length = before; length < whole.Length; length++)
        {
            await File.WriteAllBytesAsync(path, whole[..(int)length]);
            KernelJournal cut = journals.Open();
            Assert.Equal((1, 3), (cut.FirstSequence, cut.LastSequence));
            Assert.Equal(Lines(1, 3), await Read(cut, 0));
            await Fill(cut, 4, 5);
            Assert.Equal(Lines(1, 5), await Read(cut, 0));
            await journals.CloseAsync();
            Assert.Equal(5, journals.Open().LastSequence);
            await journals.CloseAsync();
        }
    }

    [Fact]
    public async Task A_segment_cut_in_its_head_is_begun_again()
    {
        await using TemporaryJournals journals = new(new() { SegmentBytes = 4096 });
        await Fill(journals.Open(), 1, 50);
        await journals.CloseAsync();
        FileInfo last = journals.Segments()[^1];
        long first = long.Parse(Path.GetFileNameWithoutExtension(last.Name), System.Globalization.CultureInfo.InvariantCulture);
        byte[] whole = await File.ReadAllBytesAsync(last.FullName);
        for (int length = 0; length < JournalRecordCodec.EncodeHead(first, []).Length; length++)
        {
            await File.WriteAllBytesAsync(last.FullName, whole[..length]);
            KernelJournal again = journals.Open();
            Assert.Equal(first - 1, again.LastSequence);
            Assert.Equal(Lines(1, first - 1), await Read(again, 0));
            await Fill(again, first, first);
            await journals.CloseAsync();
            Assert.Equal(Lines(1, first), await Read(journals.Open(), 0));
            await journals.CloseAsync();
        }
    }

    [Fact]
    public async Task A_damaged_segment_in_the_middle_is_passed_over_and_that_is_said()
    {
        await using TemporaryJournals journals = new(new() { SegmentBytes = 4096, MemoryBytes = 0 });
        await Fill(journals.Open(), 1, 60);
        await journals.CloseAsync();
        FileInfo second = journals.Segments()[1];
        byte[] bytes = await File.ReadAllBytesAsync(second.FullName);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(second.FullName, bytes);
        long third = long.Parse(Path.GetFileNameWithoutExtension(journals.Segments()[2].Name), System.Globalization.CultureInfo.InvariantCulture);

        KernelJournal journal = journals.Open();
        using JournalReader reader = journal.Read(0);
        List<JournalEntry> entries = await reader.ToEndAsync();
        Assert.Equal(reader.Skipped, 61 - entries.Count(entry => entry.Kind == JournalKind.Said) - 1);
        Assert.True(reader.Skipped > 0);
        Assert.Equal(third, journal.FirstSequence);
        Assert.Contains("damaged on disk", entries[^1].Message.Text(), StringComparison.Ordinal);
        Assert.Equal(JournalKind.Note, entries[^1].Kind);
    }

    [Fact]
    public async Task Large_buffers_are_stored_once_and_go_with_the_last_segment_that_needs_them()
    {
        await using TemporaryJournals journals = new(new() { BlobBytes = 1024, SegmentBytes = 65_536, BytesPerKernel = 1 << 20, MemoryBytes = 0 });
        KernelJournal journal = journals.Open();
        for (int i = 0; i < 5; i++)
            journal.Append(JournalKind.Said, Entries.Stream($"line {i}", buffer: 5_000));
        Assert.True(await journal.WrittenAsync(default));
        Assert.Equal(5_000, Assert.Single(journals.Blobs()).Length);

        await journals.CloseAsync();
        journal = journals.Open();
        using (JournalReader reader = journal.Read(0))
        {
            Assert.All(await reader.ToEndAsync(), entry => Assert.Equal(Entries.Stream("", buffer: 5_000).Buffers[0].ToArray(), entry.Message.Buffers[0].ToArray()));
        }

        for (int i = 0; journal.FirstSequence < 6; i++)
        {
            journal.Append(JournalKind.Said, Entries.Stream(new string('x', 900)));
            Assert.True(await journal.WrittenAsync(default));
        }

        await Eventually.Holds(() => journals.Blobs().Length == 0);
    }

    [Fact]
    public async Task A_large_buffer_of_a_run_before_is_known_again_and_not_stored_twice()
    {
        await using TemporaryJournals journals = new(new() { BlobBytes = 1024 });
        journals.Open().Append(JournalKind.Said, Entries.Stream("first", buffer: 5_000));
        await journals.CloseAsync();
        string name = Assert.Single(journals.Blobs()).Name;
        KernelJournal journal = journals.Open();
        journal.Append(JournalKind.Said, Entries.Stream("again", buffer: 5_000));
        Assert.True(await journal.WrittenAsync(default));
        Assert.Equal(name, Assert.Single(journals.Blobs()).Name);
        journal.Append(JournalKind.Said, Entries.Stream("other", buffer: 5_001));
        Assert.True(await journal.WrittenAsync(default));
        Assert.Equal(2, journals.Blobs().Length);
        // A kernel cannot tell which name its bytes will get: another journal names the same bytes otherwise.
        journals.Open("other").Append(JournalKind.Said, Entries.Stream("first", buffer: 5_000));
        Assert.True(await journals.Open("other").WrittenAsync(default));
        Assert.NotEqual(name[..64], Assert.Single(journals.Blobs("other")).Name[..64]);
    }

    [Fact]
    public async Task A_buffer_that_is_gone_leaves_a_remark_in_its_place()
    {
        await using TemporaryJournals journals = new(new() { BlobBytes = 1024, MemoryBytes = 0 });
        await Fill(journals.Open(), 1, 1);
        journals.Open().Append(JournalKind.Said, Entries.Stream("big", buffer: 5_000));
        await Fill(journals.Open(), 3, 3);
        FileInfo blob = Assert.Single(journals.Blobs());
        await File.WriteAllBytesAsync(blob.FullName, new byte[5_000]);

        await journals.CloseAsync();
        using JournalReader reader = journals.Open().Read(0);
        List<JournalEntry> entries = await reader.ToEndAsync();
        Assert.Equal([JournalKind.Said, JournalKind.Note, JournalKind.Said], entries.Select(entry => entry.Kind));
        Assert.Contains("buffer_gone", entries[1].Message.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_process_at_a_time_holds_a_journal()
    {
        await using TemporaryJournals journals = new();
        await Fill(journals.Open(), 1, 1);
        Assert.Throws<JournalInUseException>(() => JournalFiles.Open(Path.Combine(journals.Root, "k"), journals.Options, _ => { }));
        await journals.CloseAsync();
        JournalFiles.Open(Path.Combine(journals.Root, "k"), journals.Options, _ => { }).Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\0b")]
    public async Task An_id_that_is_no_name_is_refused(string id)
    {
        await using TemporaryJournals journals = new();
        Assert.Throws<ArgumentException>(() => journals.Open(id));
    }

    [Fact]
    public async Task Many_readers_beside_the_writer_see_every_entry_once()
    {
        await using TemporaryJournals journals = new(new() { SegmentBytes = 65_536, MemoryBytes = 20_000 });
        KernelJournal journal = journals.Open();
        const int Total = 20_000;
        Task[] readers = [.. Enumerable.Range(0, 6).Select(n => Task.Run(async () =>
        {
            using JournalReader reader = journal.Read(0);
            long seen = 0;
            while (seen < Total)
            {
                foreach (JournalEntry entry in await reader.NextAsync(50 + (n * 100), 1 << (12 + n), default))
                {
                    Assert.Equal(++seen, entry.Sequence);
                    Assert.Equal($$"""{"name":"stdout","text":"line {{seen}}"}""", entry.Message.Text());
                }
            }

            Assert.Equal(0, reader.Skipped);
        }))];
        for (int i = 1; i <= Total; i++)
            journal.Append(JournalKind.Said, Entries.Stream($"line {i}"));
        await Eventually.Comes(Task.WhenAll(readers));
    }

    internal static async Task Fill(KernelJournal journal, long from, long to)
    {
        for (long i = from; i <= to; i++)
            Assert.Equal(i, journal.Append(JournalKind.Said, Entries.Stream($"line {i}")).Sequence);
        Assert.True(await journal.WrittenAsync(default));
    }

    private static IEnumerable<string> Lines(long from, long to) => Enumerable.Range((int)from, (int)(to - from + 1)).Select(i => $$"""{"name":"stdout","text":"line {{i}}"}""");

    private static async Task<IEnumerable<string>> Read(KernelJournal journal, long after)
    {
        using JournalReader reader = journal.Read(after);
        List<JournalEntry> entries = await reader.ToEndAsync();
        Assert.Equal(0, reader.Skipped);
        return entries.Select(entry => entry.Message.Text());
    }
}
