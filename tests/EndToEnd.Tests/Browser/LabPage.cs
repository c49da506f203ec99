using Microsoft.Playwright;

namespace EndToEnd.Tests.Browser;

/// <summary>JupyterLab (or the simple Notebook) in one tab, in the words of somebody who uses it.</summary>
public sealed class LabPage(IPage page)
{
    public IPage Page { get; } = page;

    private ILocator Notebook => Page.Locator(".jp-NotebookPanel:not(.lm-mod-hidden)");

    public ILocator Cells => Notebook.Locator(".jp-Cell");

    /// <summary>The outputs of the code cell <paramref name="index"/>.</summary>
    public ILocator Output(int index) => Notebook.Locator(".jp-CodeCell").Nth(index).Locator(".jp-OutputArea-output");

    public static async Task<LabPage> OpenAsync(IBrowserContext person, Uri hub, string path = "user/admin/lab")
    {
        IPage tab = await person.NewPageAsync();
        LabPage lab = new(tab);
        await tab.GotoAsync(new Uri(hub, path).AbsoluteUri);
        await lab.ReadyAsync();
        return lab;
    }

    /// <summary>Waits until the application has restored its layout.</summary>
    public async Task ReadyAsync()
    {
        await Page.WaitForFunctionAsync("() => window.jupyterapp !== undefined");
        await Page.EvaluateAsync("() => window.jupyterapp.restored.then(() => true)").WaitAsync(HubProcess.Patience);
    }

    public async Task ReloadAsync()
    {
        await Page.ReloadAsync();
        await ReadyAsync();
    }

    public Task<string> CommandAsync(string command, object? arguments = null) =>
        Page.EvaluateAsync<string>(
            "async ([id, args]) => { const answer = await window.jupyterapp.commands.execute(id, args ?? {}); return String(answer?.path ?? answer?.context?.path ?? ''); }",
            new object?[] { command, arguments }).WaitAsync(HubProcess.Patience);

    /// <summary>Starts a command that opens a dialog and therefore does not return until it is answered.</summary>
    public Task BeginCommandAsync(string command, object? arguments = null) =>
        Page.EvaluateAsync("([id, args]) => { void window.jupyterapp.commands.execute(id, args ?? {}); }", new object?[] { command, arguments });

    /// <summary>A new notebook through the launcher, as a person makes one.</summary>
    public async Task NewNotebookAsync()
    {
        await CommandAsync("launcher:create");
        await Page.Locator(".jp-LauncherCard[data-category='Notebook']").First.ClickAsync();
        await NotebookReadyAsync();
    }

    public async Task OpenNotebookAsync(string path)
    {
        await CommandAsync("docmanager:open", new { path, factory = "Notebook" });
        await NotebookReadyAsync();
    }

    /// <summary>Opens a notebook and returns when its cells are drawn, whatever its kernel does.</summary>
    public async Task BeginOpenNotebookAsync(string path)
    {
        await CommandAsync("docmanager:open", new { path, factory = "Notebook" });
        await Cells.First.WaitForAsync();
    }

    /// <summary>Clicks into a code cell and presses Shift+Enter.</summary>
    public async Task RunCellAsync(int index)
    {
        await Notebook.Locator(".jp-CodeCell").Nth(index).Locator(".cm-content").ClickAsync();
        await Page.Keyboard.PressAsync("Shift+Enter");
    }

    /// <summary>What stands before a code cell: <c>[ ]:</c>, <c>[*]:</c> while it waits or runs, then its number.</summary>
    public async Task<string> PromptAsync(int index) =>
        (await Notebook.Locator(".jp-CodeCell").Nth(index).Locator(".jp-InputPrompt").InnerTextAsync()).Trim();

    /// <summary>Closes whatever dialogs are open, by the button that changes nothing.</summary>
    public async Task DismissDialogsAsync()
    {
        ILocator dialogs = Page.Locator(".jp-Dialog");
        await Eventually.TrueAsync(
            async () =>
            {
                if (await dialogs.CountAsync() == 0)
                    return true;
                await Page.Keyboard.PressAsync("Escape");
                return false;
            },
            "the dialogs to close");
    }

    /// <summary>Waits until the notebook in front is drawn and its kernel is idle.</summary>
    public async Task NotebookReadyAsync()
    {
        await Notebook.First.WaitForAsync();
        await Eventually.TrueAsync(
            () => Page.EvaluateAsync<bool>(
                """
                async () => {
                    const panel = window.jupyterapp.shell.currentWidget;
                    const context = panel?.sessionContext;
                    if (!context) return false;
                    await panel.context.ready;
                    await context.ready;
                    return context.session?.kernel?.status === 'idle';
                }
                """),
            "the notebook's kernel to be idle");
    }

    /// <summary>Types <paramref name="code"/> into the last cell and presses Shift+Enter.</summary>
    public async Task TypeAndRunAsync(string code)
    {
        ILocator editor = Notebook.Locator(".jp-CodeCell").Last.Locator(".cm-content");
        await editor.ClickAsync();
        await Page.Keyboard.InsertTextAsync(code);
        await Page.Keyboard.PressAsync("Shift+Enter");
    }

    /// <summary>The text of all outputs of a code cell once it contains <paramref name="expected"/>.</summary>
    public async Task<string> OutputTextAsync(int cell, string expected)
    {
        string text = "";
        await Eventually.TrueAsync(
            async () => (text = string.Concat(await Output(cell).AllInnerTextsAsync())).Contains(expected, StringComparison.Ordinal),
            $"\"{expected}\" in the output of cell {cell}; it said \"{text}\"");
        return text;
    }

    public async Task SaveAsync()
    {
        await CommandAsync("docmanager:save");
        await Page.WaitForFunctionAsync("() => window.jupyterapp.shell.currentWidget.context.model.dirty === false");
    }

    /// <summary>Presses the accepting button of the dialog in front.</summary>
    public Task AcceptDialogAsync() => Page.Locator(".jp-Dialog .jp-mod-accept").Last.ClickAsync();

    /// <summary>The file of the document in front.</summary>
    public Task<string> PathAsync() => Page.EvaluateAsync<string>("() => window.jupyterapp.shell.currentWidget?.context?.path ?? ''");

    public Task<string> KernelIdAsync() => Page.EvaluateAsync<string>("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.id");

    public Task<string> KernelStatusAsync() => Page.EvaluateAsync<string>("() => window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status ?? 'none'");
}
