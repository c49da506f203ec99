using EndToEnd.Tests.Browser;
using Microsoft.Playwright;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>What a person sees while a kernel takes its time to start, and when it does not start at all.</summary>
public abstract class StartStories(LabFixture lab) : LabStories(lab)
{
    /// <summary>The kernelspec that takes six seconds answers the page's request when it is up; the one that takes longer than <c>Kernels:StartReplyAfter</c> is answered before.</summary>
    [Theory]
    [InlineData("slow")]
    [InlineData("slower")]
    public async Task A_cell_run_while_its_kernel_starts_gives_its_output_when_it_is_up(string kernelSpec)
    {
        string path = await WriteNotebookForAsync(kernelSpec, "early.ipynb", "print('run early, answered', 6 * 7)");
        LabPage tab = await OpenLabAsync();
        await tab.BeginOpenNotebookAsync(path);
        Assert.NotEqual("idle", await tab.KernelStatusAsync());
        await tab.RunCellAsync(0);
        await Eventually.TrueAsync(async () => (await tab.PromptAsync(0)).Contains('*', StringComparison.Ordinal), "the cell to be marked as waiting");
        Assert.NotEqual("idle", await tab.KernelStatusAsync());
        await tab.OutputTextAsync(0, "run early, answered 42");
        Assert.Equal("[1]:", await tab.PromptAsync(0));
    }

    [Fact]
    public async Task The_progress_of_a_long_start_is_shown_to_the_person_waiting()
    {
        string path = await WriteNotebookForAsync("slow", "long.ipynb", "1");
        LabPage tab = await OpenLabAsync();
        await tab.BeginOpenNotebookAsync(path);
        ILocator notice = tab.Page.Locator(".Toastify__toast", new PageLocatorOptions { HasTextString = "%)" }).First;
        await notice.WaitForAsync();
        string said = await notice.InnerTextAsync();
        Assert.Contains("kernel", said, StringComparison.OrdinalIgnoreCase);
        Assert.NotNull(await notice.GetAttributeAsync("role") ?? await notice.Locator("[role]").First.GetAttributeAsync("role"));
        await tab.Page.TakeAsync($"kernel-starting-{Lab.Spawner}");
        await tab.Page.Locator(".Toastify__toast", new PageLocatorOptions { HasTextString = "The kernel is ready." }).First.WaitForAsync();
        await tab.NotebookReadyAsync();
        await notice.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
    }

    /// <summary>Opens a notebook whose kernel cannot start and reads what the page says of it.</summary>
    /// <param name="what">What failed, and …</param>
    /// <param name="advice">… what to try.</param>
    protected async Task ReadsWhyItFailedAsync(string kernelSpec, string what, string advice)
    {
        Provokes("status of 500", "the request that starts the kernel is answered with an error, which the browser writes down before JupyterLab tells it");
        string path = await WriteNotebookForAsync(kernelSpec, "failing.ipynb", "1");
        LabPage tab = await OpenLabAsync();
        await tab.BeginOpenNotebookAsync(path);
        ILocator told = tab.Page.Locator(".jp-Dialog, .Toastify__toast");
        string said = "";
        await Eventually.TrueAsync(
            async () =>
            {
                said = string.Join("\n", await told.AllInnerTextsAsync());
                return said.Contains(what, StringComparison.OrdinalIgnoreCase) && said.Contains(advice, StringComparison.OrdinalIgnoreCase);
            },
            () => $"the page to say \"{what}\" and \"{advice}\"; it said \"{said}\"");
        await tab.Page.TakeAsync($"kernel-failed-{kernelSpec}-{Lab.Spawner}");

        // The page stays of use: another notebook gets its kernel. More dialogs may come meanwhile: what the hub's own notice says,
        // or JupyterLab's question which kernel the failed one should have instead.
        string next = await WriteNotebookAsync("next.ipynb", "print('the next one runs')");
        await Eventually.TrueAsync(
            async () =>
            {
                await tab.DismissDialogsAsync();
                await tab.BeginOpenNotebookAsync(next);
                return await tab.PathAsync() == next && await tab.KernelStatusAsync() == "idle";
            },
            "the next notebook to be in front, with its kernel idle");
        await tab.CommandAsync("notebook:run-cell");
        await tab.OutputTextAsync(0, "the next one runs");
    }
}
