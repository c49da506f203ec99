using System.Globalization;
using System.Security.Cryptography;
using EndToEnd.Tests.Browser;
using Microsoft.Playwright;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>The main job as a person does it in a browser; each spawner tells the same stories.</summary>
public abstract partial class Stories(LabFixture lab) : LabStories(lab)
{
    [Fact]
    public async Task One_plus_one_is_two_in_a_new_notebook()
    {
        LabPage tab = await OpenLabAsync();
        await tab.NewNotebookAsync();
        await tab.TypeAndRunAsync("1+1");
        Assert.Equal("2", (await tab.OutputTextAsync(0, "2")).Trim());
    }

    [Fact]
    public async Task A_figure_is_drawn_with_its_colours()
    {
        LabPage tab = await OpenLabAsync();
        await tab.NewNotebookAsync();
        await tab.TypeAndRunAsync(NotebookFile.Source("figure.py"));
        ILocator image = tab.Output(0).Locator("img").First;
        await image.WaitForAsync();
        int[] colours = await image.EvaluateAsync<int[]>(
            """
            async image => {
                await image.decode();
                const canvas = document.createElement('canvas');
                canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
                const context = canvas.getContext('2d');
                context.drawImage(image, 0, 0);
                const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
                let blue = 0, red = 0, white = 0;
                for (let i = 0; i < data.length; i += 4) {
                    const [r, g, b] = [data[i], data[i + 1], data[i + 2]];
                    if (Math.abs(r - 0x1f) + Math.abs(g - 0x77) + Math.abs(b - 0xb4) < 12) blue++;
                    if (Math.abs(r - 0xd6) + Math.abs(g - 0x27) + Math.abs(b - 0x28) < 12) red++;
                    if (r > 250 && g > 250 && b > 250) white++;
                }
                return [canvas.width * canvas.height, blue, red, white];
            }
            """);
        Assert.True(colours[1] > colours[0] / 50, $"blue area: {colours[1]} of {colours[0]} pixels");
        Assert.True(colours[2] > 100, $"red line: {colours[2]} pixels");
        Assert.True(colours[3] > colours[0] / 4, $"white paper: {colours[3]} pixels");
        await tab.Page.TakeAsync($"lab-{Lab.Spawner}");
    }

    [Fact]
    public async Task A_slider_calls_back_into_the_kernel_and_is_alive_again_after_a_reload()
    {
        string path = await WriteNotebookAsync("slider.ipynb", NotebookFile.Source("slider.py"), "print(moves)");
        LabPage tab = await OpenLabAsync();
        await tab.OpenNotebookAsync(path);
        await tab.CommandAsync("notebook:run-all-cells");
        await PressAndReadAsync(tab, "ArrowRight", "square: 16");
        await PressAndReadAsync(tab, "ArrowRight", "square: 25");
        await tab.SaveAsync();
        await tab.ReloadAsync();
        await tab.OpenNotebookAsync(path);
        await PressAndReadAsync(tab, "ArrowRight", "square: 36");
    }

    [Fact]
    public async Task Widgets_of_a_page_that_is_reloaded_while_a_cell_runs_are_as_they_were()
    {
        ProvokesEndOfKernel();
        string path = await WriteNotebookAsync("busy-slider.ipynb", NotebookFile.Source("slider.py"), "import time\nprint('working')\ntime.sleep(300)");
        LabPage tab = await OpenLabAsync();
        await tab.OpenNotebookAsync(path);
        await tab.RunCellAsync(0);
        await PressAndReadAsync(tab, "ArrowRight", "square: 16");
        await tab.RunCellAsync(1);
        await tab.OutputTextAsync(1, "working");
        await tab.CommandAsync("docmanager:save");
        await tab.ReloadAsync();
        await tab.BeginOpenNotebookAsync(path);
        // The kernel can answer nothing for five minutes: what the page shows, the hub has told it.
        await tab.Page.Locator(".jp-OutputArea .widget-label", new PageLocatorOptions { HasTextString = "square: 16" }).WaitForAsync();
        Assert.Equal("4", await tab.Page.Locator(".jp-OutputArea .widget-readout").First.InnerTextAsync());
        Assert.Equal("[*]:", await tab.PromptAsync(1));
        await tab.Page.Locator(".hub-Busy", new PageLocatorOptions { HasTextString = "started by admin" }).WaitForAsync();
        Assert.Equal("busy", await tab.KernelStatusAsync());
        await tab.Page.Locator(".jp-OutputArea .widget-readout").First.ScrollIntoViewIfNeededAsync();
        await tab.Page.TakeAsync($"widgets-busy-{Lab.Spawner}");
        await tab.Page.Locator(".jp-NotebookPanel-toolbar [data-command='notebook:interrupt-kernel']:visible").First.ClickAsync();
        await tab.OutputTextAsync(1, "KeyboardInterrupt");
        await PressAndReadAsync(tab, "ArrowRight", "square: 25");
    }

