using Hub.Journal;

namespace Hub.Kernels;

/// <summary>
/// What one connection has not been sent yet: a place in the kernel's journal, and in front of it a bounded queue of what just came.
/// </summary>
/// <remarks>
/// Normally the kernel's loop puts each message into the queue and the connection's sender takes it out. When the queue is full it is
/// dropped, at no loss: the sender then reads the journal from its place on, joining stream text of one request as it goes, until it has
/// met the end of the journal and is fed live again. So a slow tab costs the kernel and the other tabs nothing, a returning tab is nothing but
/// a place, and each message is given once and in order. Only what the journal has dropped is missing; the person reads how much, and where.
/// A message is given only when it is in the journal's file: else a tab could know a number that a killed hub forgets and gives away again.
/// Written by the kernel's loop, woken by the journal's writer, read by one sender; the lock holds no wait.
/// </remarks>
internal sealed class TabBacklog
{
    private const int ChunkEntries = 512;
    private const long ChunkBytes = 1 << 20;

    private readonly Lock _lock = new();
    private readonly Queue<TabMessage> _queue = new();
    private readonly KernelJournal _journal;
    private readonly TabView _view;
    private readonly BacklogLimits _limits;
    private readonly WakeSignal _arrival = new();
    private bool _waiting;
    private long _bytes;
    private long _offered;
    private long _given;
    private long _sent;
    private bool _behind;
    private bool _closed;

    // The sender's alone.
    private JournalReader? _reader;
    private IReadOnlyList<JournalEntry> _chunk = [];
    private int _at;
    private long _skippedTold;

    /// <param name="journal">Where it reads what the queue does not hold.</param>
    /// <param name="view">What of the journal is for this tab.</param>
    /// <param name="after">The tab has everything up to this number.</param>
    /// <param name="limits">When it is full.</param>
    public TabBacklog(KernelJournal journal, TabView view, long after, BacklogLimits limits)
    {
        (_journal, _view, _limits) = (journal, view, limits);
        _given = _sent = after;
        _offered = journal.LastSequence;
        _behind = _offered > after;
    }

    /// <summary>Everything up to this number was handed to the network: where the tab goes on when it returns and does not know better.</summary>
    public long Cursor
    {
        get
        {
            lock (_lock)
                return _sent;
        }
    }

    /// <summary>True while it reads from the journal.</summary>
    public bool IsBehind
    {
        get
        {
            lock (_lock)
                return _behind;
        }
    }

    public int Count
    {
        get
        {
            lock (_lock)
                return _queue.Count;
        }
    }

    /// <summary>Adds the next message of the kernel; never waits. The loop's alone.</summary>
    public void Offer(TabMessage message)
    {
        bool ready;
        lock (_lock)
        {
            if (_closed)
                return;
            _offered = message.Sequence;
            if (!_behind && message.Sequence > _given)
            {
                if (_queue.Count > 0 && (_queue.Count >= _limits.Messages || _bytes + message.Size > _limits.Bytes))
                {
                    // All of it is in the journal, where the sender finds it.
                    Clear();
                    _behind = true;
                }
                else
                {
                    message.Hold();
                    _queue.Enqueue(message);
                    _bytes += message.Size;
                }
            }

            ready = TakeReadiness();
        }

        if (ready)
            _arrival.Wake(lendThread: false);
    }

    /// <summary>The journal has written more.</summary>
    /// <param name="lendThread">The sender may go on in the caller's thread.</param>
    public void Written(bool lendThread)
    {
        bool ready;
        lock (_lock)
            ready = TakeReadiness();
        if (ready)
            _arrival.Wake(lendThread);
    }

