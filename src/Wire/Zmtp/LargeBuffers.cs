namespace Wire.Zmtp;

/// <summary>
/// Blocks of long messages, used again: a fresh block of some megabytes costs a page fault for each of its pages and is what makes the garbage
/// collector run. Spare ones are held weakly, so that a collection takes them and a hub that went quiet holds none.
/// </summary>
internal sealed class LargeBuffers
{
    /// <summary>Shorter ones are cheap for the garbage collector.</summary>
    public const int LeastBytes = 64 * 1024;

    private const int MaxSpare = 16;
    private const long MaxSpareBytes = 64L << 20;

    // A block may be longer than what is asked for by this factor.
    private const int MaxTooLong = 4;

    private readonly Lock _gate = new();
    private readonly List<WeakReference<byte[]>> _spare = [];

    /// <summary>Those of all connections.</summary>
    public static LargeBuffers Shared { get; } = new();

    /// <summary>At least <paramref name="bytes"/>, with any content.</summary>
    /// <exception cref="OutOfMemoryException">There is no array of that length.</exception>
    public byte[] Rent(long bytes)
    {
        if (bytes >= LeastBytes && TryTake(bytes) is { } spare)
            return spare;
        return GC.AllocateUninitializedArray<byte>((int)Math.Min(Rounded(bytes), Array.MaxLength));
    }

    /// <summary>Nobody looks at it any more.</summary>
    public void Return(byte[] block)
    {
        if (block.Length is < LeastBytes)
            return;
        lock (_gate)
        {
            long held = block.Length;
            for (int i = _spare.Count - 1; i >= 0; i--)
            {
                if (!_spare[i].TryGetTarget(out byte[]? there))
                    _spare.RemoveAt(i);
                else
                    held += there.Length;
            }

            if (_spare.Count < MaxSpare && held <= MaxSpareBytes)
                _spare.Add(new WeakReference<byte[]>(block));
        }
    }

    private byte[]? TryTake(long bytes)
    {
        lock (_gate)
        {
            // The newest first: it is in the processor's caches if any is.
            for (int i = _spare.Count - 1; i >= 0; i--)
            {
                if (!_spare[i].TryGetTarget(out byte[]? block))
                {
                    _spare.RemoveAt(i);
                }
                else if (block.Length >= bytes && block.Length / MaxTooLong <= bytes)
                {
                    _spare.RemoveAt(i);
                    return block;
                }
            }
        }

        return null;
    }

    // By an eighth of the power of two below, so that messages of nearly the same length fit each other's blocks.
    private static long Rounded(long bytes)
    {
        if (bytes < LeastBytes)
            return bytes;
        long step = 1L << (60 - (int)long.LeadingZeroCount(bytes));
        return (bytes + step - 1) & -step;
    }
}
