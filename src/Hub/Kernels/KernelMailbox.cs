using System.Collections.Immutable;
using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>
/// What waits for the loop of one kernel, bounded by count and bytes. When it is full the writer waits, which the kernel's socket and the
/// tabs feel. It is long, because publishers drop what nobody reads, so the kernel's socket must not stand still.
/// </summary>
internal sealed class KernelMailbox(int maxMessages, long maxBytes)
{
    private readonly Lock _lock = new();
    private readonly Queue<Letter> _queue = new();
    private readonly WakeSignal _arrival = new();
    private long _bytes;
    private bool _closed;
    private TaskCompletionSource? _room;

    /// <summary>Adds a letter, waiting for room; false when the loop has ended and nobody will read it.</summary>
    /// <param name="letter">What happened.</param>
    /// <param name="cancellationToken">Ends the wait for room.</param>
    /// <param name="more">More letters follow at once: <see cref="Wake"/> comes behind the last of them.</param>
    public async ValueTask<bool> PostAsync(Letter letter, CancellationToken cancellationToken, bool more = false)
    {
        while (true)
        {
            Task? room = null;
            lock (_lock)
            {
                if (_closed)
                    return false;
                if (_queue.Count == 0 || (_queue.Count < maxMessages && _bytes + letter.Size <= maxBytes))
                {
                    _queue.Enqueue(letter);
                    _bytes += letter.Size;
                }
                else
                {
                    room = (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                }
            }

            if (room is not null || !more)
                Wake();
            if (room is null)
                return true;
            await room.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The loop looks into the mailbox, on this thread if it was waiting: hold no lock.</summary>
    public void Wake() => _arrival.Wake(lendThread: true);

    /// <summary>The loop looks around, whether there is something to take or not.</summary>
    public void WakeElsewhere() => _arrival.Wake(lendThread: false);

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

    /// <summary>Completes when somebody woke the loop or the mailbox is closed; what was posted before the last <see cref="TryTake"/> may have done so already.</summary>
    public ValueTask WhenWoken()
    {
        lock (_lock)
        {
            if (_closed)
                return ValueTask.CompletedTask;
        }

        return _arrival.WaitAsync();
    }

    /// <summary>Takes no more; everybody who waits is let go.</summary>
    public void Close()
    {
        TaskCompletionSource? room;
        lock (_lock)
        {
            _closed = true;
            room = _room;
        }

        _arrival.Wake(lendThread: false);
        room?.TrySetResult();
    }

    /// <summary>Something that happened, and to which connection.</summary>
    /// <param name="Handled">Completed when the loop has done all that follows.</param>
    /// <param name="Look">Nothing happened: somebody wants to know how things stand.</param>
    /// <param name="Output">Nothing happened but that the kernel said this, which is for everybody and changes nothing: most of what it says.</param>
    internal readonly record struct Letter(
        KernelEvent? Happened = null, KernelConnection? Connection = null, TaskCompletionSource? Handled = null, TaskCompletionSource<KernelSnapshot>? Look = null, KernelMessage? Output = null)
    {
        /// <summary>With <see cref="KernelEvent.Restored"/>: where the tabs of the former hub were.</summary>
        public ImmutableArray<(TabId Tab, long Cursor)> Places { get; init; } = [];

        public long Size => Happened switch
        {
            KernelEvent.KernelSaid said => said.Said.Size,
            KernelEvent.TabAsked asked => asked.Asked.Size,
            _ => Output?.Size ?? 0,
        };
    }
}
