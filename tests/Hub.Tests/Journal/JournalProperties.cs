using Hub.Journal;
using Testing;
using Xunit;

namespace Hub.Tests.Journal;

/// <summary>Whatever is appended, dropped, refused and opened again: what can be read is an unbroken end of what was appended.</summary>
public sealed class JournalProperties
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, Environment.GetEnvironmentVariable("HUB_LONG") == "1" ? 500 : 25)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task What_is_read_is_exactly_an_end_of_what_was_appended(int seed)
    {
        Random random = new(seed);
        await using TemporaryJournals journals = new(new()
        {
            SegmentBytes = random.Next(4_096, 20_000),
            BytesPerKernel = random.Next(65_536, 200_000),
            UnwrittenBytes = random.Next(65_536, 200_000),
            BurstBytes = random.Next(0, 200_000),
            BlobBytes = 2_000,
            PushBytes = random.Next(0, 10_000),
            MemoryBytes = random.Next(0, 50_000),
        });
        Dictionary<long, string> appended = [];
        KernelJournal journal = journals.Open();
        int cell = 0;
        for (int step = 0; step < 200; step++)
        {
            switch (random.Next(12))
            {
                case 0:
                    journal.Push();
                    break;
                case 1:
                    await journal.WrittenAsync(default);
                    break;
                case 2 when random.Next(4) == 0:
                    journals.Store.BeforeWrite = _ => { };
                    await Settled(journals, journal);
                    await journals.CloseAsync();
                    journal = journals.Open();
                    break;
                case 3 when random.Next(4) == 0:
                    journals.Store.BeforeWrite = _ => throw new IOException("refused", random.Next(2) == 0 ? 28 : 5);
                    break;
                case 4:
                    journals.Store.BeforeWrite = _ => { };
                    journals.Time.Advance(TimeSpan.FromSeconds(2));
                    break;
                case 5:
                    Note(journal.Append(JournalKind.Asked, Entries.Request($"cell {++cell}"), asker: new("ada", "tab", null), push: true));
                    break;
                case 6:
                    Note(journal.Append(JournalKind.Said, Entries.Idle($"cell {cell}")));
                    break;
                case 7:
                    await Check(journal, random);
                    break;
                default:
                    for (int n = random.Next(1, 60); n > 0; n--)
                        Note(journal.Append(JournalKind.Said, Entries.Stream($"{random.Next()} {new string('x', random.Next(200))}", buffer: random.Next(20) == 0 ? random.Next(1, 4_000) : 0)));
                    break;
            }
        }

        journals.Store.BeforeWrite = _ => { };
        await Settled(journals, journal);
        await Check(journal, random);
        JournalStore closed = journals.Store;
        await journals.CloseAsync();
        // Not before: a remark about what the last turn dropped may still come.
        long last = journal.LastSequence;
        Assert.Equal(0, closed.Burst.Lent);
        journal = journals.Open();
        Assert.Equal(last, journal.LastSequence);
        await Check(journal, random);

        void Note(JournalEntry entry) => appended.Add(entry.Sequence, entry.Message.Text());

        async Task Check(KernelJournal journal, Random random)
        {
            long after = random.Next(3) == 0 ? 0 : random.NextInt64(journal.LastSequence + 1);
            using JournalReader reader = journal.Read(after);
            long next = after + 1;
            while (await reader.NextAsync(random.Next(1, 300), random.Next(100, 60_000), default) is { Count: > 0 } some)
            {
                foreach (JournalEntry entry in some)
                {
                    if (entry.Sequence != next)
                    {
                        // Only at the beginning of an answer, when what came next has been dropped; then it is counted.
                        Assert.Same(some[0], entry);
                        Assert.True(entry.Sequence > next);
                    }

                    next = entry.Sequence + 1;
                    if (entry.Kind != JournalKind.Note)
                        Assert.Equal(appended[entry.Sequence], entry.Message.Text());
                }

                Assert.Equal(next, reader.Next);
            }

            Assert.True(reader.Next > journal.OpenedAt);
            // What is no entry of ours in this range is a remark of the journal, or was dropped and counted.
            Assert.True(reader.Skipped <= journal.LastSequence);
        }
    }

    private static Task Settled(TemporaryJournals journals, KernelJournal journal) => Eventually.Holds(() =>
    {
        journals.Time.Advance(TimeSpan.FromSeconds(2));
        journal.Push();
        return journal.WrittenSequence == journal.LastSequence;
    });
}
