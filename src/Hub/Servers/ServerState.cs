namespace Hub.Servers;

/// <summary>The life of one server: stopped, running, stopping, stopped. Decides; does nothing.</summary>
internal sealed record ServerState(ServerPhase Phase, DateTimeOffset Started, DateTimeOffset LastActivity)
{
    public static ServerState Stopped { get; } = new(ServerPhase.Stopped, default, default);

    /// <summary>The next state and what must be done. What does not fit the phase (starting what runs, stopping what stops) changes nothing.</summary>
    public (ServerState State, ServerEffect Effect) Apply(ServerEvent happened) => (Phase, happened) switch
    {
        (ServerPhase.Stopped, ServerEvent.StartAsked asked) => (new ServerState(ServerPhase.Running, asked.At, asked.At), ServerEffect.Save),
        (ServerPhase.Running, ServerEvent.StopAsked) => (this with { Phase = ServerPhase.Stopping }, ServerEffect.StopParts),
        (ServerPhase.Stopping, ServerEvent.PartsStopped) => (Stopped, ServerEffect.Remove),
        (ServerPhase.Running, ServerEvent.UserActed acted) when acted.At > LastActivity => (this with { LastActivity = acted.At }, ServerEffect.None),
        _ => (this, ServerEffect.None),
    };
}
