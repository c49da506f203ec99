using System.Text.Json;
using System.Text.Json.Serialization;
using Spawner.Docker;
using Spawner.Docker.Internet;
using Spawner.Docker.Warm;
using Xunit;

namespace Spawner.Tests.Docker;

public sealed class ContainerPlanTests
{
    private static readonly SpawnSite Site = new("0123456789ab", "/data/run");

    private static readonly SpawnRequest Request = new()
    {
        KernelId = "11111111-2222-3333-4444-555555555555",
        UserName = "ada",
        KernelSpecName = "python3",
        Command = ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}", "--res={resource_dir}"],
        ResourceDirectory = "/usr/share/jupyter/kernels/python3",
        HomeDirectory = "/data/homes/ada",
        WorkingDirectory = "lessons",
        UserId = 200_001,
        GroupId = 200_001,
        Key = "secret-key",
        Image = "notebook-hub/python",
    };

    private static long? MemoryOf(ContainerPlan plan) =>
        ContainerLabels.Read("c", plan.Body.Labels, new KernelEndpoint("ipc", "/run/k", 1, 2, 3, 4, 5, "key")).MemoryLimit;

    private static ContainerPlan Plan(SpawnRequest request, DockerOptions? options = null, string? directory = null) =>
        ContainerPlan.For(request, options ?? new DockerOptions(), Site, request.Image!, directory, (200_001, 200_001), DateTimeOffset.UnixEpoch);

    [Fact]
    public void A_GPU_is_asked_for_in_the_engines_words_and_not_at_all_where_none_is_wanted()
    {
        JsonSerializerOptions asSent = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
        Assert.Contains("""
            "DeviceRequests":[{"Driver":"","Count":-1,"Capabilities":[["gpu"]]}]
            """, JsonSerializer.Serialize(Plan(Request with { Gpus = "all" }).Body, asSent), StringComparison.Ordinal);
        Assert.Equal(2, Assert.Single(Plan(Request with { Gpus = "2" }).Body.HostConfig.DeviceRequests!).Count);
        Assert.DoesNotContain("DeviceRequests", JsonSerializer.Serialize(Plan(Request).Body, asSent), StringComparison.Ordinal);
    }

    [Fact]
    public void Mounts_come_after_home_and_sockets_and_show_no_file_system_below_them()
    {
        IReadOnlyList<ContainerBody.MountPoint> mounts = Plan(Request with { Mounts = [new KernelMount("/srv/data", "/srv/course"), new KernelMount("/srv/drop", "/srv/drop", ReadOnly: false)] }).Body.HostConfig.Mounts;

        Assert.Equal(["/home/ada", ContainerPlan.Channels, "/srv/course", "/srv/drop"], mounts.Select(mount => mount.Target));
        Assert.Equal((true, false), (mounts[2].ReadOnly, mounts[3].ReadOnly));
        Assert.All(mounts.Skip(2), mount => Assert.True(mount.BindOptions!.NonRecursive));
    }

    [Fact]
    public void The_network_internet_is_the_hubs_own_and_asks_the_servers_of_names_that_are_set_for_it()
    {
        DockerOptions options = new() { Internet = new InternetOptions { Resolvers = ["10.0.0.53"] } };
        ContainerBody.Host host = Plan(Request with { Network = "internet" }, options).Body.HostConfig;
        Assert.Equal(("nbh-0123456789ab-internet", "10.0.0.53"), (host.NetworkMode, Assert.Single(host.Dns!)));
        Assert.Equal("nbh-0123456789ab-internet", Plan(Request, new DockerOptions { Network = "internet" }).Body.HostConfig.NetworkMode);
        Assert.Null(Plan(Request with { Network = "internet" }).Body.HostConfig.Dns);
        Assert.Null(Plan(Request with { Network = "classroom" }, options).Body.HostConfig.Dns);
        Assert.Contains("network", WarmPlan.Problem(Plan(Request with { Network = "internet", Command = ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"] })), StringComparison.Ordinal);
    }

    [Fact]
    public void The_network_of_the_request_wins_over_the_options()
    {
        Assert.Equal("classroom", Plan(Request with { Network = "classroom" }).Body.HostConfig.NetworkMode);
        Assert.Equal("none", Plan(Request with { Network = "none" }, new DockerOptions { Network = "classroom" }).Body.HostConfig.NetworkMode);
    }

    [Fact]
    public void Every_kernel_is_locked_in()
    {
        ContainerBody.Host host = Plan(Request).Body.HostConfig;

        Assert.Equal("none", host.NetworkMode);
        Assert.True(host.Init);
        Assert.True(host.ReadonlyRootfs);
        Assert.Equal(["ALL"], host.CapDrop);
        Assert.Equal(["no-new-privileges"], host.SecurityOpt);
        Assert.Equal("private", host.IpcMode);
        Assert.NotNull(host.PidsLimit);
        Assert.NotNull(host.Memory);
        Assert.Equal(host.Memory, host.MemorySwap);
        Assert.Equal("200001:200001", Plan(Request).Body.User);
    }

    [Fact]
    public void Limits_of_the_kernelspec_win_over_the_options()
    {
        ContainerBody.Host host = Plan(Request with { Limits = new ResourceLimits(1000, 1.5, 20, 30, 40, 50) }).Body.HostConfig;

        Assert.Equal((1000, 1_500_000_000, 20), (host.Memory, host.NanoCpus, host.PidsLimit));
        Assert.Contains("size=40,nr_inodes=100000,", host.Tmpfs["/dev/shm"], StringComparison.Ordinal);
        Assert.Equal(1000, MemoryOf(Plan(Request with { Limits = new ResourceLimits(1000) })));
        Assert.Equal(new ContainerBody.Limit("nofile", 30, 30), host.Ulimits[0]);
        Assert.Contains("size=50,nr_inodes=100000,", host.Tmpfs["/tmp"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_memory_of_zero_means_no_limit()
    {
        ContainerBody.Host host = Plan(Request, new DockerOptions { MemoryBytes = 0, Cpus = 0 }).Body.HostConfig;

        Assert.Equal((null, null, null), (host.Memory, host.MemorySwap, host.NanoCpus));
        Assert.Null(MemoryOf(Plan(Request, new DockerOptions { MemoryBytes = 0 })));
    }

    [Fact]
    public void A_restarted_hub_reads_from_the_labels_what_the_container_is_held_to() =>
        Assert.Equal(2L << 30, MemoryOf(Plan(Request, new DockerOptions { MemoryBytes = 2L << 30 })));

    [Fact]
    public void The_home_is_mounted_under_the_users_name_and_the_command_is_filled_in()
    {
        ContainerBody body = Plan(Request).Body;

        Assert.Contains(new ContainerBody.MountPoint("bind", "/data/homes/ada", "/home/ada"), body.HostConfig.Mounts);
        Assert.Equal(["/run/notebook-kernel/file/connection.json", "/home/ada/lessons", "python3", "-m", "ipykernel_launcher", "-f", "/run/notebook-kernel/file/connection.json", "--res=/usr/share/jupyter/kernels/python3"], body.Cmd);
    }

    [Theory]
    [InlineData("ada", "/home/ada")]
    [InlineData("ada@example.org", "/home/ada@example.org")]
    [InlineData("../root", "/home/_.._root")]
    [InlineData("a/b:c", "/home/a_b_c")]
    [InlineData("Zoë", "/home/Zo_")]
    [InlineData("-rf", "/home/_-rf")]
    public void A_user_name_becomes_one_harmless_segment(string user, string home) => Assert.Equal(home, UserHome.PathFor(user));

    [Fact]
    public void The_kernels_variables_cannot_replace_who_it_is()
    {
        ContainerBody body = Plan(Request with { Environment = new Dictionary<string, string> { ["HOME"] = "/root", ["LESSON"] = "a b", ["with-dash"] = "x", ["LANG"] = "de_DE.UTF-8" } }).Body;

        Assert.Contains("HOME=/home/ada", body.Env);
        Assert.Contains("LOGNAME=ada", body.Env);
        Assert.Contains("LESSON=a b", body.Env);
        Assert.Contains("LANG=de_DE.UTF-8", body.Env);
        Assert.DoesNotContain(body.Env, variable => variable.StartsWith("with-dash", StringComparison.Ordinal));
    }

    [Fact]
    public void The_key_is_in_nothing_the_engine_keeps()
    {
        string everything = System.Text.Json.JsonSerializer.Serialize(Plan(Request));

        Assert.DoesNotContain(Request.Key, everything, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_give_back_the_kernel_as_it_was_started()
    {
        SpawnRequest request = Request with { InterruptMode = InterruptMode.Message, Labels = new Dictionary<string, string> { ["path"] = "a b.ipynb" } };
        ContainerPlan plan = Plan(request, directory: "/data/run/d/x");

        SpawnedKernel kernel = ContainerLabels.Read("container", plan.Body.Labels, ConnectionFile.Endpoint("/data/run/d/x", "k"));

        Assert.Equal((request.KernelId, "ada", "python3", InterruptMode.Message, DateTimeOffset.UnixEpoch), (kernel.KernelId, kernel.UserName, kernel.KernelSpecName, kernel.InterruptMode, kernel.StartedAt));
        Assert.Equal("a b.ipynb", kernel.Labels["path"]);
        Assert.Equal(200_001, ContainerLabels.UserIdOf(plan.Body.Labels));
        Assert.Equal("/data/run/d/x", ContainerLabels.DirectoryOf(plan.Body.Labels));
        Assert.Null(plan.Volume);
    }

    [Fact]
    public void The_volume_is_small_and_the_kernels_own()
    {
        ContainerPlan plan = Plan(Request);

        Assert.Equal("size=256k,nr_inodes=64,uid=200001,gid=200001,mode=0700", plan.Volume!.DriverOpts["o"]);
        Assert.Equal("tmpfs", plan.Volume.DriverOpts["type"]);
        // Each start has a volume of its own: that of the one before may not have gone yet.
        Assert.Equal("nbh-0123456789ab-111111112222", plan.Name);
        Assert.Equal(plan.Name + "-f7b58000", plan.Volume.Name);
        Assert.Equal(plan.Volume.Name, ContainerLabels.VolumeOf(plan.Body.Labels));
        Assert.Contains(plan.Body.HostConfig.Mounts, mount => mount.Source == plan.Volume.Name);
        Assert.True(ShortDirectory.Fits($"/var/lib/docker/volumes/{plan.Volume.Name}/_data"));
    }
}