    /// <summary>Nobody is sent anything more.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            Clear();
        }

        _arrival.Wake(lendThread: false);
    }

    /// <summary>Waits until there is something for the tab and adds it to <paramref name="into"/>, in order. One caller at a time.</summary>
    /// <param name="into">Gets the messages; what it holds stays. Release each when it is sent.</param>
    /// <param name="maxMessages">At most so many, at least 1.</param>
    /// <param name="maxBytes">No message more once there are as many bytes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False when the connection is to be sent nothing more.</returns>
    public async ValueTask<bool> TakeManyAsync(List<TabMessage> into, int maxMessages, long maxBytes, CancellationToken cancellationToken)
    {
        int before = into.Count;
        while (true)
        {
            bool behind;
            lock (_lock)
            {
                if (_closed)
                    return false;
                behind = _behind;
                if (!behind)
                    TakeQueued(into, maxMessages, maxBytes);
            }

            if (behind)
                await ReadOnAsync(into, maxMessages, maxBytes, cancellationToken);
            if (into.Count > before)
                return true;
            await WhenReadyAsync(cancellationToken);
        }
    }

    /// <summary>Everything up to this number has been handed to the network.</summary>
    public void Sent(long sequence)
    {
        lock (_lock)
            _sent = Math.Max(_sent, sequence);
    }

    private void TakeQueued(List<TabMessage> into, int maxMessages, long maxBytes)
    {
        long written = _journal.SettledSequence;
        long bytes = 0;
        for (int i = 0; i < maxMessages && bytes < maxBytes && _queue.TryPeek(out TabMessage next) && next.Sequence <= written; i++)
        {
            _queue.Dequeue();
            long size = next.Size;
            _bytes -= size;
            bytes += size;
            _given = next.Sequence;
            into.Add(next);
        }
    }

    /// <summary>Completes when there may be something to take.</summary>
    private async ValueTask WhenReadyAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_closed || IsReady)
                return;
            _waiting = true;
        }

        using (cancellationToken.UnsafeRegister(static signal => ((WakeSignal)signal!).Wake(lendThread: false), _arrival))
            await _arrival.WaitAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private bool IsReady => _behind
        ? _given >= _offered || _journal.SettledSequence > _given
        : _queue.TryPeek(out TabMessage next) && next.Sequence <= _journal.SettledSequence;

    /// <summary>True when the sender waits and has something to send: once.</summary>
    private bool TakeReadiness()
    {
        if (!_waiting || !IsReady)
            return false;
        _waiting = false;
        return true;
    }

    private void Clear()
    {
        foreach (TabMessage message in _queue)
            message.Release();
        _queue.Clear();
        _bytes = 0;
    }

    /// <summary>Reads the next messages of the journal; at its end the tab is fed live again.</summary>
    private async ValueTask ReadOnAsync(List<TabMessage> into, int maxMessages, long maxBytes, CancellationToken cancellationToken)
    {
        if (_at == _chunk.Count)
        {
            _reader ??= _journal.Read(_given);
            (_chunk, _at) = (await _reader.NextAsync(ChunkEntries, Math.Min(maxBytes, ChunkBytes), cancellationToken), 0);
            if (_chunk.Count == 0 && !MeetEnd())
            {
                // Something was offered that this reader has not seen. A new one sees it, or it is gone for good.
                StopReading();
                _reader = _journal.Read(_given);
                _chunk = await _reader.NextAsync(ChunkEntries, Math.Min(maxBytes, ChunkBytes), cancellationToken);
                if (_chunk.Count == 0)
                    TellGone(into);
            }

            if (_reader is { } reader && reader.Skipped > _skippedTold && _chunk.Count > 0)
            {
                long first = _chunk[0].Sequence;
                into.Add(_view.NoticeOf(first - (reader.Skipped - _skippedTold), first - 1, _chunk[0].Message));
                _skippedTold = reader.Skipped;
            }
        }

        Pass(into, maxMessages);
    }

    /// <summary>Passes on what of the chunk is written and for this tab, stream text joined.</summary>
    private void Pass(List<TabMessage> into, int maxMessages)
    {
        long written = _journal.SettledSequence;
        TabJoiner joiner = new(into, into.Count + maxMessages);
        long passed = 0;
        while (_at < _chunk.Count && _chunk[_at] is var entry && entry.Sequence <= written)
        {
            if (!_view.Shows(entry))
                entry.Release();
            else if (!joiner.TryAdd(entry))
                break;
            passed = entry.Sequence;
            _at++;
        }

        joiner.Flush();
        if (passed == 0)
            return;
        lock (_lock)
            _given = passed;
        if (_at == _chunk.Count)
            MeetEnd();
    }

    /// <summary>True when nothing is left to read, so that the tab is fed live from now on.</summary>
    private bool MeetEnd()
    {
        lock (_lock)
        {
            if (_offered > _given)
                return false;
            _behind = false;
        }

        StopReading();
        return true;
    }

    /// <summary>What was offered last is no longer in the journal (it may hold less than one long message).</summary>
    private void TellGone(List<TabMessage> into)
    {
        long from, to;
        lock (_lock)
        {
            (from, to) = (_given + 1, _offered);
            _given = _offered;
        }

        into.Add(_view.NoticeOf(from, to, null));
        MeetEnd();
    }

    private void StopReading()
    {
        _reader?.Dispose();
        _reader = null;
        (_chunk, _at, _skippedTold) = ([], 0, 0);
    }
}
