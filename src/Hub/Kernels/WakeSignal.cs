using System.Threading.Tasks.Sources;

namespace Hub.Kernels;

/// <summary>
/// What one loop waits on until somebody wakes it; allocates nothing. A wake that comes while nobody waits is remembered, once.
/// </summary>
/// <remarks>
/// Whoever wakes may lend its own thread: the loop then goes on at once, inside <see cref="Wake"/>, and no other thread has to be woken for it. So
/// call it last, and hold no lock.
/// </remarks>
internal sealed class WakeSignal : IValueTaskSource
{
    private readonly Lock _lock = new();
    private ManualResetValueTaskSourceCore<bool> _source;
    private bool _waiting;
    private bool _woken;

    /// <summary>Completes at the next wake, or at once if one came since the last wait. One waiter at a time.</summary>
    public ValueTask WaitAsync()
    {
        lock (_lock)
        {
            if (_woken)
            {
                _woken = false;
                return ValueTask.CompletedTask;
            }

            _source.Reset();
            _waiting = true;
            return new ValueTask(this, _source.Version);
        }
    }

    /// <param name="lendThread">Goes on with what waits before it returns; else that is left to the thread pool.</param>
    public void Wake(bool lendThread)
    {
        lock (_lock)
        {
            if (!_waiting)
            {
                _woken = true;
                return;
            }

            _waiting = false;
            _source.RunContinuationsAsynchronously = !lendThread;
        }

        _source.SetResult(true);
    }

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
