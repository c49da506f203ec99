using Hub.KernelSpecs;
using Hub.Storage;
using Spawner;
using Xunit;

namespace Hub.Tests.KernelSpecs;

/// <summary>Directories kernels are to see are looked at on the machine, where links lead included.</summary>
public sealed class MountSourcesTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("mounts-");
    private readonly MountSources _sources;

    public MountSourcesTests()
    {
        _sources = new MountSources(new DataLayout(Make("hub/data")));
        Make("hub/data/homes/ada");
        Make("course/week-1");
    }

    [Fact]
    public void A_directory_that_is_there_and_nobodys_is_fine() => Assert.Null(Problem("course/week-1"));

    [Theory]
    [InlineData("nowhere", "does not exist")]
    [InlineData("hub", "data of the hub")]
    [InlineData("hub/data", "data of the hub")]
    [InlineData("hub/data/homes/ada", "data of the hub")]
    public void One_that_is_missing_or_the_hubs_is_refused(string source, string why) => Assert.Contains(why, Problem(source), StringComparison.Ordinal);

    [Fact]
    public void A_link_is_what_it_leads_to()
    {
        Directory.CreateSymbolicLink(Path.Combine(_root.FullName, "sly"), "hub");
        Assert.Contains("data of the hub", Problem("sly"), StringComparison.Ordinal);
        Assert.Contains("data of the hub", Problem("sly/data/homes"), StringComparison.Ordinal);
        Directory.CreateSymbolicLink(Path.Combine(_root.FullName, "kind"), Path.Combine(_root.FullName, "course"));
        Assert.Null(Problem("kind/week-1"));
        Directory.CreateSymbolicLink(Path.Combine(_root.FullName, "machine"), "/proc");
        Assert.Contains("/proc belongs", Problem("machine"), StringComparison.Ordinal);
        Directory.CreateSymbolicLink(Path.Combine(_root.FullName, "round"), "round");
        Assert.Contains("does not exist", Problem("round"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/run")]
    [InlineData("/dev")]
    [InlineData("/sys")]
    public void Sockets_and_devices_of_the_machine_are_refused(string source) =>
        Assert.Contains("belongs to the machine", _sources.Problem("x", [new KernelMount(source, "/srv/x")], null), StringComparison.Ordinal);

    [Fact]
    public void The_panel_may_mount_for_reading_below_its_roots_and_nothing_else()
    {
        string[] roots = [Path.Combine(_root.FullName, "course")];
        Assert.Null(Problem("course/week-1", roots));
        Assert.Contains("Kernels:PanelMountRoots", Problem(Make("other"), roots), StringComparison.Ordinal);
        Directory.CreateSymbolicLink(Path.Combine(_root.FullName, "course", "out"), Path.Combine(_root.FullName, "other"));
        Assert.Contains("Kernels:PanelMountRoots", Problem("course/out", roots), StringComparison.Ordinal);
        Assert.Contains("reading only", Problem("course/week-1", roots, readOnly: false), StringComparison.Ordinal);
        Assert.Contains("Kernels:PanelMountRoots", Problem("course", []), StringComparison.Ordinal);
    }

    public void Dispose() => _root.Delete(recursive: true);

    private string Make(string path) => Directory.CreateDirectory(Path.Combine(_root.FullName, path)).FullName;

    private string? Problem(string path, IReadOnlyList<string>? roots = null, bool readOnly = true) =>
        _sources.Problem("x", [new KernelMount(Path.Combine(_root.FullName, path), "/srv/x", readOnly)], roots);
}
