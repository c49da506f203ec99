namespace Hub.Contents.Quotas;

/// <summary>What <see cref="QuotaState"/> knows of one home; times count from the start of the hub.</summary>
/// <param name="UsedAt">When the hub last opened it.</param>
/// <param name="IsImage">The file system keeps count; asking costs nothing.</param>
internal sealed record WatchedHome(TimeSpan UsedAt, bool IsImage)
{
    /// <summary>End of the last measurement, also of one that failed; null before the first.</summary>
    public TimeSpan? MeasuredAt { get; init; }

    /// <summary>How long the last one took.</summary>
    public TimeSpan Took { get; init; }

    /// <summary>One is under way.</summary>
    public bool IsMeasuring { get; init; }

    /// <summary>The hub wrote or removed something since the last one began.</summary>
    public bool HasChanged { get; init; }

    public UsageLevel Level { get; init; }

    /// <summary>As pages were told; null before the first time.</summary>
    public int? Percent { get; init; }

    /// <summary>As pages were told; 0 before the first time.</summary>
    public long LimitBytes { get; init; }
}
