using System.Text.Json;
using Spawner.Docker;
using Xunit;

namespace Spawner.Tests.Docker;

/// <summary>Figures of containers, as engines and kernels write them.</summary>
public sealed class ContainerUsageTests : IDisposable
{
    private const string Id = "0123456789abcdef";

    private readonly string _root = Directory.CreateTempSubdirectory("cgroup-").FullName;

    private readonly ContainerGroups _groups;

    public ContainerUsageTests() => _groups = new ContainerGroups(_root);

    public void Dispose()
    {
        _groups.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Theory]
    [InlineData("""{"memory_stats":{"usage":100000000,"limit":536870912,"stats":{"inactive_file":30000000}},"cpu_stats":{"cpu_usage":{"total_usage":1500000000}}}""", 70_000_000)]
    [InlineData("""{"memory_stats":{"usage":100000000,"stats":{"inactive_file":1,"total_inactive_file":40000000}},"cpu_stats":{"cpu_usage":{"total_usage":1500000000}}}""", 60_000_000)]
    [InlineData("""{"memory_stats":{"usage":100000000},"cpu_stats":{"cpu_usage":{"total_usage":1500000000}}}""", 100_000_000)]
    public void The_engine_tells_memory_without_files_that_can_be_dropped(string answer, long memory) =>
        Assert.Equal(new KernelUsage(memory, TimeSpan.FromSeconds(1.5)), ContainerUsage.Of(JsonSerializer.Deserialize<EngineAnswers.Stats>(answer)));

    [Theory]
    [InlineData("""{"memory_stats":{},"cpu_stats":{"cpu_usage":{"total_usage":0}}}""")]
    [InlineData("{}")]
    public void Of_a_container_that_has_ended_nothing_is_told(string answer) => Assert.Null(ContainerUsage.Of(JsonSerializer.Deserialize<EngineAnswers.Stats>(answer)));

    [Theory]
    [InlineData("system.slice/docker-0123456789abcdef.scope")]
    [InlineData("docker/0123456789abcdef")]
    public void Control_groups_of_version_2_are_read(string place)
    {
        Write($"{place}/memory.current", "100000000\n");
        Write($"{place}/memory.stat", "anon 1\ninactive_file_too 5\ninactive_file 30000000\n");
        Write($"{place}/cpu.stat", "usage_usec 1500000\nuser_usec 1\n");
        Assert.Equal(new KernelUsage(70_000_000, TimeSpan.FromSeconds(1.5)), _groups.Read(Id));
    }

    [Fact]
    public void Control_groups_of_version_1_are_read()
    {
        Write($"memory/docker/{Id}/memory.usage_in_bytes", "100000000\n");
        Write($"memory/docker/{Id}/memory.stat", "cache 1\ntotal_inactive_file 40000000\n");
        Write($"cpuacct/docker/{Id}/cpuacct.usage", "1500000000\n");
        Assert.Equal(new KernelUsage(60_000_000, TimeSpan.FromSeconds(1.5)), _groups.Read(Id));
    }

    [Fact]
    public void Where_no_group_is_seen_or_one_goes_away_nothing_is_told()
    {
        Assert.Null(_groups.Read(Id));
        Write($"docker/{Id}/memory.current", "100");
        Assert.Null(_groups.Read(Id));
    }

    [Fact]
    public void Figures_are_read_anew_until_the_container_is_forgotten()
    {
        Write($"docker/{Id}/memory.current", "100\n");
        Write($"docker/{Id}/memory.stat", "inactive_file 0\n");
        Write($"docker/{Id}/cpu.stat", "usage_usec 1\n");
        Assert.Equal(100, _groups.Read(Id)!.MemoryBytes);
        Write($"docker/{Id}/memory.current", "200\n");
        Assert.Equal(200, _groups.Read(Id)!.MemoryBytes);

        Directory.Delete(Path.Combine(_root, "docker"), recursive: true);
        _groups.Forget(Id);
        Assert.Null(_groups.Read(Id));
    }

    private void Write(string file, string text)
    {
        string path = Path.Combine(_root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
