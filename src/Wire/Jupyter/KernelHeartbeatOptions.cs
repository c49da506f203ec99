namespace Wire.Jupyter;

/// <summary>How often a kernel is pinged and what silence means.</summary>
public sealed record KernelHeartbeatOptions
{
    public static KernelHeartbeatOptions Default { get; } = new();

    /// <summary>Time from one ping to the next.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long one ping waits for its echo.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Silence after which a kernel counts as <see cref="KernelVitality.Lost"/>.</summary>
    public TimeSpan LostAfter { get; init; } = TimeSpan.FromSeconds(30);
}
