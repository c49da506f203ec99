using Xunit;

namespace Spawner.Tests;

public sealed class KernelMountPolicyTests
{
    [Theory]
    [InlineData("/srv/data", "/srv/course")]
    [InlineData("/data", "/usr/share/course")]
    [InlineData("/data/a b", "/homework")]
    [InlineData("/data", "/opt/course")]
    public void Course_data_may_be_where_nothing_else_is(string source, string target) => Assert.Null(KernelMountPolicy.Problem(new KernelMount(source, target)));

    [Theory]
    [InlineData("data", "/srv/course", "source")]
    [InlineData("/data/../etc", "/srv/course", "source")]
    [InlineData("/", "/srv/course", "whole file system")]
    [InlineData("/data", "", "missing")]
    [InlineData("/data", "srv", "no absolute path")]
    [InlineData("/data", "/srv//course", "plain form")]
    [InlineData("/data", "/srv/course/", "plain form")]
    [InlineData("/data", "/srv/./course", "plain form")]
    [InlineData("/data", "/srv/a\nb", "control")]
    [InlineData("/data", "/home/ada", "/home belongs")]
    [InlineData("/data", "/home", "/home belongs")]
    [InlineData("/data", "/run/notebook-kernel", "/run belongs")]
    [InlineData("/data", "/proc/sys", "/proc belongs")]
    [InlineData("/data", "/dev/shm", "/dev belongs")]
    [InlineData("/data", "/tmp", "/tmp belongs")]
    [InlineData("/data", "/etc/ssl", "/etc belongs")]
    [InlineData("/data", "/usr", "hide /usr/bin")]
    [InlineData("/data", "/var", "hide /var/run")]
    public void Nothing_hides_what_is_the_systems_the_homes_or_the_hubs(string source, string target, string why) =>
        Assert.Contains(why, KernelMountPolicy.Problem(new KernelMount(source, target)), StringComparison.Ordinal);

    [Fact]
    public void A_spawner_refuses_a_wrong_mount_and_a_target_that_is_taken()
    {
        SpawnRequest request = new() { KernelId = "1", UserName = "ada", KernelSpecName = "python3", Command = ["x"], HomeDirectory = "/homes/ada", Key = "k" };
        Assert.Null(SpawnRequestPolicy.Problem(request with { Mounts = [new KernelMount("/data", "/srv/a"), new KernelMount("/data", "/srv/b")], Gpus = "all" }));
        Assert.Contains("/proc", SpawnRequestPolicy.Problem(request with { Mounts = [new KernelMount("/data", "/proc")] }), StringComparison.Ordinal);
        Assert.Contains("one target", SpawnRequestPolicy.Problem(request with { Mounts = [new KernelMount("/data", "/srv/a"), new KernelMount("/more", "/srv/a")] }), StringComparison.Ordinal);
        Assert.Contains("GPUs", SpawnRequestPolicy.Problem(request with { Gpus = "-1" }), StringComparison.Ordinal);
    }
}
