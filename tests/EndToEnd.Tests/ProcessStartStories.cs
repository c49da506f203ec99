using System.Text.Json;
using EndToEnd.Tests.Browser;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>Slow and failing starts with kernels as local processes.</summary>
public sealed class ProcessStartStories(ProcessStartStories.Fixture lab) : StartStories(lab), IClassFixture<ProcessStartStories.Fixture>
{
    [Fact]
    public Task A_kernel_whose_command_does_not_exist_is_explained() =>
        ReadsWhyItFailedAsync("absent", "not installed", "administrator");

    [Fact]
    public Task A_kernel_that_ends_while_it_starts_is_explained() =>
        ReadsWhyItFailedAsync("ending", "ended while it started", "try again");

    [Fact]
    public Task A_kernel_that_takes_too_long_is_explained() =>
        ReadsWhyItFailedAsync("silent", "seconds", "try again");

    public sealed class Fixture() : LabFixture("process"), IDisposable
    {
        private readonly DirectoryInfo _specs = WriteSpecs();

        protected override IReadOnlyList<string> Settings { get; } =
            ["Kernels:StopOnExit=true", "Kernels:StartTimeout=00:00:25", "Processes:StartTimeoutSeconds=25"];

        protected override IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["JUPYTER_PATH"] = _specs.FullName };

        public void Dispose() => _specs.Delete(recursive: true);

        private static DirectoryInfo WriteSpecs()
        {
            DirectoryInfo specs = Directory.CreateTempSubdirectory("hub-specs-");
            File.SetUnixFileMode(specs.FullName, (UnixFileMode)0b111_101_101); // Kernels run as users of their own.
            foreach ((string name, IReadOnlyList<string> command) in new (string, IReadOnlyList<string>)[]
            {
                ("slow", ScriptedKernel.After(6)), ("slower", ScriptedKernel.After(13)), ("silent", ScriptedKernel.Never),
                ("ending", ["/bin/sh", "-c", "exit 3", "{connection_file}"]), ("absent", ["/nowhere/python", "-f", "{connection_file}"]),
            })
            {
                string folder = specs.CreateSubdirectory($"kernels/{name}").FullName;
                File.WriteAllText(Path.Combine(folder, "kernel.json"), JsonSerializer.Serialize(new { argv = command, display_name = name, language = "python" }));
            }
            return specs;
        }
    }
}
