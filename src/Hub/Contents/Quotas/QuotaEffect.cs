namespace Hub.Contents.Quotas;

/// <summary>What follows from what happened to the homes that are watched.</summary>
internal abstract record QuotaEffect(string User)
{
    /// <summary>Measure it.</summary>
    public sealed record Measure(string User) : QuotaEffect(User);

    /// <summary>Its pages are to know.</summary>
    /// <param name="Before">The level told last.</param>
    public sealed record Tell(string User, HomeUsage Usage, UsageLevel Level, UsageLevel Before) : QuotaEffect(User);

    /// <summary>It holds more than kernels are let write: what is at work in it is to be stopped.</summary>
    public sealed record Stop(string User, HomeUsage Usage) : QuotaEffect(User);

    /// <summary>Nobody uses it any more.</summary>
    public sealed record Rest(string User) : QuotaEffect(User);
}
