using Hub.KernelSpecs;
using Xunit;

namespace Hub.Tests.KernelSpecs;

/// <summary>What may be written of an environment, and how what may not is refused.</summary>
public sealed class EnvironmentPolicyTests
{
    private const string Digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Fact]
    public void All_there_is_to_say_may_be_said_at_once() => Assert.Null(EnvironmentPolicy.Problem("x", new KernelSpecOptions
    {
        Image = "registry.example.org:5000/Course/lab:2026.1",
        PinnedDigest = Digest,
        Network = "classroom",
        Gpus = "2",
        Mounts = [new() { Source = "/srv/data", Target = "/srv/course" }],
        Groups = ["class-12"],
        MemoryBytes = 1 << 30,
    }, containers: true));

    [Theory]
    [InlineData("")]
    [InlineData("none")]
    [InlineData("internet")]
    [InlineData("classroom")]
    public void A_network_may_be_none_the_internet_or_a_name(string network) => Assert.Null(EnvironmentPolicy.Problem("x", new KernelSpecOptions { Image = "i", Network = network }, containers: true));

    [Fact]
    public void Local_processes_have_no_network_of_their_own() =>
        Assert.Contains("x:Network needs kernels in containers", EnvironmentPolicy.Problem("x", new KernelSpecOptions { Network = "internet" }, containers: false), StringComparison.Ordinal);

    [Theory]
    [InlineData("host", "network of the machine")]
    [InlineData("container:abc", "of another container")]
    [InlineData("a b", "no name of a network")]
    public void A_network_is_none_or_one_of_the_engine(string network, string why) => Refused(new KernelSpecOptions { Image = "i", Network = network }, "x:Network: ", why);

    [Theory]
    [InlineData("../containers/json")]
    [InlineData("a//b")]
    [InlineData("a b")]
    [InlineData("a?b")]
    [InlineData("name@sha256:12")]
    public void An_image_has_the_name_of_an_image(string image) => Refused(new KernelSpecOptions { Image = image }, "x:Image: ", "no name of an image");

    [Theory]
    [InlineData("latest")]
    [InlineData("sha256:12")]
    [InlineData(Digest + "0")]
    public void A_pin_is_a_digest(string pinned) => Refused(new KernelSpecOptions { Image = "i", PinnedDigest = pinned }, "x:PinnedDigest", "64 digits");

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("many")]
    [InlineData("1000")]
    public void GPUs_are_counted_or_all(string gpus) => Refused(new KernelSpecOptions { Image = "i", Gpus = gpus }, "x:Gpus", "");

    [Fact]
    public void A_limit_out_of_its_range_is_named() => Refused(new KernelSpecOptions { Image = "i", MemoryBytes = 5 }, "x:MemoryBytes", "between");

    [Fact]
    public void The_mount_that_is_wrong_is_named_by_its_place()
    {
        MountOptions good = new() { Source = "/srv/data", Target = "/srv/course" };
        Refused(new KernelSpecOptions { Image = "i", Mounts = [good, new() { Source = "/srv/data", Target = "/home/ada" }] }, "x:Mounts:1: ", "/home belongs");
        Refused(new KernelSpecOptions { Image = "i", Mounts = [good, good] }, "x:Mounts:1: ", "another mount");
        Refused(new KernelSpecOptions { Image = "i", Mounts = [.. Enumerable.Repeat(good, 40)] }, "x:Mounts: ", "more than 32");
    }

    [Fact]
    public void What_only_containers_can_be_given_is_refused_where_kernels_are_local_processes()
    {
        Assert.Null(EnvironmentPolicy.Problem("x", new KernelSpecOptions { Groups = ["a"], OpenFiles = 1024 }, containers: false));
        foreach (KernelSpecOptions entry in new KernelSpecOptions[]
        {
            new() { Image = "i" }, new() { PinnedDigest = Digest }, new() { Network = "none" }, new() { Gpus = "all" }, new() { MemoryBytes = 1 << 30 }, new() { Cpus = 1 }, new() { Mounts = [new() { Source = "/srv/data", Target = "/srv/course" }] },
        })
        {
            Assert.Contains("local processes", EnvironmentPolicy.Problem("x", entry, containers: false), StringComparison.Ordinal);
        }
    }

    private static void Refused(KernelSpecOptions entry, string key, string why)
    {
        string? problem = EnvironmentPolicy.Problem("x", entry, containers: true);
        Assert.StartsWith(key, problem, StringComparison.Ordinal);
        Assert.Contains(why, problem, StringComparison.Ordinal);
    }
}
