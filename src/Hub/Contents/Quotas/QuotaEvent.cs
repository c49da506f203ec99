namespace Hub.Contents.Quotas;

/// <summary>What can happen to the homes that are watched; times count from the start of the hub.</summary>
internal abstract record QuotaEvent
{
    /// <summary>The hub opened a home.</summary>
    public sealed record Opened(string User, TimeSpan At, bool IsImage) : QuotaEvent;

    /// <summary>The hub wrote into a home or removed something from it.</summary>
    public sealed record Changed(string User) : QuotaEvent;

    /// <summary>A measurement is over; null when it failed.</summary>
    public sealed record Measured(string User, TimeSpan At, TimeSpan Took, HomeUsage? Usage) : QuotaEvent;

    /// <summary>Time to see what is to be done.</summary>
    /// <param name="AtWork">Users whose kernels are at work.</param>
    public sealed record Looked(TimeSpan At, IReadOnlySet<string> AtWork) : QuotaEvent;
}
