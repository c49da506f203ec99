using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using EndToEnd.Tests.Browser;
using Microsoft.Playwright;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>People who let others in: into the hub, and into their server. On a hub that records cells, and says so.</summary>
public sealed class TogetherStories(TogetherStories.Fixture lab) : LabStories(lab), IClassFixture<TogetherStories.Fixture>
{
    [Fact]
    public async Task Where_cells_are_recorded_people_see_it_while_they_work()
    {
        string path = await WriteNotebookAsync("recorded.ipynb", "print('recorded', 6 * 7)");
        LabPage tab = await OpenLabAsync();
        await tab.OpenNotebookAsync(path);
        await tab.RunCellAsync(0);
        await tab.OutputTextAsync(0, "recorded 42");
        await NoticeAsync(tab);
        await tab.Page.TakeAsync("cell-notice");
        await Readable.IsAsync(tab.Page, "the status bar", ColorScheme.Light, "#hub-cell-notice");
        await tab.Page.GotoAsync(At("user/admin/tree"));
        await tab.ReadyAsync();
        await NoticeAsync(tab);
        await tab.Page.TakeAsync("cell-notice-notebook", document: false);

        IBrowserContext night = await Lab.Chromium.NewPersonAsync(ColorScheme.Dark, 480);
        await SignInAsync(night);
        LabPage dark = await LabPage.OpenAsync(night, Lab.Hub.Address);
        await NoticeAsync(dark);
        await Readable.IsAsync(dark.Page, "the status bar in the dark", ColorScheme.Dark, "#hub-cell-notice");
        await dark.Page.TakeAsync("cell-notice-dark", document: false);
        await night.ShutAsync();

        IPage home = await Lab.Admin.NewPageAsync();
        await home.GotoAsync(At("hub/home"));
        await home.GetByText("keeps a record of who runs which cell").WaitForAsync();
        JsonElement records = await SendAsync(Lab.Admin, HttpMethod.Get, "hub/api/audit?kind=cell");
        Assert.Contains("\"hash\"", records.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("6 * 7", records.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_waits_for_approval_is_counted_in_the_panel_while_it_is_open()
    {
        IPage panel = await Lab.Admin.NewPageAsync();
        await panel.GotoAsync(At("hub/admin/settings"));
        ILocator users = panel.Locator(".views a[data-page=users]");
        await users.WaitForAsync();
        Assert.Equal(0, await users.Locator(".waiting").CountAsync());
        foreach ((string name, int count) in new[] { ("wanda", 1), ("wolf", 2) })
        {
            await SignUpAsync(name);
            await users.GetByText($"{count}", new LocatorGetByTextOptions { Exact = true }).WaitForAsync();
        }
        await panel.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Users 2 waiting for approval", Exact = true }).WaitForAsync();
        await Readable.IsAsync(panel, "hub/admin/settings", ColorScheme.Light);
        // The server draws it as the script does, and the script goes on from there.
        await panel.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Users 2 waiting for approval", Exact = true }).ClickAsync();
        await panel.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Approve wanda", Exact = true }).WaitForAsync();
        await panel.TakeAsync("admin-waiting");
        await panel.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Approve wanda", Exact = true }).ClickAsync();
        await panel.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Users 1 waiting for approval", Exact = true }).WaitForAsync();
        await SendAsync(Lab.Admin, HttpMethod.Delete, "hub/api/sign-ups/wolf");
        await users.Locator(".waiting").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
    }

    [Fact]
    public async Task A_server_shared_by_link_is_used_together_until_its_owner_withdraws_it()
    {
        (IBrowserContext olga, IPage home) = await NewPersonAsync("olga");
        IBrowserContext kens = await PersonAsync("ken");
        await SendAsync(olga, HttpMethod.Post, "hub/api/users/olga/server");
        string notebook = NotebookFile.Of("python3", "answer = 6 * 7", "print('ken says', answer); reply = 'welcome'", "print('olga reads', reply)", "print('still', 'here')");
        await SendAsync(olga, HttpMethod.Put, "user/olga/api/contents/together.ipynb", new { type = "notebook", format = "json", content = JsonSerializer.Deserialize<JsonElement>(notebook) });
        LabPage hers = await LabPage.OpenAsync(olga, Lab.Hub.Address, "user/olga/lab/workspaces/hers");
        await hers.OpenNotebookAsync("together.ipynb");
        await hers.RunCellAsync(0);

        // She makes a link on her home page.
        await home.ReloadAsync();
        await home.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Share by link" }).ClickAsync();
        string link = (await home.GetByLabel("The new link").InnerTextAsync()).Trim();
        await home.TakeAsync("share-link", document: false); // a secret, though one of a test

        // He opens it, signs in, is asked, and is in her server.
        IPage page = await kens.NewPageAsync();
        ConcurrentDictionary<IWebSocket, bool> open = [];
        page.WebSocket += (_, socket) =>
        {
            // One that is refused is heard of too, and never carries anything.
            socket.FrameReceived += (_, _) => open[socket] = true;
            socket.Close += (_, _) => open.TryRemove(socket, out bool _);
        };
        await page.GotoAsync(link);
        await page.Locator("input[name=username]").FillAsync("ken");
        await page.Locator("input[name=password]").FillAsync(LabFixture.Password);
        await page.Locator("main form button").First.ClickAsync();
        await page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "olga shares with you" }).WaitForAsync();
        await page.TakeAsync("share-accept");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Accept" }).ClickAsync();
        await page.WaitForURLAsync(new Regex("/user/olga/"));
        LabPage his = new(page);
        await his.ReadyAsync();
        await his.OpenNotebookAsync("together.ipynb");
        Assert.Equal(await hers.KernelIdAsync(), await his.KernelIdAsync());

        // Both work with the same variables.
        await his.RunCellAsync(1);
        await his.Page.TakeAsync("share-running", document: false);
        await his.OutputTextAsync(1, "ken says 42");
        await his.Page.TakeAsync("share-together");
        await hers.RunCellAsync(2);
        await hers.OutputTextAsync(2, "olga reads welcome");
        Assert.NotEmpty(open);

        // She withdraws it: what he has open is cut, and he has no way back.
        Provokes("user/olga/", "what he asks of her server is refused from now on");
        Provokes("WebSocket connection to", "and so is what he tries to connect again");
        Provokes("thrown:|Error|Failed|404|403|Directory not found", "his page complains of what it is refused");
        await home.GotoAsync(At("hub/home"));
        await home.GetByText("Everybody in").Or(home.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Revoke the access of ken" })).WaitForAsync();
        await home.TakeAsync("share-access");
        await home.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Revoke the access of ken" }).ClickAsync();
        await home.GetByText("They have no access any more.").WaitForAsync();
        await Eventually.TrueAsync(() => open.IsEmpty, "his WebSockets to be closed");
        IAPIResponse refused = await kens.APIRequest.GetAsync(At("user/olga/api/contents/together.ipynb"));
        Assert.Contains(refused.Status, new[] { 403, 404 });
        await Eventually.TrueAsync(async () => await his.KernelStatusAsync() is not ("idle" or "busy"), "his page to know that it is cut");
        await his.Page.Locator("#hub-refused").GetByText("You have no access to the notebooks of olga any more").WaitForAsync();
        await his.Page.TakeAsync("share-cut", document: false);
        // Nothing of hers was disturbed.
        await hers.RunCellAsync(3);
        await hers.OutputTextAsync(3, "still here");
        Assert.True(open.IsEmpty, "he is connected again");
        await kens.ShutAsync();
        await olga.ShutAsync();
    }

    private static async Task NoticeAsync(LabPage tab)
    {
        ILocator notice = tab.Page.Locator("#hub-cell-notice");
        await notice.WaitForAsync();
        Assert.Equal("Cells are recorded", await notice.InnerTextAsync());
        Assert.Contains("fingerprint of its code", await notice.GetAttributeAsync("title") ?? "", StringComparison.Ordinal);
        LocatorBoundingBoxResult box = (await notice.BoundingBoxAsync())!;
        int width = tab.Page.ViewportSize!.Width, height = tab.Page.ViewportSize.Height;
        Assert.True(box is { Width: > 20, Height: > 5 } && box.X >= 0 && box.X + box.Width <= width && box.Y + box.Height <= height, $"the notice is out of sight: {box.X} {box.Y} {box.Width} {box.Height}");
    }

    private async Task SignUpAsync(string name)
    {
        IBrowserContext person = await Lab.Chromium.NewPersonAsync();
        IPage page = await person.NewPageAsync();
        await page.GotoAsync(At("hub/signup"));
        await page.Locator("input[name=username]").FillAsync(name);
        foreach (string field in new[] { "password", "password_again" })
            await page.Locator($"input[name={field}]").FillAsync(LabFixture.Password);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Create account" }).ClickAsync();
        await page.GetByText("an administrator must let you in").WaitForAsync();
        await person.ShutAsync();
    }

    /// <summary>Somebody with an account, and a browser nobody is signed in with.</summary>
    private async Task<IBrowserContext> PersonAsync(string name)
    {
        await SendAsync(Lab.Admin, HttpMethod.Post, $"hub/api/users/{name}");
        await SendAsync(Lab.Admin, HttpMethod.Put, $"hub/api/users/{name}/password", new { password = LabFixture.Password });
        return await Lab.Chromium.NewPersonAsync();
    }

    private async Task<(IBrowserContext Person, IPage Home)> NewPersonAsync(string name)
    {
        IBrowserContext person = await PersonAsync(name);
        IPage page = await person.NewPageAsync();
        await page.GotoAsync(At("hub/login"));
        await page.Locator("input[name=username]").FillAsync(name);
        await page.Locator("input[name=password]").FillAsync(LabFixture.Password);
        await page.Locator("main form button").First.ClickAsync();
        await page.WaitForURLAsync("**/hub/home");
        return (person, page);
    }

    private async Task<JsonElement> SendAsync(IBrowserContext person, HttpMethod method, string path, object? body = null)
    {
        string xsrf = (await person.CookiesAsync([Lab.Hub.Address.AbsoluteUri])).First(cookie => cookie.Name == "_xsrf").Value;
        IAPIResponse answer = await person.APIRequest.FetchAsync(
            At(path), new APIRequestContextOptions { Method = method.Method, DataObject = body, Headers = [new("X-XSRFToken", xsrf)] });
        string text = await answer.TextAsync();
        Assert.True(answer.Ok, $"{method} {path}: {answer.Status} {text}");
        return text.Length > 0 ? JsonSerializer.Deserialize<JsonElement>(text) : default;
    }

    public sealed class Fixture() : LabFixture("process")
    {
        protected override IReadOnlyList<string> Settings { get; } = ["Kernels:StopOnExit=true", "Audit:Cells=hash", "Auth:SignUp=Approval", "Sharing:ByUsers=true"];
    }
}
