using System.Collections.Immutable;

namespace Hub.Kernels;

/// <summary>
/// What waits for the loop of one kernel, bounded by count and bytes. When it is full the writer waits, which the kernel's socket and the
/// tabs feel. It is long, because publishers drop what nobody reads, so the kernel's socket must not stand still.
/// </summary>
internal sealed class KernelMailbox(int maxMessages, long maxBytes)
{
    private readonly Lock _lock = new();
    private readonly Queue<Letter> _queue = new();
    private long _bytes;
    private bool _closed;
    private TaskCompletionSource? _arrival;
    private TaskCompletionSource? _room;

    /// <summary>Adds a letter, waiting for room; false when the loop has ended and nobody will read it.</summary>
    public async ValueTask<bool> PostAsync(Letter letter, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task room;
            lock (_lock)
            {
                if (_closed)
                    return false;
                if (_queue.Count == 0 || (_queue.Count < maxMessages && _bytes + letter.Size <= maxBytes))
                {
                    _queue.Enqueue(letter);
                    _bytes += letter.Size;
                    _arrival?.TrySetResult();
                    _arrival = null;
                    return true;
                }

                room = (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await room.WaitAsync(cancellationToken);
        }
    }

    public bool TryTake(out Letter letter)
    {
        TaskCompletionSource? room = null;
        lock (_lock)
        {
            if (!_queue.TryDequeue(out letter))
                return false;
            _bytes -= letter.Size;
            if (_room is not null && _queue.Count <= maxMessages / 4 * 3 && _bytes <= maxBytes / 4 * 3)
                (room, _room) = (_room, null);
        }

        room?.TrySetResult();
        return true;
    }

    /// <summary>Completes when there is something to take or the mailbox is closed.</summary>
    public Task WhenArrived()
    {
        lock (_lock)
        {
            if (_queue.Count > 0 || _closed)
                return Task.CompletedTask;
            return (_arrival ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Takes no more; everybody who waits is let go.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            _arrival?.TrySetResult();
            _room?.TrySetResult();
        }
    }

    /// <summary>Something that happened, and to which connection.</summary>
    /// <param name="Handled">Completed when the loop has done all that follows.</param>
    /// <param name="Look">Nothing happened: somebody wants to know how things stand.</param>
    internal readonly record struct Letter(KernelEvent? Happened = null, KernelConnection? Connection = null, TaskCompletionSource? Handled = null, TaskCompletionSource<KernelSnapshot>? Look = null)
    {
        /// <summary>With <see cref="KernelEvent.Restored"/>: where the tabs of the former hub were.</summary>
        public ImmutableArray<(TabId Tab, long Cursor)> Places { get; init; } = [];

        public long Size => Happened switch
        {
            KernelEvent.KernelSaid said => said.Said.Size,
            KernelEvent.TabAsked asked => asked.Asked.Size,
            _ => 0,
        };
    }
}
