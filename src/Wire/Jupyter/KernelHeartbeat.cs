namespace Wire.Jupyter;

/// <summary>
/// Pings one kernel and says how it responds. Costs a timer and two packets per period: meant for kernels that somebody is looking at. It
/// never declares a kernel dead; single-threaded kernels are silent for as long as a cell runs.
/// </summary>
/// <param name="ping">Sends one ping and tells whether it was echoed in time: <see cref="KernelClient.PingAsync"/>.</param>
/// <param name="options">Intervals.</param>
/// <param name="time">Clock.</param>
public sealed class KernelHeartbeat(Func<TimeSpan, CancellationToken, ValueTask<bool>> ping, KernelHeartbeatOptions options, TimeProvider time)
{
    private volatile HeartbeatState _state = HeartbeatState.Heard(time.GetUtcNow());

    public KernelVitality Vitality => _state.Vitality;

    /// <summary>When the kernel last echoed, or when the watch began.</summary>
    public DateTimeOffset LastHeard => _state.LastHeard;

    /// <summary>Pings until cancelled; tells each change of the verdict, with the thread of the loop.</summary>
    /// <exception cref="OperationCanceledException">Always, in the end.</exception>
    public async Task RunAsync(Action<KernelVitality> onChange, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(onChange);
        _state = HeartbeatState.Heard(time.GetUtcNow());
        while (true)
        {
            var before = _state;
            var echoed = await ping(options.Patience, cancellationToken);
            var now = time.GetUtcNow();
            _state = echoed ? HeartbeatState.Heard(now) : before.Missed(now, options.LostAfter);
            if (_state.Vitality != before.Vitality)
                onChange(_state.Vitality);
            await Task.Delay(options.Period, time, cancellationToken);
        }
    }
}
