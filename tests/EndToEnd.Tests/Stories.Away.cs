using EndToEnd.Tests.Browser;
using Xunit;

namespace EndToEnd.Tests;

// What a cell says while the network is away.
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
