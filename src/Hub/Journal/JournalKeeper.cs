using Wire.Zmtp;

namespace Hub.Journal;

/// <summary>
/// Brings one journal to its files and keeps them within their bounds. It works in turns on the store's writer threads, one turn at a time: what
/// was gathered is written, then what is too much is dropped. A disk that refuses is asked again after a while; meanwhile the journal
/// lives in memory.
/// </summary>
internal sealed partial class JournalKeeper : IAsyncDisposable
{
    private const int EntriesPerTurn = 4096;
    private const long BytesPerTurn = 2 << 20;

    /// <summary>Turns for what is left at the end.</summary>
    private const int LastTurns = 8;

    /// <summary>ENOSPC, EDQUOT.</summary>
    private static readonly int[] s_full = [28, 122];

    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    // A turn is shorter, unless the disk hangs.
    private static readonly TimeSpan s_lookPatience = TimeSpan.FromMilliseconds(100);

    private readonly KernelJournal _journal;
    private readonly JournalFiles _files;
    private readonly JournalOptions _options;
    private readonly TimeProvider _time;
    private readonly JournalStore _store;
    private readonly Lock _disk = new();
    private readonly Action _turn;
    private ITimer? _retry;
    private int _asked;
    private volatile bool _failing;
    private volatile bool _closed;

    public JournalKeeper(KernelJournal journal, JournalFiles files, JournalOptions options, TimeProvider time, JournalStore store)
    {
        (_journal, _files, _options, _time, _store) = (journal, files, options, time, store);
        _turn = TakeTurn;
    }

    private static class Asked
    {
        public const int No = 0;
        public const int Working = 1;
        public const int Yes = 2;
    }

    /// <summary>False while the disk refuses, and after the end.</summary>
    public bool IsWriting => !_failing && !_closed;

    public JournalFiles Files => _files;

    /// <summary>Asks for a turn; it comes soon unless the disk refused a moment ago.</summary>
    public void Wake()
    {
        if (IsWriting && Volatile.Read(ref _asked) != Asked.Yes && Interlocked.Exchange(ref _asked, Asked.Yes) == Asked.No)
            _store.Writers.Enqueue(_turn);
    }

    /// <summary>Bytes in the files, for the sum of all journals; waits for no turn.</summary>
    public long Bytes => _files.Bytes;

    /// <summary>The oldest segment, if there is one to drop: when it ended, and whether a running execution is in it.</summary>
    /// <returns>False while a turn goes on and nobody can tell.</returns>
    public bool TryLookAtOldest(out (long Ticks, bool Running)? oldest)
    {
        oldest = null;
        if (_closed)
            return true;
        if (!_disk.TryEnter(s_lookPatience))
            return false;
        try
        {
            if (_files.Segments is { Length: > 1 } segments)
                oldest = (segments[0].LastTicks, segments[0].End.Last >= _files.OldestRunning);
            return true;
        }
        finally
        {
            _disk.Exit();
        }
    }

    /// <summary>From time to time, on a writer thread: what is old goes, and a quiet journal gives back memory and descriptor.</summary>
    public void Sweep()
    {
        if (_closed || _failing || !_disk.TryEnter())
            return;
        try
        {
            long oldest = (_time.GetUtcNow() - _options.KeepFor).UtcTicks;
            if (_files.Segments is { Length: 1 } only && !only[0].IsEmpty && IsOld(only[0], oldest))
                _files.Roll();
            while (_files.Segments is { Length: > 1 } segments && IsOld(segments[0], oldest))
                Drop();
            _journal.Shrink(s_quiet);
            if (_files.Segments is [.., var last] && _time.GetUtcNow().UtcTicks - last.LastTicks > s_quiet.Ticks)
                _files.Rest();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // The next turn meets it too, and says so.
        }
        finally
        {
            _disk.Exit();
        }
    }

    /// <summary>Drops the oldest segment because all journals together are too big.</summary>
    public void DropOldest(string why)
    {
        lock (_disk)
        {
            if (!_closed && _files.Segments.Length > 1)
                DropAndSay(why);
        }
    }

    /// <summary>Readers of all journals share these.</summary>
    public SemaphoreSlim ReadPermits => _store.ReadPermits;

    /// <summary>Puts the blobs into their places; an entry whose buffer is gone becomes a remark that says so.</summary>
    public JournalEntry Complete(JournalRecord record)
    {
        if (record.Blobs.Count == 0)
            return record.ToEntry();
        // Their sum is below that of a message, which the wire keeps below what an array holds.
        ZmtpSegment room = ZmtpSegment.Rent(record.Blobs.Sum(blob => blob.Length));
        int at = 0;
        foreach (JournalRecord.Blob blob in record.Blobs)
        {
            Memory<byte> bytes = room.Bytes.AsMemory(at, blob.Length);
            if (!_files.Blobs.TryRead(blob, bytes.Span))
            {
                room.Return();
                return new JournalEntry(record.Sequence, record.UtcTicks, JournalKind.Note, JournalNotes.BufferGone(_time, record.Message.MessageId, blob.Name), null, null);
            }

            record.Buffers[blob.Buffer] = bytes;
            at += blob.Length;
        }

        return record.ToEntry(room);
    }