    [Fact]
    public async Task Input_asks_in_the_page_and_the_kernel_gets_the_answer()
    {
        LabPage tab = await OpenLabAsync();
        await tab.NewNotebookAsync();
        await tab.TypeAndRunAsync("name = input('Who is there? ')\nprint('Welcome,', name)");
        ILocator field = tab.Page.Locator(".jp-Stdin-input");
        await field.FillAsync("Ada");
        await field.PressAsync("Enter");
        await tab.OutputTextAsync(0, "Welcome, Ada");
    }

    [Fact]
    public async Task An_endless_loop_is_interrupted_and_a_restart_forgets()
    {
        ProvokesEndOfKernel();
        LabPage tab = await OpenLabAsync();
        await tab.NewNotebookAsync();
        await tab.TypeAndRunAsync("kept = 1\nprint('running')\nwhile True: pass");
        await tab.OutputTextAsync(0, "running");
        await tab.Page.Locator(".jp-NotebookPanel-toolbar [data-command='notebook:interrupt-kernel']:visible").First.ClickAsync();
        await tab.OutputTextAsync(0, "KeyboardInterrupt");
        await tab.BeginCommandAsync("notebook:restart-kernel");
        await tab.AcceptDialogAsync();
        await Eventually.TrueAsync(async () => await tab.KernelStatusAsync() == "idle", "the restarted kernel to be idle");
        await tab.TypeAndRunAsync("kept");
        await tab.OutputTextAsync(1, "NameError");
    }

    [Fact]
    public async Task A_notebook_is_renamed_saved_and_still_there_after_a_reload()
    {
        Provokes(@"status of 404 .*/Untitled\d*\.ipynb(/checkpoints)?\?", "JupyterLab asks once more for the old name of the notebook");
        Provokes(@"thrown: .*file or directory '/Untitled\d*\.ipynb' does not exist", "and leaves it unhandled when it asked for its checkpoints");
        LabPage tab = await OpenLabAsync();
        await tab.NewNotebookAsync();
        await tab.TypeAndRunAsync("print('kept in the file')");
        await tab.OutputTextAsync(0, "kept in the file");
        await tab.BeginCommandAsync("docmanager:rename");
        string name = $"Erste Übung {Guid.NewGuid():N}.ipynb";
        await tab.Page.Locator(".jp-Dialog input").Last.FillAsync(name);
        await tab.AcceptDialogAsync();
        await Eventually.TrueAsync(
            async () => await tab.Page.EvaluateAsync<string>("() => window.jupyterapp.shell.currentWidget.context.path") == name, "the notebook to carry its new name");
        await tab.SaveAsync();
        await tab.ReloadAsync();
        await tab.OpenNotebookAsync(name);
        await tab.OutputTextAsync(0, "kept in the file");
        Assert.True(File.Exists(Path.Combine(Lab.Hub.HomeOf("admin"), name)));
    }

