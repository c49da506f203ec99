using System.Diagnostics.Metrics;

namespace Hub.Journal;

/// <summary>What the journals count.</summary>
internal sealed class JournalFigures
{
    private long _entries;
    private long _bytes;
    private long _dropped;

    public JournalFigures(Meter? meter, Func<long> onDisk)
    {
        meter?.CreateObservableCounter("hub.journal.entries", () => Interlocked.Read(ref _entries), description: "Entries written to journals.");
        meter?.CreateObservableCounter("hub.journal.written", () => Interlocked.Read(ref _bytes), "By", "Bytes of messages written to journals.");
        meter?.CreateObservableCounter("hub.journal.dropped", () => Interlocked.Read(ref _dropped), description: "Entries dropped from journals before their time.");
        meter?.CreateObservableGauge("hub.journal.size", onDisk, "By", "Bytes of all open journals on disk.");
    }

    public long Dropped => Interlocked.Read(ref _dropped);

    public void CountWritten(ReadOnlySpan<JournalEntry> entries, long before)
    {
        long bytes = 0, count = 0;
        foreach (JournalEntry entry in entries)
        {
            if (entry.Sequence <= before)
                continue;
            bytes += entry.Size;
            count++;
        }

        Interlocked.Add(ref _entries, count);
        Interlocked.Add(ref _bytes, bytes);
    }

    public void CountDropped(long entries) => Interlocked.Add(ref _dropped, entries);
}
