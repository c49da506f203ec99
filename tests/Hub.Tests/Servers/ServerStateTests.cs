using Hub.Servers;
using Xunit;

namespace Hub.Tests.Servers;

public sealed class ServerStateTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_life_goes_from_stopped_over_running_and_stopping_to_stopped()
    {
        (ServerState running, ServerEffect save) = ServerState.Stopped.Apply(new ServerEvent.StartAsked(Noon));
        (ServerState stopping, ServerEffect stopParts) = running.Apply(new ServerEvent.StopAsked(Noon));
        (ServerState stopped, ServerEffect remove) = stopping.Apply(new ServerEvent.PartsStopped(Noon));
        Assert.Equal([ServerPhase.Running, ServerPhase.Stopping, ServerPhase.Stopped], [running.Phase, stopping.Phase, stopped.Phase]);
        Assert.Equal([ServerEffect.Save, ServerEffect.StopParts, ServerEffect.Remove], [save, stopParts, remove]);
    }

    [Fact]
    public void What_does_not_fit_the_phase_changes_nothing()
    {
        ServerState running = ServerState.Stopped.Apply(new ServerEvent.StartAsked(Noon)).State;
        ServerState stopping = running.Apply(new ServerEvent.StopAsked(Noon)).State;
        foreach ((ServerState state, ServerEvent happened) in new (ServerState, ServerEvent)[]
        {
            (ServerState.Stopped, new ServerEvent.StopAsked(Noon)),
            (ServerState.Stopped, new ServerEvent.UserActed(Noon)),
            (running, new ServerEvent.StartAsked(Noon.AddHours(1))),
            (running, new ServerEvent.PartsStopped(Noon)),
            (stopping, new ServerEvent.StartAsked(Noon)),
            (stopping, new ServerEvent.StopAsked(Noon)),
        })
            Assert.Equal((state, ServerEffect.None), state.Apply(happened));
    }

    [Fact]
    public void Activity_only_moves_forward()
    {
        ServerState running = ServerState.Stopped.Apply(new ServerEvent.StartAsked(Noon)).State;
        ServerState later = running.Apply(new ServerEvent.UserActed(Noon.AddMinutes(5))).State;
        Assert.Equal(Noon.AddMinutes(5), later.LastActivity);
        Assert.Equal(later, later.Apply(new ServerEvent.UserActed(Noon.AddMinutes(1))).State);
    }
}
