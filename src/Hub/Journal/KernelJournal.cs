using Wire.Jupyter;

namespace Hub.Journal;

/// <summary>
/// Everything one kernel said and was asked, in order and numbered: what lets a tab that was away go on where it stopped.
/// </summary>
/// <remarks>
/// <para>
/// The kernel's loop appends and goes on: an entry is in memory at once and never waits for the disk. A writer thread of the
/// <see cref="JournalStore"/> brings what was gathered to the files in the order of the numbers. Readers, any number of them and from any
/// thread, see one unbroken row of entries and need not know which are still in memory and which only on disk.
/// </para>
/// <para>
/// What it holds is always an end of all that was appended, without holes: when the oldest has to go (too many bytes, too old, a disk that
/// takes nothing for too long) <see cref="FirstSequence"/> rises, and a <see cref="JournalKind.Note"/> says what went unless it was merely old.
/// Such notes are appended from other threads, so the numbers one appender gets are rising but may leave some out.
/// </para>
/// </remarks>
public sealed class KernelJournal : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly JournalTail _tail = new();
    private readonly JournalOptions _options;
    private readonly JournalBurst? _burst;
    private readonly TimeProvider _time;
    private readonly JournalKeeper? _keeper;
    private readonly List<(long Sequence, TaskCompletionSource<bool> Waiter)> _waiters = [];
    private long _first = 1;
    private long _last;
    private long _lastTicks;
    private long _seenWritten;
    private long _seenLast;
    private volatile bool _isStuck;
    private long _unwrittenBytes;
    private long _unpushedBytes;
    private long _written;
    private long _droppedFrom;
    private long _droppedTo;
    private long _borrowed;

    /// <param name="kernelId">Whose it is.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="time">Clock of the entries.</param>
    /// <param name="files">Where it is kept; null for memory alone.</param>
    /// <param name="store">Whose writers it uses.</param>
    internal KernelJournal(string kernelId, JournalOptions options, TimeProvider time, JournalFiles? files, JournalStore store)
    {
        (KernelId, _options, _time) = (kernelId, options, time);
        if (files is null)
            return;
        _keeper = new JournalKeeper(this, files, options, time, store);
        _burst = store.Burst;
        _last = _written = OpenedAt = files.Last;
        _first = files.Segments.IsEmpty ? _last + 1 : files.Segments[0].First;
        _lastTicks = files.Segments.IsEmpty ? 0 : files.Segments[^1].LastTicks;
    }

    public string KernelId { get; }

    /// <summary>Sequence of the oldest entry that is kept; 0 when there is none.</summary>
    public long FirstSequence
    {
        get
        {
            lock (_gate)
                return _first > _last ? 0 : _first;
        }
    }

    /// <summary>Sequence of the newest entry ever appended, kept or not; 0 when there never was one.</summary>
    public long LastSequence => Volatile.Read(ref _last);

    /// <summary><see cref="LastSequence"/> as it was when this process opened the journal: what is not above it comes from a former run.</summary>
    public long OpenedAt { get; }

    /// <summary>Up to here everything is in the files, where <c>kill -9</c> does not reach it. 0 in memory alone.</summary>
    public long WrittenSequence => Volatile.Read(ref _written);

    /// <summary>
    /// Up to here tabs may be given what was appended: it is in the files, so that no number a tab knows is given away again after a
    /// <c>kill -9</c>. A disk that takes nothing, or none at all, holds nobody back.
    /// </summary>
    public long SettledSequence => _keeper is { IsWriting: true } && !_isStuck ? WrittenSequence : LastSequence;

    /// <summary>Called by whichever thread wrote after <see cref="SettledSequence"/> rose; must return at once and not throw. Told true, it may use the thread for a little more, since nobody waits for it.</summary>
    public Action<bool>? Settled { get; set; }

    /// <summary>Adds an entry at the end. Never waits and never throws for the disk.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="message">Kept as it is.</param>
    /// <param name="recipient">Client id of the one tab it is for; null for everybody.</param>
    /// <param name="asker">Who asked; only with <see cref="JournalKind.Asked"/>.</param>
    /// <param name="push">Write it at once, as of requests and replies; else when <see cref="Push"/> is called or <see cref="JournalOptions.PushBytes"/> are gathered.</param>
    /// <param name="isCounted">The journal and who reads it hold the message (<see cref="KernelMessage.Hold"/>) while they need it, so the caller may release it; else nobody may.</param>
    public JournalEntry Append(JournalKind kind, KernelMessage message, string? recipient = null, JournalAsker? asker = null, bool push = false, bool isCounted = false)
    {
        ArgumentNullException.ThrowIfNull(message);
        JournalEntry entry;
        lock (_gate)
        {
            // A clock that is set back must not make the past younger than the present.
            _lastTicks = Math.Max(_time.GetUtcNow().UtcTicks, _lastTicks);
            entry = new JournalEntry(_last + 1, _lastTicks, kind, message, recipient, asker, isCounted);
            entry.Hold();
            _tail.Add(entry);
            Volatile.Write(ref _last, entry.Sequence);
            _unwrittenBytes += JournalTail.CostOf(entry);
            _unpushedBytes += entry.Size;
            while (!TakeRoom() && _tail.Count > 1)
                DropUnwritten();
            push |= _unpushedBytes >= _options.PushBytes;
        }

        if (push)
            Push();
        return entry;
    }

    /// <summary>What is gathered goes to the writer: call it when the loop has nothing more to do. Cheap when there is nothing.</summary>
    public void Push()
    {
        if (Volatile.Read(ref _last) > Volatile.Read(ref _written))
            _keeper?.Wake();
    }

    /// <summary>Waits until everything appended so far is in the files.</summary>
    /// <returns>False when that will not be soon, since the disk takes nothing or the journal is in memory alone: hold nobody back for it.</returns>
    public Task<bool> WrittenAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource<bool> waiter;
        lock (_gate)
        {
            if (_keeper is null || !_keeper.IsWriting)
                return Task.FromResult(false);
            if (_written >= _last)
                return Task.FromResult(true);
            waiter = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((_last, waiter));
        }

        _keeper.Wake();
        return waiter.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Reads the entries after this sequence number; 0 reads all that are kept. Costs nothing until it is asked.</summary>
    public JournalReader Read(long after) => new(this, after);

    /// <summary>Writes what is left, if the disk takes it within a few seconds, and closes the files. What is appended later stays in memory.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_keeper is not null)
            await _keeper.DisposeAsync();
        lock (_gate)
            GiveBack(0);
    }

    /// <summary>Entries up to this one are not needed any more, written or not; the files follow when something is written again.</summary>
    /// <returns>Bytes of memory that were let go of.</returns>
    internal long Trim(long through)
    {
        lock (_gate)
        {
            long bytes = 0;
            while (_tail.Count > 0 && _tail.First <= through)
            {
                JournalEntry entry = _tail.RemoveFirst();
                entry.Release();
                bytes += JournalTail.CostOf(entry);
                if (entry.Sequence > _written)
                    _unwrittenBytes -= JournalTail.CostOf(entry);
            }

            _first = Math.Max(_first, Math.Min(through, _last) + 1);
            // Nothing up to there has to be written any more.
            Volatile.Write(ref _written, Math.Max(_written, Math.Min(through, _last)));
            GiveBack(Beyond);
            return bytes;
        }
    }

    /// <summary>Its files; null in memory alone.</summary>
    internal JournalKeeper? Keeper => _keeper;

    /// <summary>Entries from <paramref name="next"/> on that are in memory.</summary>
    /// <param name="next">Raised to the first entry that is kept, if it is older, and past what is returned.</param>
    /// <returns>False when they are only on disk.</returns>
    internal bool TryReadMemory(ref long next, int maxEntries, long maxBytes, List<JournalEntry> into)
    {
        lock (_gate)
        {
            next = Math.Max(next, Math.Min(_first, _last + 1));
            if (next > _last)
                return true;
            if (_tail.Count == 0 || next < _tail.First)
                return false;
            for (long bytes = 0; next <= _last && into.Count < maxEntries; next++)
            {
                JournalEntry entry = _tail[next];
                bytes += entry.Size;
                if (bytes > maxBytes && into.Count > 0)
                    break;
                // A reader keeps it for as long as it likes.
                entry.Hold();
                into.Add(entry);
            }

            return true;
        }
    }

    /// <summary>The next entries to write, as many as go into one turn; held, so release each.</summary>
    internal int TakeUnwritten(JournalEntry[] into, long maxBytes)
    {
        lock (_gate)
        {
            _unpushedBytes = 0;
            int count = 0;
            if (_tail.Count == 0)
                return 0;
            long bytes = 0;
            for (long next = Math.Max(_written + 1, _tail.First); next <= _last && count < into.Length && bytes < maxBytes; next++)
            {
                into[count] = _tail[next];
                into[count].Hold();
                bytes += into[count++].Size;
            }

            return count;
        }
    }

    /// <summary>Twice a second: a disk that has not taken in anything since the last look, although there was something, holds nobody back.</summary>
    internal void Look()
    {
        (long written, long last) = (WrittenSequence, LastSequence);
        _isStuck = written == _seenWritten && _seenLast > written;
        (_seenWritten, _seenLast) = (written, last);
        if (_isStuck)
            Settled?.Invoke(false);
    }

    /// <summary>The files reach so far; tells whether there is more to write, and what was dropped and not yet said.</summary>
    /// <param name="last">The last entry in the files.</param>
    /// <param name="mayLend">As <see cref="Settled"/> has it.</param>
    /// <param name="dropped">From and to; zeros when nothing was.</param>
    internal bool Written(long last, bool mayLend, out (long From, long To) dropped)
    {
        bool more = NoteWritten(last, out dropped);
        Settled?.Invoke(mayLend);
        return more;
    }

    private bool NoteWritten(long last, out (long From, long To) dropped)
    {
        lock (_gate)
        {
            if (_tail.Count > 0)
            {
                for (long written = Math.Max(_written + 1, _tail.First); written <= last; written++)
                    _unwrittenBytes -= JournalTail.CostOf(_tail[written]);
            }

            Volatile.Write(ref _written, Math.Max(_written, last));
            GiveBack(Beyond);
            while (_tail.Count > 0 && _tail.First <= _written && _tail.Bytes - _unwrittenBytes > _options.MemoryBytes)
                _tail.RemoveFirst().Release();
            dropped = (_droppedFrom, _droppedTo);
            _droppedFrom = _droppedTo = 0;
            _waiters.RemoveAll(one => one.Sequence <= _written && one.Waiter.TrySetResult(true));
            return _last > _written;
        }
    }

    /// <summary>Nobody shall wait for the disk now.</summary>
    internal void GiveUpWaiting()
    {
        lock (_gate)
        {
            foreach ((_, TaskCompletionSource<bool> waiter) in _waiters)
                waiter.TrySetResult(false);
            _waiters.Clear();
        }

        Settled?.Invoke(false);
    }

    /// <summary>Entries before this one are no longer kept.</summary>
    internal void ForgetBefore(long first)
    {
        lock (_gate)
        {
            _first = Math.Max(_first, first);
            while (_tail.Count > 0 && _tail.First < _first && _tail.First <= _written)
                _tail.RemoveFirst().Release();
        }
    }

    /// <summary>Gives back the memory of what is on disk.</summary>
    internal void Shrink(TimeSpan quietFor)
    {
        lock (_gate)
        {
            if (_time.GetUtcNow().UtcTicks - _lastTicks < quietFor.Ticks)
                return;
            while (_tail.Count > 0 && _tail.First <= _written)
                _tail.RemoveFirst().Release();
        }
    }

    /// <summary>What waits for the disk beyond this journal's own share.</summary>
    private long Beyond => Math.Max(0, _unwrittenBytes - _options.UnwrittenBytes);

    /// <summary>Borrows what goes beyond the own share; false when nobody lends it.</summary>
    private bool TakeRoom()
    {
        long more = Beyond - _borrowed;
        if (more <= 0)
            return true;
        if (_burst is null || !_burst.TryBorrow(more))
            return false;
        _borrowed += more;
        return true;
    }

    private void GiveBack(long needed)
    {
        if (needed >= _borrowed)
            return;
        _burst?.Return(_borrowed - needed);
        _borrowed = needed;
    }

    private void DropUnwritten()
    {
        JournalEntry dropped = _tail.RemoveFirst();
        dropped.Release();
        if (dropped.Sequence <= _written)
            return;
        _unwrittenBytes -= JournalTail.CostOf(dropped);
        // Before it nothing is kept either: a journal has no holes.
        _first = dropped.Sequence + 1;
        _droppedFrom = _droppedFrom == 0 ? dropped.Sequence : _droppedFrom;
        _droppedTo = dropped.Sequence;
    }
}
