using Spawner.Docker;
using Xunit;

namespace Spawner.Tests;

public sealed class ExitTests
{
    private static EngineAnswers.ContainerState Ended(int code, bool flag = false, string status = "exited") => new(status, false, false, flag, code);

    [Theory]
    [InlineData(0, KernelExitCause.Exited, null)]
    [InlineData(3, KernelExitCause.Exited, null)]
    [InlineData(137, KernelExitCause.Signalled, 9)]
    [InlineData(139, KernelExitCause.Signalled, 11)]
    [InlineData(255, KernelExitCause.Exited, null)]
    public void A_status_above_128_is_a_signal(int status, KernelExitCause cause, int? signal)
    {
        KernelExit exit = ExitStatus.Read(status, "");

        Assert.Equal((cause, status, signal), (exit.Cause, exit.Code, exit.Signal));
    }

    [Fact]
    public void Memory_is_blamed_when_the_event_came_with_the_end() =>
        Assert.Equal(KernelExitCause.OutOfMemory, ContainerExit.Read(Ended(137), new ContainerDeath(true), false, "")!.Cause);

    [Fact]
    public void Memory_is_not_blamed_for_a_child_that_was_killed_before() =>
        Assert.Equal(KernelExitCause.Signalled, ContainerExit.Read(Ended(137, flag: true), new ContainerDeath(false), false, "")!.Cause);

    [Fact]
    public void The_engines_flag_counts_when_nobody_heard_the_end() =>
        Assert.Equal(KernelExitCause.OutOfMemory, ContainerExit.Read(Ended(137, flag: true), null, false, "")!.Cause);

    [Fact]
    public void A_stop_is_a_stop_whatever_the_exit_code() =>
        Assert.Equal(KernelExitCause.Stopped, ContainerExit.Read(Ended(137), new ContainerDeath(true), true, "")!.Cause);

    [Fact]
    public void What_is_gone_or_going_was_removed()
    {
        Assert.Equal(KernelExitCause.Removed, ContainerExit.Read(null, null, false, "")!.Cause);
        Assert.Equal(KernelExitCause.Removed, ContainerExit.Read(Ended(137, status: "removing"), null, false, "")!.Cause);
    }

    [Fact]
    public void A_running_container_has_no_exit() => Assert.Null(ContainerExit.Read(new EngineAnswers.ContainerState("running", true, false, true, 0), null, false, ""));
}
