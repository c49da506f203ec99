using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>
/// What is on its way to the kernel on one channel: a kernel that does not read holds up nobody but itself. When it is full the request is
/// refused (<see cref="KernelEvent.KernelNotReading"/>).
/// </summary>
internal sealed class KernelOutbox(int maxMessages, long maxBytes)
{
    private readonly Lock _lock = new();
    private readonly Queue<KernelMessage> _queue = new();
    private long _bytes;
    private TaskCompletionSource? _arrival;

    public bool TryAdd(KernelMessage message)
    {
        lock (_lock)
        {
            if (_queue.Count > 0 && (_queue.Count >= maxMessages || _bytes + message.Size > maxBytes))
                return false;
            _queue.Enqueue(message);
            _bytes += message.Size;
            _arrival?.TrySetResult();
            _arrival = null;
            return true;
        }
    }

    /// <summary>Sends in order until cancelled.</summary>
    public async Task RunAsync(Func<KernelMessage, CancellationToken, ValueTask<bool>> send, CancellationToken cancellationToken)
    {
        while (true)
        {
            KernelMessage? message;
            Task arrival = Task.CompletedTask;
            lock (_lock)
            {
                // It counts until it is sent, so that the bound holds for what waits in the socket too.
                if (!_queue.TryPeek(out message))
                    arrival = (_arrival ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            if (message is null)
            {
                await arrival.WaitAsync(cancellationToken);
                continue;
            }

            await send(message, cancellationToken);
            lock (_lock)
            {
                _queue.Dequeue();
                _bytes -= message.Size;
            }
        }
    }
}
