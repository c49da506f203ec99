using System.Runtime.InteropServices;
using Spawner.Posix;

namespace Spawner.Processes;

/// <summary>
/// Notices that a process may be gone, for any number of processes at once: a signal 0 to each, four times a second, which costs a
/// microsecond and allocates nothing. Looking into <c>/proc</c> and the kernel's files instead takes a hundred times as long, which a thousand
/// idle kernels would pay for all day.
/// </summary>
internal sealed class ProcessWatch(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>A number may be somebody else's by now, and a zombie takes signals: so now and then everybody is asked to look for themselves.</summary>
    private const int RoundsUntilDoubt = 20;

    private readonly Lock _lock = new();
    private readonly List<Watched> _watched = [];
    private bool _runs;

    /// <summary>Completes when the process is gone, or may be.</summary>
    public async Task DoubtAsync(int process, CancellationToken cancellationToken)
    {
        Watched watched = new(process);
        lock (_lock)
        {
            _watched.Add(watched);
            if (!_runs)
                _ = RunAsync();
            _runs = true;
        }

        try
        {
            await watched.Doubt.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (_lock)
                _watched.Remove(watched);
        }
    }

    /// <summary>Lives while somebody is watched.</summary>
    private async Task RunAsync()
    {
        using PeriodicTimer timer = new(Interval, time);
        while (await timer.WaitForNextTickAsync())
        {
            lock (_lock)
            {
                _runs = _watched.Count > 0;
                if (!_runs)
                    return;
                foreach (Watched one in _watched)
                    one.Look();
            }
        }
    }

    private sealed class Watched(int process)
    {
        private int _rounds;

        public TaskCompletionSource Doubt { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Look()
        {
            // Refused for want of rights means that it lives.
            if (++_rounds % RoundsUntilDoubt == 0 || (Libc.Kill(process, 0) != 0 && Marshal.GetLastPInvokeError() == Libc.NoSuchProcess))
                Doubt.TrySetResult();
        }
    }
}
