namespace Hub.Journal;

/// <summary>A place in a journal from which one reader goes on. Not for several threads at once; dispose it to close the file it may hold.</summary>
public sealed class JournalReader : IDisposable
{
    private readonly KernelJournal _journal;
    private long _next;

    internal JournalReader(KernelJournal journal, long after)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        (_journal, _next) = (journal, after + 1);
    }

    /// <summary>Sequence of the entry that would come next; everything before it was returned or <see cref="Skipped"/>.</summary>
    public long Next => _next;

    /// <summary>How many entries since the start of reading were no longer kept when their turn came.</summary>
    public long Skipped { get; private set; }

    /// <summary>The entries that follow, in order and without a hole other than what <see cref="Skipped"/> counts.</summary>
    /// <param name="maxEntries">At most so many, at least 1.</param>
    /// <param name="maxBytes">Their messages have at most so many bytes together, but one is always returned.</param>
    /// <param name="cancellationToken">Ends the wait for the disk.</param>
    /// <returns>Empty when there is nothing more now.</returns>
    public ValueTask<IReadOnlyList<JournalEntry>> NextAsync(int maxEntries, long maxBytes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxEntries);
        cancellationToken.ThrowIfCancellationRequested();
        List<JournalEntry> found = [];
        long wanted = _next;
        _journal.TryReadMemory(ref _next, maxEntries, maxBytes, found);
        long from = found.Count > 0 ? found[0].Sequence : _next;
        if (wanted <= _journal.LastSequence)
            Skipped += from - wanted;
        return ValueTask.FromResult<IReadOnlyList<JournalEntry>>(found);
    }

    public void Dispose()
    {
    }
}
