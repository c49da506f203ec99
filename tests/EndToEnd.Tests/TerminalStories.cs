using EndToEnd.Tests.Browser;
using Microsoft.Playwright;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>A terminal in JupyterLab, over a reload of the page and a crash of the hub.</summary>
public sealed class TerminalStories(TerminalStories.Fixture lab) : LabStories(lab), IClassFixture<TerminalStories.Fixture>
{
    [Fact]
    public async Task A_terminal_is_opened_and_is_still_there_after_a_reload_and_after_a_crash_of_the_hub()
    {
        // While no hub is there, pages say what they miss.
        Provokes(".*", "the hub is killed in the middle of this story");
        LabPage tab = await OpenLabAsync();
        await tab.CommandAsync("launcher:create");
        await tab.Page.Locator(".jp-LauncherCard[data-category='Other'][title*='erminal']").First.ClickAsync();
        ILocator terminal = tab.Page.Locator(".jp-Terminal:visible");
        await terminal.WaitForAsync();
        await TypeAsync(tab, "mkdir -p lessons; cd lessons; echo \"sum: $((40+2))\"; x=kept\n");
        await ShowsAsync(tab, "sum: 42");
        // More than fits on the screen: top clears that.
        await TypeAsync(tab, "seq -f 'line %g' 1 300\n");
        await ShowsAsync(tab, "line 300");
        // Its own alone: the picture is not to show the machine it was taken on.
        await TypeAsync(tab, "top -d 1 -U $(id -u)\n");
        await ShowsAsync(tab, "load average");
        await tab.Page.TakeAsync("terminal");

        await tab.ReloadAsync();
        await tab.Page.Locator(".jp-Terminal:visible").WaitForAsync();
        await ShowsAsync(tab, "load average");
        // What is typed while the page connects again is lost, as in every Jupyter.
        await Eventually.TrueAsync(
            async () =>
            {
                await tab.Page.Locator(".jp-Terminal:visible .xterm-helper-textarea").First.FocusAsync();
                await tab.Page.Keyboard.PressAsync("Control+c");
                await TypeAsync(tab, "echo \"after reload: $x-$((1+1))\"\n");
                return (await TextAsync(tab)).Contains("after reload: kept-2", StringComparison.Ordinal);
            },
            "the terminal to go on after the reload");
        // What was there before is there, above it.
        Assert.Contains("sum: 42\nadmin@", await TextAsync(tab), StringComparison.Ordinal);
        Assert.Contains("line 57\nline 58\n", await TextAsync(tab), StringComparison.Ordinal);

        int said = Times(await TextAsync(tab));
        await Lab.Hub.KillAsync();
        await Lab.Hub.ReviveAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                await TypeAsync(tab, "echo \"after crash: $x-$((2+2))\"\n");
                return (await TextAsync(tab)).Contains("after crash: kept-4", StringComparison.Ordinal);
            },
            "the terminal to go on after the crash");
        Assert.Contains("line 57\nline 58\n", await TextAsync(tab), StringComparison.Ordinal);
        // It came back once, not behind what it showed before.
        Assert.Equal(said, Times(await TextAsync(tab)));
        await tab.Page.TakeAsync("terminal-after-crash", document: false);

        await TypeAsync(tab, "exit\n");
        await Eventually.TrueAsync(async () => await tab.Page.EvaluateAsync<int>("async () => (await window.jupyterapp.serviceManager.terminals.refreshRunning(), [...window.jupyterapp.serviceManager.terminals.running()].length)") == 0, "the terminal to be gone");
    }

    private static int Times(string text) => text.Split("after reload: kept-2").Length - 1;

    private static async Task TypeAsync(LabPage tab, string text)
    {
        await tab.Page.Locator(".jp-Terminal:visible .xterm-helper-textarea").First.FocusAsync();
        foreach (string line in text.Split('\n'))
        {
            await tab.Page.Keyboard.TypeAsync(line);
            if (text.EndsWith('\n') && line.Length > 0)
                await tab.Page.Keyboard.PressAsync("Enter");
        }
    }

    /// <summary>All lines of the screen and above it.</summary>
    private static Task<string> TextAsync(LabPage tab) => tab.Page.EvaluateAsync<string>(
        """
        () => {
            const shown = [...window.jupyterapp.shell.widgets('main')].find(widget => widget.content?.node?.classList.contains('jp-Terminal') && widget.isVisible);
            const buffers = shown?.content?._term?.buffer;
            if (!buffers) return '';
            const lines = [];
            for (const buffer of [buffers.normal, buffers.alternate])
                for (let i = 0; i < buffer.length; i++) lines.push(buffer.getLine(i)?.translateToString(true) ?? '');
            return lines.join('\n');
        }
        """);

    private static async Task ShowsAsync(LabPage tab, string wanted)
    {
        string shown = "";
        await Eventually.TrueAsync(async () => (shown = await TextAsync(tab)).Contains(wanted, StringComparison.Ordinal), $"\"{wanted}\" in the terminal, which shows: {shown}");
    }

    public sealed class Fixture() : LabFixture("process")
    {
        // The hub is killed, and what it left is to be found again: it ends what is left when it is stopped.
        protected override IReadOnlyList<string> Settings { get; } = ["Kernels:StopOnExit=true"];
    }
}
