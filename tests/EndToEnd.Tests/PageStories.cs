using EndToEnd.Tests.Browser;
using Microsoft.Playwright;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>The pages for people whose browser is small, dark, without a mouse or without scripts. They need no kernel of a particular kind.</summary>
public sealed class PageStories(PageStories.Fixture lab) : LabStories(lab), IClassFixture<PageStories.Fixture>
{
    /// <summary>The pages the server draws for somebody who is signed in.</summary>
    private static readonly string[] s_personalPages = ["hub/home", "hub/token", "hub/password"];

    [Fact]
    public async Task Signing_in_running_a_cell_and_signing_out_need_only_a_keyboard()
    {
        IBrowserContext person = await Lab.Chromium.NewPersonAsync();
        IPage page = await person.NewPageAsync();
        await page.GotoAsync(At("hub/login"));
        await TabToAsync(page, "input[name=username]");
        Assert.True(await HasVisibleFocusAsync(page), "the focused field does not show that it is focused");
        await page.Keyboard.TypeAsync("admin");
        await TabToAsync(page, "input[name=password]");
        await page.Keyboard.TypeAsync(LabFixture.Password);
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/hub/home");

        await TabToAsync(page, "a.door.main");
        Assert.True(await HasVisibleFocusAsync(page), "the focused link does not show that it is focused");
        await page.Keyboard.PressAsync("Enter");
        LabPage tab = new(page);
        await tab.ReadyAsync();
        await tab.BeginCommandAsync("docmanager:open", new { path = await WriteNotebookAsync("keys.ipynb", "print('no mouse', 6 * 7)"), factory = "Notebook" });
        await tab.NotebookReadyAsync();
        await page.Keyboard.PressAsync("Shift+Enter");
        await tab.OutputTextAsync(0, "no mouse 42");

        await page.GotoAsync(At("hub/home"));
        await TabToAsync(page, ".who a");
        await page.Keyboard.PressAsync("Enter");
        await Eventually.TrueAsync(async () => (await person.APIRequest.GetAsync(At("user/admin/api/kernels"))).Status == 403, "the sign-out to take effect");
        await person.ShutAsync();
    }

    [Fact]
    public async Task Without_scripts_a_person_signs_in_sees_what_runs_makes_a_token_and_signs_out()
    {
        Provokes("status of 401|status of 403", "the wrong password is tried on purpose");
        IBrowserContext person = await Lab.Chromium.NewPersonAsync(scripts: false);
        IPage page = await person.NewPageAsync();
        await page.GotoAsync(At("hub/login"));
        await page.Locator("input[name=username]").FillAsync("admin");
        await page.Locator("input[name=password]").FillAsync("wrong");
        await page.Locator("main form button").First.ClickAsync();
        Assert.Contains("password", await page.Locator("main").InnerTextAsync(), StringComparison.OrdinalIgnoreCase);
        await page.Locator("input[name=username]").FillAsync("admin");
        await page.Locator("input[name=password]").FillAsync(LabFixture.Password);
        await page.Locator("main form button").First.ClickAsync();
        await page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Hello, admin" }).WaitForAsync();

        await page.GotoAsync(At("hub/token"));
        await page.Locator("main form button").First.ClickAsync();
        Assert.Matches("[0-9A-Za-z_-]{20,}", await page.Locator("main").InnerTextAsync());

        await page.GotoAsync(At("user/admin/lab"));
        // Playwright looks for texts and roles everywhere but in a noscript.
        ILocator way = page.Locator("noscript a");
        Assert.Contains("needs JavaScript", await page.Locator("noscript").TextContentAsync(), StringComparison.Ordinal);
        await way.ClickAsync();
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Sign out" }).ClickAsync();
        await page.GotoAsync(At("hub/home"));
        await page.Locator("input[name=password]").WaitForAsync();
        await person.ShutAsync();
    }

    [Fact]
    public async Task In_a_narrow_window_nothing_is_cut_off_and_a_cell_runs()
    {
        IBrowserContext person = await Lab.Chromium.NewPersonAsync(width: 360, height: 640);
        IPage page = await person.NewPageAsync();
        await page.GotoAsync(At("hub/login"));
        Assert.True(await FitsAsync(page), "the sign-in page is wider than the window");
        await page.TakeAsync("narrow-sign-in");
        await SignInAsync(person);
        foreach (string address in s_personalPages)
        {
            await page.GotoAsync(At(address));
            Assert.True(await FitsAsync(page), $"{address} is wider than the window");
        }

        string path = await WriteNotebookAsync("narrow.ipynb", "print('narrow', 6 * 7)");
        LabPage tab = await LabPage.OpenAsync(person, Lab.Hub.Address);
        await tab.OpenNotebookAsync(path);
        LocatorBoundingBoxResult cell = (await tab.Cells.First.BoundingBoxAsync())!;
        Assert.True(cell.Width > 180, $"a cell is only {cell.Width} pixels wide");
        await tab.RunCellAsync(0);
        await tab.OutputTextAsync(0, "narrow 42");
        await tab.Page.TakeAsync("narrow-lab");
        await person.ShutAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Every_page_follows_the_colours_of_the_system_and_can_be_read(ColorScheme colours)
    {
        IBrowserContext person = await Lab.Chromium.NewPersonAsync(colours);
        IPage page = await person.NewPageAsync();
        await page.GotoAsync(At("hub/login"));
        await Readable.IsAsync(page, "hub/login", colours);
        await SignInAsync(person);
        foreach (string address in s_personalPages)
        {
            await page.GotoAsync(At(address));
            await Readable.IsAsync(page, address, colours);
        }

        await page.GotoAsync(At("hub/home"));
        await page.TakeAsync($"home-{colours}".ToLowerInvariant());
        LabPage tab = await LabPage.OpenAsync(person, Lab.Hub.Address);
        bool light = colours == ColorScheme.Light;
        await Eventually.TrueAsync(
            async () => await tab.Page.EvaluateAsync<string?>("() => document.body.dataset.jpThemeLight ?? null") == (light ? "true" : "false"), $"JupyterLab to be {colours}");
        await tab.Page.TakeAsync($"lab-{colours}".ToLowerInvariant());
        await person.ShutAsync();
    }

    /// <summary>Presses the tabulator until the element has the focus; no page makes anybody press it fifty times.</summary>
    private static async Task TabToAsync(IPage page, string selector)
    {
        for (int pressed = 0; pressed < 50; pressed++)
        {
            if (await page.EvaluateAsync<bool>("selector => document.activeElement?.matches(selector) ?? false", selector))
                return;
            await page.Keyboard.PressAsync("Tab");
        }
        Assert.Fail($"the tabulator never reaches {selector}");
    }

    private static Task<bool> HasVisibleFocusAsync(IPage page) => page.EvaluateAsync<bool>(
        """
        () => {
            const style = getComputedStyle(document.activeElement);
            return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
        }
        """);

    private static Task<bool> FitsAsync(IPage page) => page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= window.innerWidth");

    public sealed class Fixture() : LabFixture("process");
}
