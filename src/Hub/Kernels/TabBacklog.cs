namespace Hub.Kernels;

/// <summary>
/// The messages one tab has not been sent yet; outlives its connections, so that a returning tab finds what it missed, in order, once.
/// </summary>
/// <remarks>
/// What happens when it is full, in this order, so that one slow tab slows nobody and nothing is dropped in silence:
/// <list type="number">
/// <item><see cref="Offer"/> says so once; the kernel's loop may wait a moment (<see cref="WhenRoom"/>), since under a flood every tab is behind;</item>
/// <item>after <see cref="BeginLagging"/> stream text of the same request is joined: nothing is lost, far fewer messages;</item>
/// <item>beyond its bytes, or twice its messages, output is left out, and in its place the person reads how much;</item>
/// <item>what may never be left out (replies, states, comms) has as much room again; beyond it the tab is <see cref="IsLost"/> and must start anew.</item>
/// </list>
/// Written by the kernel's loop, read by the connection's sender; the lock holds no wait.
/// </remarks>
internal sealed class TabBacklog(BacklogLimits limits)
{
    private readonly Lock _lock = new();
    private Queue<Entry> _queue = new();
    private Entry? _last;
    private long _bytes;
    private BacklogLimits _limits = limits;
    private bool _lagging;
    private bool _lost;
    private long _reader;
    private long _leftOut;
    private long _takenBytes;
    private long _takenMessages;
    private TaskCompletionSource? _arrival;
    private TaskCompletionSource? _room;

    /// <summary>Messages the person was told of as left out, and those they will be.</summary>
    public long LeftOut
    {
        get
        {
            lock (_lock)
                return _leftOut;
        }
    }

    /// <summary>Bytes and messages taken so far: how the tab drains.</summary>
    public (long Bytes, long Messages) Taken
    {
        get
        {
            lock (_lock)
                return (_takenBytes, _takenMessages);
        }
    }

