namespace Hub.Events.Audit;

/// <summary>Which records; null stands for all.</summary>
internal sealed record AuditQuery
{
    public string? Kind { get; init; }

    public string? By { get; init; }

    public string? User { get; init; }

    public DateTimeOffset? Since { get; init; }

    /// <summary>Before this moment.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Only records behind this number, oldest first.</summary>
    public long After { get; init; }

    /// <summary>Only records before this number.</summary>
    public long? Before { get; init; }

    /// <summary>The newest records instead of the oldest, in that order.</summary>
    public bool NewestFirst { get; init; }

    public int Limit { get; init; } = 100;
}
