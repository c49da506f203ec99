using EndToEnd.Tests.Browser;
using Microsoft.Playwright;
using Xunit;

namespace EndToEnd.Tests;

// What a cell says while the page, the network or the hub is away.
public abstract partial class Stories
{
    /// <summary>A line each 100 ms for 20 s: long enough that whatever goes away comes back in the middle of it.</summary>
    private const string Counting = "import time\nfor n in range(200):\n    print(f'line {n}', flush=True)\n    time.sleep(0.1)\nprint('counted')";

    private static string EveryLine { get; } = string.Concat(Enumerable.Range(0, 200).Select(n => $"line {n}\n")) + "counted";

    [Fact]
    public async Task Nothing_a_cell_prints_is_lost_while_the_network_is_away_for_five_seconds()
    {
        ProvokesAbsence();
        LabPage tab = await CountAsync();
        await Lab.Admin.SetOfflineAsync(true);
        await CutSocketsAsync(tab);
        await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        await Lab.Admin.SetOfflineAsync(false);
        await HasEveryLineAsync(tab);
    }

    [Fact]
    public async Task Nothing_a_cell_prints_is_lost_when_the_hub_is_killed_and_started_again()
    {
        ProvokesAbsence();
        LabPage tab = await CountAsync();
        await Lab.Hub.KillAsync();
        await Lab.Hub.ReviveAsync();
        await HasEveryLineAsync(tab);
        await tab.TypeAndRunAsync("print('still the same kernel', n)");
        await tab.OutputTextAsync(1, "still the same kernel 199");
    }

    [Fact]
    public async Task A_page_reloaded_in_the_middle_of_a_cell_shows_all_of_its_output()
    {
        LabPage tab = await CountAsync();
        await tab.CommandAsync("docmanager:save"); // It is dirty again with the next line.
        string path = await tab.PathAsync();
        await tab.ReloadAsync();
        await tab.BeginOpenNotebookAsync(path);
        await tab.OutputTextAsync(0, "line 5\n");
        Assert.Equal("[*]:", await tab.PromptAsync(0));
        await tab.Page.Locator(".hub-Busy", new PageLocatorOptions { HasTextString = "started by admin" }).WaitForAsync();
        await tab.Page.TakeAsync($"kernel-busy-{Lab.Spawner}");
        await HasEveryLineAsync(tab);
        await Eventually.TrueAsync(async () => await tab.PromptAsync(0) == "[1]:", "the cell to have its number");
    }

    /// <summary>A notebook whose first cell has begun to count.</summary>
    private async Task<LabPage> CountAsync()
    {
        string path = await WriteNotebookAsync("counting.ipynb", Counting);
        LabPage tab = await OpenLabAsync();
        await tab.OpenNotebookAsync(path);
        await tab.RunCellAsync(0);
        await tab.OutputTextAsync(0, "line 3\n");
        return tab;
    }

    /// <summary>In order, each once, nothing else.</summary>
    private static async Task HasEveryLineAsync(LabPage tab)
    {
        string said = await tab.OutputTextAsync(0, "counted");
        Assert.Equal(EveryLine, said.Replace("\r\n", "\n", StringComparison.Ordinal).Trim());
    }

    /// <summary>Chromium's offline mode leaves open sockets open; a network that is away does not.</summary>
    private static async Task CutSocketsAsync(LabPage tab) => await tab.Page.EvaluateAsync(
        "() => { window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.reconnect().catch(() => {}); }");

    private void ProvokesAbsence()
    {
        Provokes("WebSocket connection to .* failed|net::ERR_|status of 50[234]", "the browser writes down what it could not reach");
        Provokes("thrown: .*(NetworkError|Failed to fetch)", "JupyterLab leaves some refused requests unhandled");
    }
}
