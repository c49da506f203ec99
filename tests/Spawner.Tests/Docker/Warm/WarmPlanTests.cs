using Spawner.Docker;
using Spawner.Docker.Warm;
using Spawner.Posix;
using Xunit;

namespace Spawner.Tests.Docker.Warm;

/// <summary>Which starts a container made ahead fits, and what is done next.</summary>
public sealed class WarmPlanTests
{
    private static readonly SpawnSite s_site = new("hub", "/run/hub");

    private static SpawnRequest Request => new()
    {
        KernelId = "1",
        UserName = "ada",
        KernelSpecName = "python3",
        HomeDirectory = "/homes/ada",
        Key = "k",
        Image = "image",
        UserId = 5,
        GroupId = 5,
        Command = ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        Limits = new ResourceLimits(MemoryBytes: 1 << 30),
        Environment = new Dictionary<string, string> { ["LESSON"] = "one" },
    };

    [Theory]
    [InlineData(true, "python3 -m ipykernel_launcher -f {connection_file}")]
    [InlineData(true, "/opt/env/bin/python3.12 -Xfrozen_modules=off -s -m ipykernel -f {connection_file} --matplotlib=inline")]
    [InlineData(false, "python3 script.py -m ipykernel_launcher")]
    [InlineData(false, "python3 -c pass -m ipykernel_launcher")]
    [InlineData(false, "python3 -X dev -m ipykernel_launcher")]
    [InlineData(false, "python3 -m other -f {connection_file}")]
    [InlineData(false, "python3 -m")]
    [InlineData(false, "R --slave -m ipykernel_launcher")]
    [InlineData(false, "-m ipykernel_launcher")]
    public void Only_the_command_of_ipykernel_is_started_ahead(bool can, string command) => Assert.Equal(can, WarmCommand.Of(command.Split(' ')) is not null);

    [Fact]
    public void Whose_it_is_and_how_much_it_may_take_do_not_change_the_shape_and_all_else_does()
    {
        string shape = Shape(Request);
        Assert.Equal(shape, Shape(Request with { KernelId = "2", UserName = "bob", HomeDirectory = "/homes/bob", UserId = 6, GroupId = 6, WorkingDirectory = "x", Key = "z" }));
        Assert.Equal(shape, Shape(Request with { Limits = new ResourceLimits(MemoryBytes: 2 << 20, Processes: 99) }));
        Assert.Equal(shape, Shape(Request with { Environment = new Dictionary<string, string> { ["LESSON"] = "two", ["JPY_SESSION_NAME"] = "n" } }));
        foreach (SpawnRequest other in new[]
        {
            Request with { Image = "other" },
            Request with { Command = [.. Request.Command, "--debug"] },
            Request with { Limits = new ResourceLimits(MemoryBytes: 1 << 30, Cpus: 1) },
            Request with { Limits = new ResourceLimits(MemoryBytes: 1 << 30, OpenFiles: 100) },
            Request with { Limits = new ResourceLimits(MemoryBytes: 1 << 30, TemporaryBytes: 1 << 20) },
            Request with { Environment = new Dictionary<string, string> { ["PYTHONPATH"] = "/x" } },
            Request with { Environment = new Dictionary<string, string> { ["LANG"] = "de_DE.UTF-8" } },
        })
            Assert.NotEqual(shape, Shape(other));
        // With modules of one's own nobody knows which variables were read.
        Assert.NotEqual(Shape(Request, "numpy"), Shape(Request with { Environment = new Dictionary<string, string> { ["LESSON"] = "two" } }, "numpy"));
        Assert.NotEqual(shape, Shape(Request, "numpy"));
    }

