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
    private readonly OpenExecutions _executions = new();
    private readonly JournalOptions _options;
    private readonly TimeProvider _time;
    private long _first;
    private long _last;
    private long _lastTicks;

    internal KernelJournal(string kernelId, JournalOptions options, TimeProvider time) => (KernelId, _options, _time) = (kernelId, options, time);

    public string KernelId { get; }

    /// <summary>Sequence of the oldest entry that is kept; 0 when there is none.</summary>
    public long FirstSequence
    {
        get
        {
            lock (_gate)
                return _first;
        }
    }

    /// <summary>Sequence of the newest entry ever appended, kept or not; 0 when there never was one.</summary>
    public long LastSequence => Volatile.Read(ref _last);

    /// <summary><see cref="LastSequence"/> as it was when this process opened the journal: what is not above it comes from a former run.</summary>
    public long OpenedAt { get; }

    /// <summary>Up to here everything is in the files, where <c>kill -9</c> does not reach it.</summary>
    public long WrittenSequence => 0;

    /// <summary>Adds an entry at the end. Never waits and never throws for the disk.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="message">Kept as it is.</param>
    /// <param name="recipient">Client id of the one tab it is for; null for everybody.</param>
    /// <param name="asker">Who asked; only with <see cref="JournalKind.Asked"/>.</param>
    /// <param name="push">Write it at once, as of requests and replies; else when <see cref="Push"/> is called or <see cref="JournalOptions.PushBytes"/> are gathered.</param>
    public JournalEntry Append(JournalKind kind, KernelMessage message, string? recipient = null, JournalAsker? asker = null, bool push = false)
    {
        ArgumentNullException.ThrowIfNull(message);
        JournalEntry entry;
        lock (_gate)
        {
            long now = _time.GetUtcNow().UtcTicks;
            _lastTicks = Math.Max(now, _lastTicks);
            entry = new JournalEntry(_last + 1, _lastTicks, kind, message, recipient, asker);
            Volatile.Write(ref _last, entry.Sequence);
            if (_first == 0)
                _first = entry.Sequence;
            _tail.Add(entry);
            _executions.See(entry);
            while (_tail.Bytes > _options.UnwrittenBytes && _tail.Count > 1)
                _tail.RemoveFirst();
            _first = _tail.First;
        }

        if (push)
            Push();
        return entry;
    }

    /// <summary>What is gathered goes to the writer: call it when the loop has nothing more to do. Cheap when there is nothing.</summary>
    public void Push()
    {
    }

    /// <summary>Waits until everything appended so far is in the files.</summary>
    /// <returns>False when that will not be soon, since the disk takes nothing or journals are kept in memory: hold nobody back for it.</returns>
    public Task<bool> WrittenAsync(CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>Reads the entries after this sequence number; 0 reads all that are kept. Costs nothing until it is asked.</summary>
    public JournalReader Read(long after) => new(this, after);

    /// <summary>Writes what is left and closes the files.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Entries from <paramref name="next"/> on that are in memory.</summary>
    /// <param name="next">Raised to the first entry that is kept, if it is older.</param>
    /// <returns>False when they are only on disk.</returns>
    internal bool TryReadMemory(ref long next, int maxEntries, long maxBytes, List<JournalEntry> into)
    {
        lock (_gate)
        {
            next = Math.Max(next, _first);
            if (next > _last || _tail.Count == 0)
                return next > _last;
            if (next < _tail.First)
                return false;
            for (long bytes = 0; next <= _last && into.Count < maxEntries && (bytes < maxBytes || into.Count == 0); next++)
            {
                JournalEntry entry = _tail[next];
                bytes += entry.Size;
                if (bytes > maxBytes && into.Count > 0)
                    break;
                into.Add(entry);
            }

            return true;
        }
    }
}
