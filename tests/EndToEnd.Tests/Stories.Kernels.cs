using System.Globalization;
using EndToEnd.Tests.Browser;
using Microsoft.Playwright;
using Xunit;

namespace EndToEnd.Tests;

public abstract partial class Stories
{
    [Fact]
    public async Task A_dead_kernel_revived_from_a_second_tab_is_followed_by_the_first()
    {
        ProvokesEndOfKernel();
        string path = await WriteNotebookAsync("revived.ipynb", "import os; print(f'alive: {os.getpid()}.')", "print('after', 6 * 7)");
        LabPage first = await OpenLabAsync();
        await first.OpenNotebookAsync(path);
        await first.RunCellAsync(0);
        int pid = int.Parse((await first.OutputTextAsync(0, ".")).Split(':', '.')[1], CultureInfo.InvariantCulture);
        LabPage second = await OpenLabAsync();
        await second.OpenNotebookAsync(path);
        string kernel = await first.KernelIdAsync();

        await KillKernelAsync(kernel, pid);
        await first.Page.Locator(".jp-Dialog").WaitForAsync();
        await second.Page.Locator(".jp-Dialog").GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Restart" }).ClickAsync();

        // The first tab takes its question back, because a second restart would cost what the second tab has computed by now.
        await first.Page.Locator(".jp-Dialog").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
        await Eventually.TrueAsync(async () => await first.KernelStatusAsync() == "idle", "the first tab to see the kernel idle again");
        Assert.Equal(kernel, await first.KernelIdAsync());
        Assert.Equal(kernel, await second.KernelIdAsync());
        await first.RunCellAsync(1);
        await first.OutputTextAsync(1, "after 42");
        await second.RunCellAsync(1);
        await second.OutputTextAsync(1, "after 42");
    }
}
