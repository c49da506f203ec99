namespace Wire.Zmtp;

/// <summary>
/// A buffer that is used again: one that many short messages share, where what was received stays where it is, or the block of one long message. Each
/// message holds a lease. When the last lease is given back the buffer is used again; leases that never are cost nothing but that, for then the garbage
/// collector takes it.
/// </summary>
public sealed class ZmtpSegment
{
    /// <summary>The longest command fits it.</summary>
    internal const int Size = 64 * 1024;

    // 4 MB: what a few kernels that all print at once have in flight.
    private const int MaxSpare = 64;

    private static readonly ZmtpSegment?[] Spare = new ZmtpSegment?[MaxSpare];

    private int _leases;

    private ZmtpSegment(byte[] bytes, bool isBlock) => (Bytes, IsBlock) = (bytes, isBlock);

    /// <summary>Where the messages are. Not to be looked at without a lease.</summary>
    public byte[] Bytes { get; }

    /// <summary>The block of one long message.</summary>
    internal bool IsBlock { get; }

    /// <summary>Nobody but the one who asks has a lease.</summary>
    internal bool IsSole => Volatile.Read(ref _leases) == 1;

    /// <summary>One with a lease for the caller.</summary>
    internal static ZmtpSegment Rent()
    {
        for (int i = 0; i < MaxSpare; i++)
        {
            if (Volatile.Read(ref Spare[i]) is not null && Interlocked.Exchange(ref Spare[i], null) is { } spare)
            {
                spare._leases = 1;
                return spare;
            }
        }

        return new ZmtpSegment(GC.AllocateUninitializedArray<byte>(Size), isBlock: false) { _leases = 1 };
    }

    /// <summary>One of at least <paramref name="bytes"/> bytes, with any content and a lease for the caller.</summary>
    public static ZmtpSegment Rent(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        return Of(LargeBuffers.Shared.Rent(bytes));
    }

    /// <summary>A block of <see cref="LargeBuffers"/>, with a lease for the caller.</summary>
    internal static ZmtpSegment Of(byte[] block) => new(block, isBlock: true) { _leases = 1 };

    /// <summary>One more looks at the bytes, until it calls <see cref="Return"/>. Only by somebody who has a lease.</summary>
    public void Lease() => Interlocked.Increment(ref _leases);

    /// <summary>Gives back one lease, once: its owner does not look at the bytes any more.</summary>
    public void Return()
    {
        if (Interlocked.Decrement(ref _leases) != 0)
            return;
        if (IsBlock)
        {
            LargeBuffers.Shared.Return(Bytes);
            return;
        }

        for (int i = 0; i < MaxSpare; i++)
        {
            if (Volatile.Read(ref Spare[i]) is null && Interlocked.CompareExchange(ref Spare[i], this, null) is null)
                return;
        }
    }
}
