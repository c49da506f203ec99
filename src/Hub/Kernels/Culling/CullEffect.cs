namespace Hub.Kernels.Culling;

/// <summary>What is to be done after a look at a kernel.</summary>
public abstract record CullEffect
{
    /// <summary>Its pages are to be told that it will be stopped at <paramref name="At"/>.</summary>
    public sealed record Warn(CullCause Cause, DateTimeOffset At) : CullEffect;

    /// <summary>What they were told does not hold any more.</summary>
    public sealed record Withdraw(CullCause Cause) : CullEffect;

    /// <summary>It is to be stopped.</summary>
    public sealed record End(CullCause Cause) : CullEffect;
}
