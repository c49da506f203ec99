namespace Hub.Contents.Quotas;

/// <summary>
/// What may still be written into one home: what was measured last, and what the hub itself added and removed since. All that the hub writes into homes passes
/// here before it reaches the disk; reading and removing ask nothing. Before the first measurement a home counts as empty.
/// </summary>
internal sealed class HomeAllowance(long limitBytes)
{
    private readonly Lock _gate = new();
    private long _limit = limitBytes;
    private long? _measured;
    private long _since;
    private long _atBegin;
    private long _changes;

    /// <summary>Another one from now on where a group, a class or an operator says so.</summary>
    public long LimitBytes => Interlocked.Read(ref _limit);

    /// <summary>Grows whenever the hub writes or removes something, and whenever it is to be measured anew for another reason.</summary>
    public long Changes => Interlocked.Read(ref _changes);

    /// <summary>Room for one file more where no other is; null in homes that are directories.</summary>
    public SpareFiles? Spare { get; init; }

    /// <summary>Null until it was measured.</summary>
    public HomeUsage? Usage
    {
        get
        {
            lock (_gate)
                return _measured is null ? null : Now();
        }
    }

    /// <summary>Room for <paramref name="bytes"/> more; 0 asks only whether there is any.</summary>
    /// <param name="path">What is to be written; for the message.</param>
    /// <exception cref="ContentException">507: they would exceed the limit.</exception>
    public void Take(long bytes, string path)
    {
        HomeUsage usage;
        lock (_gate)
        {
            usage = Now();
            if (usage.UsedBytes + Math.Max(bytes, 1) <= LimitBytes)
            {
                _since += bytes;
                if (bytes > 0)
                    Interlocked.Increment(ref _changes);
                return;
            }
        }
        throw new ContentException(ContentFailure.NoSpace, UsageText.Refusal(path, usage), "quota");
    }

    /// <summary>So much it may hold from now on. Measured again when that is new, so that pages are told.</summary>
    public void Limit(long bytes)
    {
        if (Interlocked.Exchange(ref _limit, bytes) != bytes)
            Doubt();
    }

    /// <summary>What was measured last may be so no more.</summary>
    public void Doubt() => Interlocked.Increment(ref _changes);

    /// <summary>Bytes that were removed, or not written after all.</summary>
    public void Give(long bytes)
    {
        if (bytes == 0)
            return;
        lock (_gate)
        {
            _since -= bytes;
            Interlocked.Increment(ref _changes);
        }
    }

    /// <summary>A measurement that takes its time begins: what is written from now on it may see or miss, so it is counted beside it.</summary>
    public void Begin()
    {
        lock (_gate)
            _atBegin = _since;
    }

    /// <summary>The measurement that began last is over.</summary>
    public void End(long usedBytes)
    {
        lock (_gate)
        {
            _measured = usedBytes;
            _since -= _atBegin;
            _atBegin = 0;
        }
    }

    /// <summary>Used bytes as the file system itself keeps count of them.</summary>
    public void Know(long usedBytes)
    {
        lock (_gate)
        {
            _measured = usedBytes;
            _since = _atBegin = 0;
        }
    }

    private HomeUsage Now() => new(Math.Max(0, (_measured ?? 0) + _since), LimitBytes);
}
