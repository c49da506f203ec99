using Hub.KernelSpecs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Spawner;
using Testing;
using Xunit;

namespace Hub.Tests.KernelSpecs;

public sealed class KernelSpecCatalogTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("kernelspecs-").FullName;

    [Fact]
    public void The_first_directory_that_has_a_name_wins_and_broken_ones_are_skipped()
    {
        Install("first", "Python3", "From first");
        Install("second", "python3", "From second");
        Install("second", "ir", "R");
        Install("second", "bad name", "Never seen");
        Write("second", "broken", "{");
        Write("second", "huge", new string(' ', 5000));
        IReadOnlyList<KernelSpec> specs = new InstalledKernelSpecs(
            () => [Path.Combine(_root, "first"), Path.Combine(_root, "missing"), Path.Combine(_root, "second")], 4096, NullLogger.Instance).Read();
        Assert.Equal([("ir", "R"), ("python3", "From first")], specs.Select(spec => (spec.Name, spec.DisplayName)));
    }

    [Fact]
    public void Jupyters_directories_are_looked_through_in_Jupyters_order()
    {
        Dictionary<string, string> environment = new() { ["JUPYTER_PATH"] = "/one:relative:/two/", ["HOME"] = "/home/x", ["VIRTUAL_ENV"] = "/env", ["PATH"] = "/nowhere" };
        Assert.Equal(
            ["/one/kernels", "/two/kernels", "/home/x/.local/share/jupyter/kernels", "/env/share/jupyter/kernels", "/usr/local/share/jupyter/kernels", "/usr/share/jupyter/kernels"],
            KernelSpecDirectories.Find(environment.GetValueOrDefault));
    }

    [Fact]
    public void What_is_installed_later_is_seen_after_a_few_seconds_and_no_sooner()
    {
        ManualTime time = new();
        string? before = Environment.GetEnvironmentVariable("JUPYTER_PATH");
        Environment.SetEnvironmentVariable("JUPYTER_PATH", _root);
        try
        {
            KernelSpecCatalog catalog = Catalog(new SpawnerChoice(SpawnerKind.Process, ""), new KernelSpecsOptions(), time);
            Install("kernels", "late-comer", "Late");
            Assert.Null(catalog.Find("late-comer"));
            time.Advance(TimeSpan.FromSeconds(6));
            Assert.Equal("Late", catalog.Find("LATE-comer")?.DisplayName);
        }
        finally
        {
            Environment.SetEnvironmentVariable("JUPYTER_PATH", before);
        }
    }

    [Fact]
    public void Containers_take_theirs_from_the_settings()
    {
        KernelSpecCatalog catalog = Catalog(
            new SpawnerChoice(SpawnerKind.Container, ""),
            new KernelSpecsOptions
            {
                Specs = new Dictionary<string, KernelSpecOptions>
                {
                    ["python3"] = new() { Image = "notebook-hub/python", DisplayName = "Python 3", MemoryBytes = 1 << 30 },
                    ["R"] = new() { Image = "r", Language = "R", Argv = ["R", "{connection_file}"], InterruptMode = InterruptMode.Message },
                    ["ir"] = new() { Image = "notebook-hub/r", Language = "r" },
                    ["off"] = new() { Enabled = false },
                },
            });
        Assert.Equal(["ir", "python3", "r"], catalog.List().Select(spec => spec.Name));
        Assert.Equal(("python3", 1L << 30), (catalog.DefaultName, catalog.Find("python3")!.Limits.MemoryBytes));
        Assert.Contains("{connection_file}", catalog.Find("python3")!.Argv);
        Assert.Equal(InterruptMode.Message, catalog.Find("r")!.InterruptMode);
        // What is known of a language need not be said.
        Assert.Equal(("R", false), (catalog.Find("ir")!.Argv[0], catalog.Find("ir")!.Metadata.ContainsKey("debugger")));
    }

    [Fact]
    public void Without_settings_containers_have_the_image_that_comes_with_the_hub() =>
        Assert.Equal("notebook-hub/python", Assert.Single(Catalog(new SpawnerChoice(SpawnerKind.Container, ""), new KernelSpecsOptions()).List()).Image);

    [Fact]
    public void The_default_is_the_first_where_the_wanted_one_does_not_exist() =>
        Assert.Equal("r", Catalog(
            new SpawnerChoice(SpawnerKind.Container, ""),
            new KernelSpecsOptions { Specs = new Dictionary<string, KernelSpecOptions> { ["r"] = new() { Image = "r", Argv = ["{connection_file}"] } } }).DefaultName);

    [Theory]
    [InlineData("a b", "x", "", "name")]
    [InlineData("r", "", "{connection_file}", "Kernels:Specs:r:Image")]
    [InlineData("r", "x", "R", "Kernels:Specs:r:Argv")]
    [InlineData("julia", "x", "", "only python and R have a command by themselves")]
    public void A_wrong_entry_is_named(string name, string image, string argv, string why) =>
        Assert.Contains(why, ConfiguredKernelSpecs.Problem(name, new KernelSpecOptions { Image = image, Language = name, Argv = argv.Length > 0 ? [argv] : [] }), StringComparison.Ordinal);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static KernelSpecCatalog Catalog(SpawnerChoice choice, KernelSpecsOptions options, TimeProvider? time = null) =>
        new(Options.Create(options), choice, time ?? new ManualTime(), NullLogger<KernelSpecCatalog>.Instance);

    private void Install(string directory, string name, string displayName) =>
        Write(directory, name, $$"""{"argv": ["true"], "display_name": "{{displayName}}", "language": "none"}""");

    private void Write(string directory, string name, string json)
    {
        string path = Directory.CreateDirectory(Path.Combine(_root, directory, name)).FullName;
        File.WriteAllText(Path.Combine(path, "kernel.json"), json);
    }
}