    [Fact]
    public async Task A_second_tab_sees_the_variable_and_the_kernel_of_the_first()
    {
        string path = await WriteNotebookAsync("together.ipynb", "shared = 'from the first tab'", "print(shared)", "import time; print('busy'); time.sleep(4)");
        LabPage first = await OpenLabAsync();
        await first.OpenNotebookAsync(path);
        await first.Cells.First.ClickAsync();
        await first.CommandAsync("notebook:run-cell");
        await Eventually.TrueAsync(async () => await first.KernelStatusAsync() == "idle", "the first tab to be idle");

        LabPage second = await OpenLabAsync();
        await second.OpenNotebookAsync(path);
        Assert.Equal(await first.KernelIdAsync(), await second.KernelIdAsync());
        await second.Cells.Nth(1).ClickAsync();
        await second.CommandAsync("notebook:run-cell");
        await second.OutputTextAsync(1, "from the first tab");

        await first.Cells.Nth(2).ClickAsync();
        await first.BeginCommandAsync("notebook:run-cell");
        await Eventually.TrueAsync(async () => await second.KernelStatusAsync() == "busy", "the second tab to see that the kernel is busy");
        await Eventually.TrueAsync(async () => await second.KernelStatusAsync() == "idle", "the second tab to see that the kernel is idle again");
    }

    [Fact]
    public async Task A_file_of_100_MB_is_uploaded_and_downloaded_unchanged()
    {
        string source = Path.Combine(Path.GetTempPath(), $"upload-{Guid.NewGuid():N}.bin");
        byte[] block = new byte[1024 * 1024];
        new Random(1).NextBytes(block);
        using (FileStream file = File.Create(source))
        {
            for (int part = 0; part < 100; part++)
            {
                block[0] = (byte)part;
                file.Write(block);
            }
        }

        try
        {
            string name = Path.GetFileName(source);
            string kept = Path.Combine(Lab.Hub.HomeOf("admin"), name);
            LabPage tab = await OpenLabAsync();
            IFileChooser chooser = await tab.Page.RunAndWaitForFileChooserAsync(() => tab.Page.Locator(".jp-FileBrowser jp-button[title^='Upload']").First.ClickAsync());
            await chooser.SetFilesAsync(source);
            await tab.AcceptDialogAsync(); // "Large file": yes, upload it.
            await Eventually.TrueAsync(() => File.Exists(kept) && new FileInfo(kept).Length == new FileInfo(source).Length, "the upload to be whole");
            Assert.True(await SameAsync(source, kept), "the file in the home differs from the one that was sent");

            await tab.CommandAsync("filebrowser:go-to-path", new { path = name, dontShowBrowser = false });
            IDownload download = await tab.Page.RunAndWaitForDownloadAsync(() => tab.Page.EvaluateAsync(
                "name => window.jupyterapp.serviceManager.contents.getDownloadUrl(name).then(url => { const a = document.createElement('a'); a.href = url; a.download = ''; document.body.append(a); a.click(); a.remove(); })", name));
            Assert.True(await SameAsync(source, await download.PathAsync()), "the download differs from the file that was sent");
        }
        finally
        {
            File.Delete(source);
        }
    }

    [Fact]
    public async Task A_kernel_killed_from_outside_is_told_within_five_seconds_and_restarts()
    {
        ProvokesEndOfKernel();
        LabPage tab = await OpenLabAsync();
        await tab.NewNotebookAsync();
        await tab.TypeAndRunAsync("import os; print(f'alive: {os.getpid()}.')");
        string said = await tab.OutputTextAsync(0, ".");
        int pid = int.Parse(said.Split(':', '.')[1], CultureInfo.InvariantCulture);
        await KillKernelAsync(await tab.KernelIdAsync(), pid);
        ILocator dialog = tab.Page.Locator(".jp-Dialog");
        await dialog.WaitForAsync(new LocatorWaitForOptions { Timeout = 5_000 });
        await tab.Page.TakeAsync($"kernel-died-{Lab.Spawner}");
        await dialog.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Restart" }).ClickAsync();
        await Eventually.TrueAsync(async () => await tab.KernelStatusAsync() == "idle", "the restarted kernel to be idle");
        await tab.TypeAndRunAsync("6*7");
        await tab.OutputTextAsync(1, "42");
    }

