namespace Wire.Zmtp;

/// <summary>
/// A buffer that many short messages share: what was received stays where it is, and each message holds a lease. When the last lease is given back
/// the buffer is used again; leases that never are cost nothing but that, for then the garbage collector takes it.
/// </summary>
internal sealed class ZmtpSegment
{
    /// <summary>The longest command fits it.</summary>
    public const int Size = 64 * 1024;

    // 4 MB: what a few kernels that all print at once have in flight.
    private const int MaxSpare = 64;

    private static readonly ZmtpSegment?[] Spare = new ZmtpSegment?[MaxSpare];

    private int _leases;

    public byte[] Bytes { get; } = GC.AllocateUninitializedArray<byte>(Size);

    /// <summary>Nobody but the one who asks has a lease.</summary>
    public bool IsSole => Volatile.Read(ref _leases) == 1;

    /// <summary>One with a lease for the caller.</summary>
    public static ZmtpSegment Rent()
    {
        for (int i = 0; i < MaxSpare; i++)
        {
            if (Volatile.Read(ref Spare[i]) is not null && Interlocked.Exchange(ref Spare[i], null) is { } spare)
            {
                spare._leases = 1;
                return spare;
            }
        }

        return new ZmtpSegment { _leases = 1 };
    }

    public void Lease() => Interlocked.Increment(ref _leases);

    public void Return()
    {
        if (Interlocked.Decrement(ref _leases) != 0)
            return;
        for (int i = 0; i < MaxSpare; i++)
        {
            if (Volatile.Read(ref Spare[i]) is null && Interlocked.CompareExchange(ref Spare[i], this, null) is null)
                return;
        }
    }
}
