using EndToEnd.Tests.Browser;
using Microsoft.Playwright;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>Slow and failing starts with every kernel in a container of its own.</summary>
public sealed class DockerStartStories(DockerStartStories.Fixture lab) : StartStories(lab), IClassFixture<DockerStartStories.Fixture>
{
    [Fact]
    public async Task An_environment_whose_image_is_missing_is_offered_to_nobody_and_the_panel_says_what_to_do()
    {
        IPage panel = await Lab.Admin.NewPageAsync();
        await panel.GotoAsync(At("hub/admin/environments"));
        ILocator row = panel.Locator("tr[data-key='absent']"), good = panel.Locator("tr[data-key='tight']");
        await row.Locator(".state.dead").GetByText("broken", new LocatorGetByTextOptions { Exact = true }).WaitForAsync();
        string said = await row.InnerTextAsync();
        Assert.All(["'absent'", "localhost:1/notebook-hub/absent", "Docker:Builds"], part => Assert.Contains(part, said, StringComparison.Ordinal));
        await good.Locator(".state.idle").GetByText("ready", new LocatorGetByTextOptions { Exact = true }).WaitForAsync();
        Assert.Matches("\\b[0-9a-f]{12}\\b", await good.InnerTextAsync());
        await panel.TakeAsync("admin-environments-docker", document: false);

        // A notebook that names it is asked for another at once, instead of failing at its first cell.
        string path = await WriteNotebookForAsync("absent", "asks.ipynb", "1");
        LabPage tab = await OpenLabAsync();
        await tab.BeginOpenNotebookAsync(path);
        ILocator asked = tab.Page.Locator(".jp-Dialog").GetByText("Select Kernel");
        await asked.First.WaitForAsync();
        Assert.DoesNotContain("absent", await tab.Page.Locator(".jp-Dialog select").InnerTextAsync(), StringComparison.Ordinal);
        await tab.DismissDialogsAsync();
    }

    [Fact]
    public Task A_kernel_that_runs_out_of_memory_while_it_starts_is_explained() =>
        ReadsWhyItFailedAsync("tight", "memory", "administrator");

    [Fact]
    public Task A_kernel_that_takes_too_long_is_explained() =>
        ReadsWhyItFailedAsync("silent", "seconds", "try again");

    public sealed class Fixture() : LabFixture("docker")
    {
        private const string Image = "notebook-hub/python";

        protected override IReadOnlyList<string> Settings { get; } =
        [
            "Kernels:StopOnExit=true", "Kernels:StartTimeout=00:00:25", "Docker:StartTimeoutSeconds=25",
            "Kernels:Specs:absent:Image=localhost:1/notebook-hub/absent",
            // More at once than it may have: what comes near its limit slowly may read its files again and again instead of being ended.
            "Kernels:Specs:tight:MemoryBytes=67108864", .. Spec("tight", ["python3", "-c", "bytearray(b'x') * (1 << 30)", "{connection_file}"]),
            .. Spec("slow", ScriptedKernel.After(6)), .. Spec("slower", ScriptedKernel.After(13)), .. Spec("silent", ScriptedKernel.Never),
        ];

        private static IEnumerable<string> Spec(string name, IReadOnlyList<string> command) =>
            [$"Kernels:Specs:{name}:Image={Image}", .. command.Select((word, place) => $"Kernels:Specs:{name}:Argv:{place}={word}")];
    }
}