    [Fact]
    public async Task The_simple_notebook_page_runs_a_cell()
    {
        string path = await WriteNotebookAsync("simple.ipynb", "print('simple page')");
        IPage page = await Lab.Admin.NewPageAsync();
        LabPage tab = new(page);
        await page.GotoAsync(new Uri(Lab.Hub.Address, $"user/admin/notebooks/{path}").AbsoluteUri);
        await tab.ReadyAsync();
        await tab.NotebookReadyAsync();
        await tab.CommandAsync("notebook:run-all-cells");
        await tab.OutputTextAsync(0, "simple page");
        await page.TakeAsync($"notebook-{Lab.Spawner}");
        await page.ShutAsync();
    }

    [Fact]
    public async Task Signing_out_closes_the_sockets_and_signing_in_brings_everything_back()
    {
        Provokes("status of 403|WebSocket connection to .* failed|Unexpected response code", "the page goes on asking after its person signed out, and is refused");
        IBrowserContext person = await Lab.Chromium.NewPersonAsync();
        await SignInAsync(person);
        string path = await WriteNotebookAsync("sign-out.ipynb", "print('still here')");
        LabPage tab = await LabPage.OpenAsync(person, Lab.Hub.Address);
        TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        tab.Page.WebSocket += (_, socket) =>
        {
            if (socket.Url.Contains("/channels", StringComparison.Ordinal))
                socket.Close += (_, _) => closed.TrySetResult();
        };
        await tab.OpenNotebookAsync(path);
        await Eventually.TrueAsync(async () => await tab.KernelStatusAsync() == "idle", "the kernel to be ready");
        IPage home = await person.NewPageAsync();
        await home.GotoAsync(new Uri(Lab.Hub.Address, "hub/home").AbsoluteUri);
        await home.TakeAsync($"home-{Lab.Spawner}");
        await home.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Sign out" }).Or(home.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Sign out" })).First.ClickAsync();
        await closed.Task.WaitAsync(HubProcess.Patience);
        IAPIResponse refused = await person.APIRequest.GetAsync(new Uri(Lab.Hub.Address, "user/admin/api/kernels").AbsoluteUri);
        Assert.Equal(403, refused.Status);
        await tab.Page.Locator("#hub-refused").GetByText("You are signed out").WaitForAsync();
        await tab.Page.TakeAsync($"signed-out-{Lab.Spawner}", document: false);
        Assert.Equal(0, await tab.Page.Locator(".jp-Dialog").CountAsync());
        await SignInAsync(person);
        await tab.Page.Locator("#hub-refused").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
        await Eventually.TrueAsync(async () => await tab.KernelStatusAsync() == "idle", "the page to be connected again");
        await tab.Page.BringToFrontAsync();
        await tab.RunCellAsync(0);
        await tab.OutputTextAsync(0, "still here");
        LabPage again = await LabPage.OpenAsync(person, Lab.Hub.Address);
        await again.OpenNotebookAsync(path);
        await person.ShutAsync();
    }

    /// <summary>Kills the kernel as an outsider would: not through the hub.</summary>
    /// <param name="kernelId">Its id at the hub.</param>
    /// <param name="pid">Its pid as it sees it itself.</param>
    protected abstract Task KillKernelAsync(string kernelId, int pid);

    private static async Task PressAndReadAsync(LabPage tab, string key, string expected)
    {
        ILocator handle = tab.Page.Locator(".noUi-handle").First;
        await handle.WaitForAsync();
        await handle.FocusAsync();
        await handle.PressAsync(key);
        await tab.Page.Locator(".widget-label", new PageLocatorOptions { HasTextString = expected }).First.WaitForAsync();
    }

    private static async Task<bool> SameAsync(string one, string other)
    {
        using FileStream first = File.OpenRead(one);
        using FileStream second = File.OpenRead(other);
        byte[] expected = await SHA256.HashDataAsync(first);
        byte[] actual = await SHA256.HashDataAsync(second);
        return expected.AsSpan().SequenceEqual(actual);
    }
}
