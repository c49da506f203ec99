using EndToEnd.Tests.Browser;
using Microsoft.Playwright;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>Kernels nobody uses, on a hub that waits seconds where others wait hours.</summary>
public sealed class CullingStories(CullingStories.Fixture lab) : LabStories(lab), IClassFixture<CullingStories.Fixture>
{
    [Fact]
    public async Task A_page_is_told_before_its_kernel_is_stopped_keeps_it_with_one_click_and_brings_it_back_after()
    {
        ProvokesEndOfKernel();
        string path = await WriteNotebookAsync("idle.ipynb", "kept = 41; print('ran', kept)", "print('still', kept + 1)", "print('anew', 6 * 7)");
        LabPage tab = await OpenLabAsync();
        await tab.OpenNotebookAsync(path);
        await tab.RunCellAsync(0);
        await tab.OutputTextAsync(0, "ran 41");

        ILocator notice = tab.Page.Locator(".Toastify__toast").GetByText("It is stopped at");
        await notice.WaitForAsync();
        await tab.Page.TakeAsync("kernel-ending");
        // Who comes between the warning and the end is told, too.
        LabPage late = await OpenLabAsync();
        await late.OpenNotebookAsync(path);
        await late.Page.Locator(".Toastify__toast").GetByText("It is stopped at").WaitForAsync();
        await tab.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Keep for another 15 seconds" }).ClickAsync();
        foreach (LabPage page in new[] { tab, late })
            await page.Page.Locator(".Toastify__toast").GetByText("It is stopped at").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
        await tab.RunCellAsync(1);
        await tab.OutputTextAsync(1, "still 42");

        ILocator ended = tab.Page.Locator(".jp-Dialog").GetByText("nothing ran in it");
        await ended.WaitForAsync();
        await tab.Page.Locator(".jp-Dialog").GetByText("The kernel was stopped because nobody used it").WaitForAsync();
        await tab.Page.TakeAsync("kernel-culled", document: false);
        await tab.Page.Locator(".jp-Dialog").GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Restart" }).ClickAsync();
        await Eventually.TrueAsync(async () => await tab.KernelStatusAsync() == "idle", "the kernel to be back");
        await tab.RunCellAsync(2);
        await tab.OutputTextAsync(2, "anew 42");
    }

    public sealed class Fixture() : LabFixture("process")
    {
        protected override IReadOnlyList<string> Settings { get; } =
            ["Kernels:StopOnExit=true", "Culling:IdleAfter=00:00:20", "Culling:WarnBefore=00:00:10", "Culling:KeepFor=00:00:15", "Culling:LookEvery=00:00:01"];
    }
}
