using System.Collections.Immutable;
using Microsoft.Win32.SafeHandles;

namespace Hub.Journal;

/// <summary>A place in a journal from which one reader goes on. Not for several threads at once; dispose it to close the file it may hold.</summary>
public sealed class JournalReader : IDisposable
{
    private readonly KernelJournal _journal;
    private long _next;
    private Segment? _segment;
    private SafeFileHandle? _file;
    private SegmentScan? _scan;
    private JournalRecord? _held;

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
    /// <param name="cancellationToken">Ends the wait for a turn at the disk.</param>
    /// <returns>Empty when there is nothing more now. What comes from the disk keeps up to 256 KiB of it in memory per call.</returns>
    public ValueTask<IReadOnlyList<JournalEntry>> NextAsync(int maxEntries, long maxBytes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxEntries);
        cancellationToken.ThrowIfCancellationRequested();
        List<JournalEntry> found = [];
        return TryMemory(maxEntries, maxBytes, found)
            ? ValueTask.FromResult<IReadOnlyList<JournalEntry>>(found)
            : ReadDiskAsync(maxEntries, maxBytes, found, cancellationToken);
    }

    public void Dispose() => Leave();

    private bool TryMemory(int maxEntries, long maxBytes, List<JournalEntry> found)
    {
        long wanted = _next;
        bool here = _journal.TryReadMemory(ref _next, maxEntries, maxBytes, found);
        Skipped += _next - found.Count - wanted;
        if (here && found.Count > 0)
            Leave();
        return here;
    }

    private async ValueTask<IReadOnlyList<JournalEntry>> ReadDiskAsync(int maxEntries, long maxBytes, List<JournalEntry> found, CancellationToken cancellationToken)
    {
        JournalKeeper keeper = _journal.Keeper!;
        await keeper.ReadPermits.WaitAsync(cancellationToken);
        try
        {
            do
            {
                ReadDisk(keeper, maxEntries, maxBytes, found);
            }
            while (found.Count == 0 && !TryMemory(maxEntries, maxBytes, found));
            return found;
        }
        finally
        {
            keeper.ReadPermits.Release();
        }
    }

    /// <summary>Reads from one segment. Finds nothing when that has just been dropped or is damaged: then the journal says where to go on.</summary>
    private void ReadDisk(JournalKeeper keeper, int maxEntries, long maxBytes, List<JournalEntry> found)
    {
        if (!Enter(keeper))
            return;
        (_scan!.End, long last) = _segment!.End;
        long bytes = 0;
        while (found.Count < maxEntries && _next <= last)
        {
            JournalRecord? record = _held ?? NextRecord();
            _held = null;
            if (record is null)
            {
                if (found.Count == 0)
                {
                    keeper.Damaged(_segment);
                    Leave();
                }

                return;
            }

            bytes += record.Message.Size + record.Blobs.Sum(blob => (long)blob.Length);
            if (bytes > maxBytes && found.Count > 0)
            {
                _held = record;
                return;
            }

            found.Add(keeper.Complete(record));
            _next++;
        }

        if (_next > last && keeper.Files.Segments[^1] != _segment)
            Leave();
    }

    /// <summary>The record with the sequence that comes next; null when the segment does not have it where it should.</summary>
    private JournalRecord? NextRecord()
    {
        while (_scan!.TryNext(out ReadOnlyMemory<byte> record))
        {
            long sequence = JournalRecordCodec.SequenceOf(record.Span);
            if (sequence < _next)
                continue;
            return sequence == _next ? JournalRecordCodec.Decode(record) : null;
        }

        return null;
    }

    /// <summary>Opens the segment in which the next entry is, and goes near it.</summary>
    private bool Enter(JournalKeeper keeper)
    {
        ImmutableArray<Segment> segments = keeper.Files.Segments;
        Segment? wanted = segments.LastOrDefault(segment => segment.First <= _next);
        if (wanted is null || wanted.End.Last < _next)
        {
            // Dropped a moment ago; or nobody has it, which the journal must not believe for ever.
            _journal.ForgetBefore(segments.FirstOrDefault(segment => segment.First > _next)?.First ?? _next + 1);
            return false;
        }

        if (wanted == _segment)
        {
            if (_held is null && wanted.Find(_next) is > 0 and var ahead && ahead > _scan!.Offset)
                _scan.GoTo(ahead);
            return true;
        }

        Leave();
        try
        {
            _file = File.OpenHandle(wanted.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (IOException)
        {
            // Dropped a moment ago, and then the journal knows; else it is as good as damaged.
            if (keeper.Files.Segments.Contains(wanted))
                keeper.Damaged(wanted);
            return false;
        }

        (_segment, _scan) = (wanted, new SegmentScan(_file, wanted.End.Bytes));
        long begin = wanted.Find(_next);
        if (begin > 0)
            _scan.GoTo(begin);
        else if (!_scan.ReadHead(out _, []))
        {
            keeper.Damaged(wanted);
            Leave();
            return false;
        }

        return true;
    }

    private void Leave()
    {
        _file?.Dispose();
        (_file, _segment, _scan, _held) = (null, null, null, null);
    }
}
