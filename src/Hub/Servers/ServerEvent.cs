namespace Hub.Servers;

/// <summary>What can happen to a server.</summary>
internal abstract record ServerEvent(DateTimeOffset At)
{
    internal sealed record StartAsked(DateTimeOffset At) : ServerEvent(At);

    internal sealed record StopAsked(DateTimeOffset At) : ServerEvent(At);

    /// <summary>Everything it kept alive is gone.</summary>
    internal sealed record PartsStopped(DateTimeOffset At) : ServerEvent(At);

    internal sealed record UserActed(DateTimeOffset At) : ServerEvent(At);
}
