using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Spawner.Posix;

namespace Spawner.Processes;

/// <summary>
/// Notices that a process is gone, for any number of processes at once: one question to the operating system four times a second about the
/// descriptors of all (pidfd), and where it has none, a signal 0 to each. Looking into <c>/proc</c> and the kernel's files instead takes a
/// hundred times as long, which a thousand idle kernels would pay for all day.
/// </summary>
internal sealed class ProcessWatch(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly List<Watched> _watched = [];
    private PollDescriptor[] _polled = [];
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
            {
                _watched.Remove(watched);
                watched.Dispose();
            }
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
                LookAtAll();
            }
        }
    }

    private void LookAtAll()
    {
        int count = _watched.Count;
        if (_polled.Length < count)
            _polled = new PollDescriptor[count * 2];
        for (int i = 0; i < count; i++)
            _polled[i] = new PollDescriptor { Descriptor = _watched[i].Descriptor, Wanted = PollDescriptor.Readable };
        bool polled = Libc.Poll(ref _polled[0], (nuint)count, 0) >= 0;
        for (int i = 0; i < count; i++)
            _watched[i].Look(hasEnded: polled && _polled[i].Happened != 0);
    }

    private sealed class Watched(int process) : IDisposable
    {
        /// <summary>A number may have been somebody else's from the beginning, so now and then everybody is asked to look for themselves.</summary>
        private const int RoundsUntilDoubt = 240;

        /// <summary>The same where only the number is known, which may become somebody else's; and a zombie takes signals.</summary>
        private const int RoundsUntilDoubtOfNumber = 20;

        private readonly SafeFileHandle? _descriptor = Open(process);
        private int _rounds;

        public TaskCompletionSource Doubt { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Negative when there is none.</summary>
        public int Descriptor => _descriptor is { IsClosed: false } open ? (int)open.DangerousGetHandle() : -1;

        public void Look(bool hasEnded)
        {
            _rounds++;
            if (_descriptor is not null)
                hasEnded |= _rounds % RoundsUntilDoubt == 0;
            else
                // Refused for want of rights means that it lives.
                hasEnded = _rounds % RoundsUntilDoubtOfNumber == 0 || (Libc.Kill(process, 0) != 0 && Marshal.GetLastPInvokeError() == Libc.NoSuchProcess);
            if (hasEnded)
                Doubt.TrySetResult();
        }

        public void Dispose() => _descriptor?.Dispose();

        private static SafeFileHandle? Open(int process) => Libc.OpenProcess(process) is >= 0 and var descriptor ? new SafeFileHandle(descriptor, ownsHandle: true) : null;
    }
}
