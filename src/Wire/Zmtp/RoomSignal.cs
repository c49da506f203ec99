namespace Wire.Zmtp;

/// <summary>Wakes all senders that wait for room in a queue; each looks again and may wait once more.</summary>
internal sealed class RoomSignal
{
    private TaskCompletionSource? _next;

    /// <summary>Take this before looking for room, await it after finding none: so no signal is missed.</summary>
    public Task Next
    {
        get
        {
            TaskCompletionSource? now = Volatile.Read(ref _next);
            if (now is not null)
                return now.Task;
            TaskCompletionSource mine = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return (Interlocked.CompareExchange(ref _next, mine, null) ?? mine).Task;
        }
    }

    public void Pulse()
    {
        if (Volatile.Read(ref _next) is not null)
            Interlocked.Exchange(ref _next, null)?.TrySetResult();
    }
}
