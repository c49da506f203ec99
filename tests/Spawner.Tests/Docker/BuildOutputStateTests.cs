using Spawner.Docker;
using Xunit;

namespace Spawner.Tests.Docker;

public sealed class BuildOutputStateTests
{
    private static BuildOutputState Read(params string[] lines) => lines.Aggregate(new BuildOutputState(), (state, line) => state.Apply(line));

    [Fact]
    public void Steps_are_counted() => Assert.Equal((45, "Building the kernel's image, step 3 of 4"), (Read("Step 3/4 : RUN x").Percent, Read("Step 3/4 : RUN x").Sentence));

    [Fact]
    public void The_installation_of_packages_tells_how_far_it_is()
    {
        BuildOutputState state = Read(
            "Step 2/9 : RUN apt-get install",
            "0 upgraded, 2 newly installed, 0 to remove and 0 not upgraded.",
            "Get:1 http://mirror.example/debian bookworm/main amd64 python3-numpy amd64 1:1.24.2-1 [5,211 kB]",
            "Unpacking python3-numpy (1:1.24.2-1) ...",
            "Setting up python3-numpy (1:1.24.2-1) ...");

        Assert.Equal(5 + 85 * 3 / 6, state.Percent);
        Assert.Equal("Building the kernel's image: setting up python3-numpy", state.Sentence);
    }

    [Fact]
    public void Percentages_never_fall() =>
        Assert.Equal(99, Read("Step 1/2 : FROM x", "Successfully built 123", "Step 1/2 : FROM x", "0 upgraded, 9 newly installed").Percent);

    [Fact]
    public void Only_the_last_lines_are_kept()
    {
        BuildOutputState state = Read([.. Enumerable.Range(0, 1000).Select(line => $"line {line}")]);

        Assert.Equal(20, state.Last.Count);
        Assert.Equal("line 999", state.Last[^1]);
    }
}
