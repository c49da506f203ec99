using EndToEnd.Tests.Browser;
using Microsoft.Playwright;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>Two servers of one person side by side in a browser.</summary>
public sealed class NamedServerStories(NamedServerStories.Fixture lab) : LabStories(lab), IClassFixture<NamedServerStories.Fixture>
{
    [Fact]
    public async Task A_second_server_is_made_on_the_home_page_and_what_runs_in_it_is_not_in_the_first()
    {
        string path = await WriteNotebookAsync("both.ipynb", "import os\nprint('my process is', os.getpid())");
        IPage home = await Lab.Admin.NewPageAsync();
        await home.GotoAsync(At("hub/home"));
        await home.GetByText("Add another server").ClickAsync();
        await home.Locator("#server").FillAsync("second");
        await home.GetByRole(AriaRole.Button, new() { Name = "Add and open" }).ClickAsync();
        LabPage second = new(home);
        await second.ReadyAsync();
        Assert.EndsWith("/user/admin/second/lab", new Uri(home.Url).AbsolutePath, StringComparison.Ordinal);
        string inSecond = await RunAsync(second, path);

        LabPage first = await LabPage.OpenAsync(Lab.Admin, Lab.Hub.Address);
        Assert.Equal(0, await RunningAsync(first));
        string inFirst = await RunAsync(first, path);
        Assert.NotEqual(inSecond, inFirst);
        Assert.Equal((1, 1), (await RunningAsync(first), await RunningAsync(second)));
        await second.Page.GetByText("· admin · second").WaitForAsync();
        await second.CommandAsync("running:show-panel");
        await second.Page.TakeAsync("named-server-lab", document: false);

        IPage list = await Lab.Admin.NewPageAsync();
        await list.GotoAsync(At("hub/home"));
        Assert.Equal(2, await list.Locator("section[aria-labelledby=running] li").CountAsync());
        await list.TakeAsync("home-servers");
        await list.SetViewportSizeAsync(390, 844);
        await list.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        Assert.True(await list.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= window.innerWidth"), "the page is wider than a phone");
        await Readable.IsAsync(list, "hub/home", ColorScheme.Dark);
        await list.TakeAsync("home-servers-phone");

        // Its pages would ask on for what is stopped.
        await second.Page.ShutAsync();
        await list.GetByRole(AriaRole.Button, new() { Name = "Stop the server second with its kernels" }).ClickAsync();
        await list.GetByText("The server was stopped.").WaitForAsync();
        Assert.Equal(1, await RunningAsync(first));
        await list.GetByRole(AriaRole.Button, new() { Name = "Delete the server second" }).ClickAsync();
        await list.GetByText("The server was deleted.").WaitForAsync();
        Assert.Equal(0, await list.GetByText("Your other servers").CountAsync());
    }

    private static async Task<string> RunAsync(LabPage tab, string path)
    {
        await tab.OpenNotebookAsync(path);
        await tab.RunCellAsync(0);
        return await tab.OutputTextAsync(0, "my process is");
    }

    /// <summary>Sessions this page's server tells of.</summary>
    private static Task<int> RunningAsync(LabPage tab) => tab.Page.EvaluateAsync<int>(
        "async () => { await window.jupyterapp.serviceManager.sessions.refreshRunning(); return [...window.jupyterapp.serviceManager.sessions.running()].length; }");

    public sealed class Fixture() : LabFixture("process");
}
