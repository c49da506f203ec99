namespace Hub.Journal;

/// <summary>
/// Memory that all journals share for what one of them has to write beyond its own share: a kernel that says more for a moment than the disk takes
/// loses nothing, and all kernels together cannot take the machine's memory.
/// </summary>
/// <param name="bytes">How much there is.</param>
internal sealed class JournalBurst(long bytes)
{
    private long _lent;

    /// <summary>Bytes that are lent.</summary>
    public long Lent => Volatile.Read(ref _lent);

    /// <summary>False when there is not so much left; then nothing is lent.</summary>
    public bool TryBorrow(long wanted)
    {
        if (Interlocked.Add(ref _lent, wanted) <= bytes)
            return true;
        Interlocked.Add(ref _lent, -wanted);
        return false;
    }

    public void Return(long borrowed) => Interlocked.Add(ref _lent, -borrowed);
}