    /// <summary>A reader found a segment that is not what was written.</summary>
    public void Damaged(Segment segment)
    {
        (_, long last) = segment.End;
        _store.Say.Damaged(_journal.KernelId, segment.First, last);
        _journal.ForgetBefore(last + 1);
        _journal.Append(JournalKind.Note, JournalNotes.Dropped(_time, segment.First, last, "damaged on disk", false), push: true);
    }

    public async ValueTask DisposeAsync()
    {
        if (_closed)
            return;
        try
        {
            // What is written may make something else too much, and the remark that it was dropped is to be written too.
            for (int turn = 0; turn < LastTurns && _disk.TryEnter(s_patience); turn++)
            {
                // Whatever turn went on is over.
                _disk.Exit();
                if (_journal.WrittenSequence >= _journal.LastSequence || !await _journal.WrittenAsync(CancellationToken.None).WaitAsync(s_patience, _time))
                    break;
            }
        }
        catch (TimeoutException)
        {
            // The disk hangs; the end of the hub must not.
        }

        _closed = true;
        _journal.GiveUpWaiting();
        // The lock of the files goes with the process if a hanging write holds them.
        if (_disk.TryEnter(s_patience))
        {
            try
            {
                _retry?.Dispose();
                _files.Dispose();
            }
            finally
            {
                _disk.Exit();
            }
        }
    }

    private static bool IsFull(Exception refused) => s_full.Contains(refused.HResult);

    private bool IsOld(Segment segment, long oldest) => segment.LastTicks < oldest && segment.End.Last < _files.OldestRunning;

    private void TakeTurn()
    {
        Interlocked.Exchange(ref _asked, Asked.Working);
        bool more = false;
        lock (_disk)
        {
            if (!_closed)
                more = Work();
        }

        if (IsWriting && more)
        {
            // Behind the others: one kernel that floods must not hold up the rest.
            Interlocked.Exchange(ref _asked, Asked.Yes);
            _store.Writers.Enqueue(_turn);
        }
        else if (Interlocked.CompareExchange(ref _asked, Asked.No, Asked.Working) != Asked.Working)
        {
            _store.Writers.Enqueue(_turn);
        }
    }

    /// <summary>Writes one batch; true when there is more.</summary>
    private bool Work()
    {
        JournalEntry[] batch = System.Buffers.ArrayPool<JournalEntry>.Shared.Rent(EntriesPerTurn);
        int count = _journal.TakeUnwritten(batch, BytesPerTurn);
        try
        {
            long before = _files.Last;
            TryWrite(batch.AsSpan(0, count));
            _store.Figures.CountWritten(batch.AsSpan(0, count), before);
            if (_failing)
                _store.Say.Recovered(_journal.KernelId);
            _failing = false;
            bool more = _journal.Written(_files.Last, _store.Writers.IsIdle, out (long From, long To) dropped);
            if (dropped.From > 0)
                SayDropped(dropped.From, dropped.To, "the disk was too slow or refused: Journal:UnwrittenBytes", running: _files.OldestRunning <= dropped.To);
            while (_files.Segments.Length > 1 && _files.Bytes > _options.BytesPerKernel)
                DropAndSay("Journal:BytesPerKernel");
            return more;
        }
        catch (Exception refused)
        {
            // A defect of ours must not end the thread, and with it the hub: it counts as a refusal of the disk, and the log has it.
            Fail(refused);
            return false;
        }
        finally
        {
            foreach (JournalEntry entry in batch.AsSpan(0, count))
                entry.Release();
            System.Buffers.ArrayPool<JournalEntry>.Shared.Return(batch, clearArray: true);
        }
    }

    /// <summary>On a full disk the journal makes room at its own expense first.</summary>
    private void TryWrite(ReadOnlySpan<JournalEntry> batch)
    {
        while (true)
        {
            try
            {
                while (!batch.IsEmpty && batch[0].Sequence <= _files.Last)
                    batch = batch[1..];
                _files.Write(batch);
                return;
            }
            catch (IOException refused) when (IsFull(refused) && _files.Segments.Length > 1)
            {
                DropAndSay("the disk is full");
            }
        }
    }

    private void Fail(Exception refused)
    {
        if (!_failing)
            _store.Say.Failing(_journal.KernelId, refused);
        _failing = true;
        _journal.Written(_files.Last, false, out (long From, long To) dropped);
        if (dropped.From > 0)
            SayDropped(dropped.From, dropped.To, "the disk refused: Journal:UnwrittenBytes", running: _files.OldestRunning <= dropped.To);
        _journal.GiveUpWaiting();
        _retry ??= _time.CreateTimer(_ => Retry(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _retry.Change(_options.RetryAfter, Timeout.InfiniteTimeSpan);
    }

    private void Retry()
    {
        if (!_closed && Interlocked.Exchange(ref _asked, Asked.Yes) == Asked.No)
            _store.Writers.Enqueue(_turn);
    }

    private void DropAndSay(string why)
    {
        (long from, long to) = (_files.Segments[0].First, _files.Segments[0].End.Last);
        bool running = to >= _files.OldestRunning;
        Drop();
        SayDropped(from, to, why, running);
    }

    private void Drop()
    {
        _journal.ForgetBefore(_files.Segments[1].First);
        _files.DropOldest();
    }

    private void SayDropped(long from, long to, string why, bool running)
    {
        _store.Figures.CountDropped(to - from + 1);
        _store.Say.Dropped(_journal.KernelId, from, to, why);
        _journal.Append(JournalKind.Note, JournalNotes.Dropped(_time, from, to, why, running), push: true);
    }
}
