using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>
/// What is on its way to the kernel on one channel: a kernel that does not read holds up nobody but itself. When it is full the request is
/// refused (<see cref="KernelEvent.KernelNotReading"/>). Whoever adds to an empty one sends, so that a request goes out without another thread.
/// </summary>
internal sealed class KernelOutbox(int maxMessages, long maxBytes, Func<KernelMessage, CancellationToken, ValueTask<bool>> send, CancellationToken over)
{
    private readonly Lock _lock = new();
    private readonly Queue<KernelMessage> _queue = new();
    private long _bytes;
    private bool _isSending;

    /// <summary>Completes when nothing is being sent; of use once nothing is added any more.</summary>
    public Task Sending { get; private set; } = Task.CompletedTask;

    /// <summary>Sends in order. False when too much waits already. One caller at a time.</summary>
    public bool TryAdd(KernelMessage message)
    {
        lock (_lock)
        {
            if (_queue.Count > 0 && (_queue.Count >= maxMessages || _bytes + message.Size > maxBytes))
                return false;
            _queue.Enqueue(message);
            _bytes += message.Size;
            if (_isSending)
                return true;
            _isSending = true;
        }

        Sending = SendAllAsync();
        return true;
    }

    private async Task SendAllAsync()
    {
        try
        {
            while (TryPeek(out KernelMessage? message))
            {
                await send(message!, over);
                lock (_lock)
                {
                    // It counted until now, so that the bound holds for what waits in the socket too.
                    _queue.Dequeue();
                    _bytes -= message!.Size;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The process is no more.
        }
    }

    private bool TryPeek(out KernelMessage? message)
    {
        lock (_lock)
        {
            _isSending = _queue.TryPeek(out message);
            return _isSending;
        }
    }
}