    [Fact]
    public void A_container_made_ahead_has_nothing_of_anybody()
    {
        ContainerPlan warm = WarmPlan.For(Plan(Request with { UserName = "nobody", HomeDirectory = "/" }), "abc", "nbh-hub-pabc", 1_800_000_001, "hub", "/run/hub/p/abc/homes", "script", ["numpy"]);
        Assert.Equal("1800000001:1800000001", warm.Body.User);
        Assert.Equal(["python3", "-c", "script"], warm.Body.Entrypoint);
        Assert.Equal(["/run/notebook-kernel", "numpy"], warm.Body.Cmd);
        Assert.Contains("HOME=/nonexistent", warm.Body.Env);
        Assert.Contains("LESSON=one", warm.Body.Env);
        Assert.DoesNotContain(warm.Body.Env, pair => pair.StartsWith("USER=", StringComparison.Ordinal) || pair.StartsWith("LOGNAME=", StringComparison.Ordinal));
        Assert.Equal(["notebook-hub.hub", "notebook-hub.slot"], warm.Body.Labels.Keys.Order());
        Assert.Equal(["/home", "/run/notebook-kernel"], warm.Body.HostConfig.Mounts.Select(mount => mount.Target));
        Assert.Equal(("rslave", true), (warm.Body.HostConfig.Mounts[0].BindOptions!.Propagation, warm.Body.HostConfig.Mounts[0].ReadOnly));
        Assert.Equal("none", warm.Body.HostConfig.NetworkMode);
        Assert.Null(WarmPlan.Difference(warm.Body.HostConfig, Plan(Request).Body.HostConfig));
        Assert.Equal(new LimitsBody { Memory = 5 << 20, MemorySwap = 5 << 20 }, WarmPlan.Difference(warm.Body.HostConfig, Plan(Request with { Limits = new ResourceLimits(MemoryBytes: 5 << 20) }).Body.HostConfig));
    }

    [Fact]
    public void What_cannot_be_made_ahead_is_named()
    {
        Assert.Null(WarmPlan.Problem(Plan(Request)));
        Assert.Contains("ipykernel", WarmPlan.Problem(Plan(Request with { Command = ["R"] })), StringComparison.Ordinal);
        Assert.Contains("network", WarmPlan.Problem(Plan(Request, new DockerOptions { Network = "bridge" })), StringComparison.Ordinal);
        Assert.Contains("Docker:Channels", WarmPlan.Problem(ContainerPlan.For(Request, new DockerOptions(), s_site, "image", "/d", (5, 5), default)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_nobody_wants_goes_first_and_what_is_missing_most_is_made()
    {
        WarmWish few = new("few", "1", 2, true), many = new("many", "1", 10, true);
        (string, string, string)[] slots = [("a", "few", "1"), ("b", "many", "1"), ("c", "many", "0")];
        Assert.Equal("c", WarmPolicy.Surplus([few, many], slots));
        Assert.Null(WarmPolicy.Surplus([few, many], slots[..2]));
        Assert.Equal("b", WarmPolicy.Surplus([few], slots[..2]));
        Assert.Equal("b", WarmPolicy.Surplus([few with { Count = 1 }], [("a", "few", "1"), ("b", "few", "1")]));
        Assert.Equal(many, WarmPolicy.Missing([few, many], slots));
        Assert.Equal(few, WarmPolicy.Missing([few, many with { MayMake = false }], slots));
        Assert.Null(WarmPolicy.Missing([few with { Count = 1 }], slots));
    }

    [Theory]
    [InlineData(200_005, 1_800_000_000, "0 0 200005\n200005 1800000000 1\n200006 200006 1799799994\n1800000000 200005 1\n1800000001 1800000001 2494967294\n")]
    [InlineData(1, 0, "0 1 1\n1 0 1\n2 2 4294967293\n")]
    [InlineData(7, 7, "0 0 7\n7 7 4294967288\n")]
    public void Two_ids_are_swapped_and_no_id_is_left_out(int one, int other, string map)
    {
        Assert.Equal(map, IdMap.Swapping(one, other));
        Assert.Equal(map, IdMap.Swapping(other, one));
        Assert.Equal(4_294_967_295, map.Split('\n', StringSplitOptions.RemoveEmptyEntries).Sum(line => long.Parse(line.Split(' ')[2], System.Globalization.CultureInfo.InvariantCulture)));
    }

    private static ContainerPlan Plan(SpawnRequest request, DockerOptions? options = null) => ContainerPlan.For(request, options ?? new DockerOptions(), s_site, request.Image!, null, (request.UserId!.Value, request.UserId.Value), default);

    private static string Shape(SpawnRequest request, params string[] modules) => WarmPlan.ShapeOf(Plan(request), modules);
}