    public long Bytes
    {
        get
        {
            lock (_lock)
                return _bytes;
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

    /// <summary>True when even what may never be left out found no room: the connection must be closed, the queue was emptied.</summary>
    public bool IsLost
    {
        get
        {
            lock (_lock)
                return _lost;
        }
    }

    /// <summary>Takes a message. False when it is full and not lagging yet: wait for room or let it lag, then offer again.</summary>
    public bool Offer(TabMessage message)
    {
        lock (_lock)
        {
            if (!_lagging)
            {
                if (IsFull)
                    return false;
                Add(new Entry(message));
            }
            else
            {
                AddLagging(message);
            }
        }

        return true;
    }

    /// <summary>From now until it is half empty, output is joined and at last left out instead of waited for.</summary>
    public void BeginLagging()
    {
        lock (_lock)
        {
            if (!_lagging)
            {
                _lagging = true;
                JoinStreams();
            }
        }
    }

    /// <summary>The tab went (more is kept, without hurry) or returned (what was kept may be more than a tab's queue).</summary>
    public void SetLimits(BacklogLimits limits)
    {
        lock (_lock)
        {
            _limits = limits;
            if (IsFull)
                _lagging = true;
        }
    }

    /// <summary>Forgets everything, because nobody can keep so much; the tab is told on its return.</summary>
    public void Discard()
    {
        lock (_lock)
            DropAll();
    }

    /// <summary>
    /// From now this connection takes, and no other: what the one before it has not taken yet is for its successor. After a loss the tab
    /// starts anew: what it missed is said first, the rest follows.
    /// </summary>
    public void HandTo(long connection)
    {
        lock (_lock)
        {
            _reader = connection;
            _lost = false;
        }
    }

    /// <summary>The next message to send, in order; null when there is none now, or none for this connection any more.</summary>
    /// <param name="connection">Number of the connection that asks.</param>
    /// <param name="notice">Makes the message that stands where messages were left out.</param>
    public TabMessage? Take(long connection, Func<Gap, TabMessage> notice)
    {
        TaskCompletionSource? room = null;
        Entry? entry;
        lock (_lock)
        {
            if (connection != _reader || _lost || !_queue.TryDequeue(out entry))
                return null;
            _bytes -= entry.Size;
            _takenBytes += entry.Size;
            _takenMessages++;
            if (ReferenceEquals(entry, _last))
                _last = null;
            if (_queue.Count <= _limits.Messages / 2 && _bytes <= _limits.Bytes / 2)
                _lagging = false;
            if (_room is not null && _queue.Count <= _limits.Messages / 4 * 3 && _bytes <= _limits.Bytes / 4 * 3)
                (room, _room) = (_room, null);
        }

        room?.TrySetResult();
        return entry.Gap is { } gap ? notice(gap) : entry.ToMessage();
    }

    /// <summary>Completes when there is something to take.</summary>
    public Task WhenArrived()
    {
        lock (_lock)
        {
            if (_queue.Count > 0 || _lost)
                return Task.CompletedTask;
            return (_arrival ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Completes when a quarter of it is free again.</summary>
    public Task WhenRoom()
    {
        lock (_lock)
        {
            if (!IsFull)
                return Task.CompletedTask;
            return (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    private bool IsFull => _queue.Count > 0 && (_queue.Count >= _limits.Messages || _bytes >= _limits.Bytes);

    private void Add(Entry entry)
    {
        _queue.Enqueue(entry);
        _last = entry;
        _bytes += entry.Size;
        Wake();
    }

    private void Wake()
    {
        if (_arrival is not null)
        {
            _arrival.TrySetResult();
            _arrival = null;
        }
    }

    private void AddLagging(TabMessage message)
    {
        if (_lost)
        {
            CountLeftOut(message);
            return;
        }

        bool beyond = _queue.Count >= 2L * _limits.Messages || _bytes + message.Size > _limits.Bytes;
        if (message.IsOutput && beyond)
        {
            CountLeftOut(message);
            return;
        }

        if (message.IsStream && _last is not null)
        {
            long before = _last.Size;
            if (_last.TryJoin(message))
            {
                _bytes += _last.Size - before;
                return;
            }
        }

        if (_queue.Count >= 4L * _limits.Messages || (_queue.Count > 0 && _bytes + message.Size > 2 * _limits.Bytes))
        {
            DropAll();
            CountLeftOut(message);
            return;
        }

        Add(new Entry(message));
    }

    /// <summary>Counts in the gap at the end of the queue, which is made when the last entry is none.</summary>
    private void CountLeftOut(TabMessage message)
    {
        _leftOut++;
        if (_last?.Gap is { } gap)
        {
            gap.Messages++;
            return;
        }

        Add(new Entry(new Gap(message.Message.ParentHeader, _limits.Options) { Messages = 1 }));
    }

    private void DropAll()
    {
        if (_queue.Count == 0)
            return;
        ReadOnlyMemory<byte> parent = default;
        long dropped = 0;
        foreach (Entry entry in _queue)
        {
            dropped += entry.Gap?.Messages ?? 1;
            if (entry.Gap is null)
                _leftOut++;
            parent = entry.Gap?.ParentHeader ?? entry.ParentHeader;
        }

        _queue.Clear();
        _bytes = 0;
        _lost = true;
        Add(new Entry(new Gap(parent, _limits.Options) { Messages = dropped }));
    }

    private void JoinStreams()
    {
        Queue<Entry> joined = new();
        _last = null;
        _bytes = 0;
        foreach (Entry entry in _queue)
        {
            if (_last is not null && entry.Message is { IsStream: true } stream)
            {
                long before = _last.Size;
                if (_last.TryJoin(stream))
                {
                    _bytes += _last.Size - before;
                    continue;
                }
            }

            joined.Enqueue(entry);
            _last = entry;
            _bytes += entry.Size;
        }

        _queue = joined;
    }

    /// <summary>Where messages were left out.</summary>
    internal sealed class Gap(ReadOnlyMemory<byte> parentHeader, string options)
    {
        public long Messages { get; set; }

        /// <summary>The request whose output the notice joins.</summary>
        public ReadOnlyMemory<byte> ParentHeader { get; } = parentHeader;

        /// <summary>Names of the options that were exceeded.</summary>
        public string Options { get; } = options;
    }

    /// <summary>A message, several joined ones, or a gap.</summary>
    private sealed class Entry
    {
        private StreamMerger? _merger;

        public Entry(TabMessage message) => Message = message;

        public Entry(Gap gap) => Gap = gap;

        public TabMessage? Message { get; }

        public Gap? Gap { get; }

        public long Size => _merger?.Size ?? Message?.Size ?? 256;

        public ReadOnlyMemory<byte> ParentHeader => Message?.Message.ParentHeader ?? default;

        public bool TryJoin(TabMessage message)
        {
            if (Message is not { IsStream: true })
                return false;
            _merger ??= StreamMerger.Begin(Message.Message);
            return _merger is not null && _merger.TryAdd(message.Message);
        }

        public TabMessage ToMessage() => _merger is null ? Message! : new TabMessage(_merger.ToMessage());
    }
}
