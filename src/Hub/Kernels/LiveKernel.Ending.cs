using Hub.Kernels.Culling;

namespace Hub.Kernels;

/// <summary>What becomes of a kernel that nobody uses, or that runs for too long.</summary>
public sealed partial class LiveKernel
{
    private KernelEnding? _ending;
    private long _keptAt = long.MinValue;

    /// <summary>A cell runs or waits, also one that waits for somebody's input.</summary>
    internal bool IsAtWork => _state.IsAtWork;

    /// <summary>What its pages were told of its end; null when nothing.</summary>
    internal KernelEnding? Ending
    {
        get => Volatile.Read(ref _ending);
        set => Volatile.Write(ref _ending, value);
    }

    /// <summary>When somebody last wanted it kept, as <see cref="TimeProvider.GetTimestamp"/>; null when nobody did.</summary>
    internal long? KeptAt => Interlocked.Read(ref _keptAt) is var at && at != long.MinValue ? at : null;

    /// <summary>Somebody wants it kept from now on.</summary>
    internal void Keep() => Interlocked.Exchange(ref _keptAt, _time.GetTimestamp());

    /// <summary>The hub stops the kernel: it counts as dead from here on, unless a cell began meanwhile and <paramref name="evenAtWork"/> is false.</summary>
    /// <returns>Whether it is dead.</returns>
    internal async Task<bool> RetireAsync(string reason, bool evenAtWork)
    {
        _deathReason = reason;
        await PostAndWaitAsync(new KernelMailbox.Letter(new KernelEvent.Retired(evenAtWork)), CancellationToken.None);
        if (Phase == KernelPhase.Dead)
            return true;
        _deathReason = null;
        return false;
    }
}
