using System.Text.RegularExpressions;
using EndToEnd.Tests.Browser;
using Microsoft.Playwright;
using Spawner;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>The stories with every kernel in a container of its own.</summary>
public sealed class DockerStories(DockerStories.Fixture lab) : Stories(lab), IClassFixture<DockerStories.Fixture>
{
    [Fact]
    public async Task A_named_server_has_containers_of_its_own_whose_memory_the_panel_shows_against_their_limit()
    {
        string path = await WriteNotebookAsync("named.ipynb", "held = b'x' * 300_000_000\nprint('holds', len(held))");
        IPage home = await Lab.Admin.NewPageAsync();
        await home.GotoAsync(At("hub/home"));
        LabPage tab = new(home);
        await home.GetByText("Add another server").ClickAsync();
        await home.Locator("#server").FillAsync("contained");
        await home.GetByRole(AriaRole.Button, new() { Name = "Add and open" }).ClickAsync();
        await tab.ReadyAsync();
        await tab.OpenNotebookAsync(path);
        await tab.RunCellAsync(0);
        await tab.OutputTextAsync(0, "holds 300000000");
        string id = await tab.KernelIdAsync();
        Assert.NotEmpty((await Docker.RunAsync("ps", "-q", "--filter", $"label={SpawnLabels.KernelId}={id}")).Trim());

        IPage panel = await Lab.Admin.NewPageAsync();
        await panel.GotoAsync(At("hub/admin/kernels"));
        ILocator row = panel.Locator($"tr[data-key='{id}']");
        await row.WaitForAsync();
        await Eventually.TrueAsync(async () => Regex.IsMatch(await row.InnerTextAsync(), @"\b[34]\d\d(\.\d)? M\w*B of 2 GiB"), "what the kernel holds of the memory it may take");
        Assert.Contains("contained", await row.InnerTextAsync(), StringComparison.Ordinal);
        await panel.TakeAsync("admin-kernels-docker", document: false);
        await panel.ShutAsync();
        // Its pages would ask on for what is stopped.
        await home.GotoAsync("about:blank");
        await home.GotoAsync(At("hub/home"));
        await home.GetByRole(AriaRole.Button, new() { Name = "Stop the server contained with its kernels" }).ClickAsync();
        await home.GetByText("The server was stopped.").WaitForAsync();
        Assert.Empty((await Docker.RunAsync("ps", "-aq", "--filter", $"label={SpawnLabels.KernelId}={id}")).Trim());
        await home.GetByRole(AriaRole.Button, new() { Name = "Delete the server contained" }).ClickAsync();
        await home.GetByText("The server was deleted.").WaitForAsync();
    }

    [Fact]
    public async Task Who_takes_all_memory_reads_why_the_kernel_ended_the_audit_keeps_it_and_others_work_on()
    {
        ProvokesEndOfKernel();
        string path = await WriteNotebookAsync("memory-bomb.ipynb", "all_of_it = bytearray(b'x') * (3 << 30)"), other = await WriteNotebookAsync("beside.ipynb", "kept = 41", "print('still', kept + 1)");
        LabPage neighbour = await OpenLabAsync();
        await neighbour.OpenNotebookAsync(other);
        await neighbour.RunCellAsync(0);
        LabPage tab = await OpenLabAsync();
        await tab.OpenNotebookAsync(path);
        string id = await tab.KernelIdAsync();
        await tab.RunCellAsync(0);

        await tab.Page.Locator(".jp-Dialog").GetByText("needed more memory than it may have").WaitForAsync();
        await tab.Page.TakeAsync("out-of-memory", document: false);
        string records = "";
        string xsrf = (await Lab.Admin.CookiesAsync([Lab.Hub.Address.AbsoluteUri])).First(cookie => cookie.Name == "_xsrf").Value;
        await Eventually.TrueAsync(
            async () =>
            {
                IAPIResponse answer = await Lab.Admin.APIRequest.GetAsync(At("hub/api/audit?kind=kernel-died&order=newest"), new APIRequestContextOptions { Headers = [new("X-XSRFToken", xsrf)] });
                records = await answer.TextAsync();
                return records.Contains(id, StringComparison.Ordinal);
            },
            () => $"the audit to keep the end of {id}: {records}");
        Assert.Contains("out_of_memory", records, StringComparison.Ordinal);
        await neighbour.RunCellAsync(1);
        await neighbour.OutputTextAsync(1, "still 42");
    }

    protected override async Task KillKernelAsync(string kernelId, int pid)
    {
        string container = (await Docker.RunAsync("ps", "-q", "--filter", $"label={SpawnLabels.KernelId}={kernelId}")).Trim();
        Assert.NotEmpty(container);
        await Docker.RunAsync("kill", container);
    }

    public sealed class Fixture() : LabFixture("docker");
}
