using System.Text.Json;
using EndToEnd.Tests.Browser;
using Microsoft.Playwright;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>A class as its people live it, from the empty list to the archive; kernels are local processes.</summary>
public sealed class ClassStories(ClassStories.Fixture lab) : LabStories(lab), IClassFixture<ClassStories.Fixture>
{
    private static readonly string[] s_names = ["Ada", "Alan", "Edsger"];

    [Fact]
    public async Task A_class_in_ten_minutes()
    {
        // The teacher makes a class on the page.
        IBrowserContext grace = await TeacherAsync();
        IPage desk = await grace.NewPageAsync();
        await desk.GotoAsync(At("hub/classes"));
        await desk.Locator("input[name=name]").FillAsync("Python for Everybody");
        await desk.Locator("input[name=materials]").FillAsync("lessons");
        await desk.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Make the class" }).ClickAsync();
        string code = (await desk.Locator("p.code").InnerTextAsync()).Trim();
        string classes = $"hub/api/classes/{desk.Url[(desk.Url.LastIndexOf('/') + 1)..].Split('?')[0]}";
        await desk.TakeAsync("class-code");

        // Three people join by the code; each is in the first notebook, with a kernel, and runs a cell.
        List<IBrowserContext> people = [];
        List<LabPage> tabs = [];
        foreach (string name in s_names)
        {
            people.Add(await Lab.Chromium.NewPersonAsync());
            tabs.Add(await JoinAsync(people[^1], code, name));
        }
        foreach (LabPage tab in tabs)
        {
            await tab.NotebookReadyAsync();
            Assert.EndsWith("1-hello.ipynb", await tab.PathAsync(), StringComparison.Ordinal);
            await tab.RunCellAsync(0);
            await tab.OutputTextAsync(0, "hello 42");
        }
        LabPage ada = tabs[0];
        await ada.SaveAsync();
        string student = ada.Page.Url.Split("/user/")[1].Split('/')[0];

        // One raises a hand.
        ILocator hand = ada.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Raise hand" });
        await hand.ClickAsync();
        ILocator raised = ada.Page.Locator("#hub-hand button[aria-pressed=true]");
        await raised.WaitForAsync();
        await ada.Page.TakeAsync("class-hand");

        // The teacher sees it on the wall, and steps in: first to look.
        IPage wall = await grace.NewPageAsync();
        await wall.GotoAsync(desk.Url);
        await wall.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Live wall" }).ClickAsync();
        ILocator tile = wall.Locator($".tile.calls[data-key={student}]");
        await tile.WaitForAsync();
        Assert.Equal(3, await wall.Locator(".tile").CountAsync());
        Assert.Contains("1-hello.ipynb", await tile.InnerTextAsync(), StringComparison.Ordinal);
        await wall.TakeAsync("class-wall-hand");
        LabPage looking = await StepInAsync(grace, tile, "View beside Ada");
        await looking.NotebookReadyAsync();
        await looking.OutputTextAsync(0, "hello 42");
        ILocator told = ada.Page.Locator("#hub-banner");
        await told.WaitForAsync();
        Assert.Equal("Grace is looking in your notebooks.", await told.InnerTextAsync());
        await looking.RunCellAsync(0);
        await looking.OutputTextAsync(0, "you look in as a viewer");
        await looking.Page.TakeAsync("class-viewer");
        await looking.Page.ShutAsync();
        await told.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached, Timeout = 10_000 });

        // Then to help.
        LabPage helping = await StepInAsync(grace, tile, "Help Ada in their notebook");
        await helping.NotebookReadyAsync();
        await told.WaitForAsync();
        Assert.Equal("Grace is helping in your notebooks.", await told.InnerTextAsync());
        await helping.RunCellAsync(1);
        await helping.OutputTextAsync(1, "helped");
        await ada.Page.TakeAsync("class-banner");
        await tile.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Lower the hand of Ada" }).ClickAsync();
        await hand.WaitForAsync();
        await tile.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });

        // A word to all, and a file.
        await wall.GetByLabel("Message to everybody").Last.FillAsync("Ten minutes left: <b>save</b> your work.");
        await wall.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Send", Exact = true }).ClickAsync();
        await wall.GetByText("The message is on everybody\u2019s screen.").WaitForAsync();
        foreach (LabPage tab in tabs)
        {
            ILocator notice = tab.Page.Locator(".jp-toast-message", new PageLocatorOptions { HasText = "Ten minutes left" });
            await notice.WaitForAsync();
            Assert.Equal("Grace: Ten minutes left: <b>save</b> your work.", await notice.InnerTextAsync());
        }
        await HandOutAsync(wall);
        foreach (LabPage tab in tabs)
            await tab.Page.Locator(".jp-toast-message", new PageLocatorOptions { HasText = "handed you a file: 2-homework.ipynb" }).WaitForAsync();
        await tabs[1].Page.TakeAsync("class-message");
        await tabs[1].Page.Locator(".jp-toast-button", new PageLocatorOptions { HasText = "Open" }).ClickAsync();
        await Eventually.TrueAsync(async () => (await tabs[1].PathAsync()).EndsWith("2-homework.ipynb", StringComparison.Ordinal), "the handed out notebook to open");

        // A page that is opened later, in the simple Notebook, shows what was not dismissed, and has the hand too.
        LabPage later = new(await people[2].NewPageAsync());
        await later.Page.GotoAsync(tabs[2].Page.Url.Split("/lab/")[0] + "/tree");
        await later.ReadyAsync();
        await later.Page.Locator(".jp-toast-message", new PageLocatorOptions { HasText = "Ten minutes left" }).WaitForAsync();
        await later.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Raise hand" }).WaitForAsync();
        await later.Page.TakeAsync("class-notebook", document: false);

        // The end: an archive, and the guests are gone.
        foreach (LabPage tab in tabs.Append(helping).Append(later))
            await tab.Page.ShutAsync();
        await desk.Locator("#sure").CheckAsync();
        await desk.Locator("section[aria-labelledby=end] button").ClickAsync();
        await desk.GetByText("This class is over").WaitForAsync();
        IAPIResponse archive = await grace.APIRequest.GetAsync(At($"{classes}/export"), await OptionsAsync(grace));
        Assert.True(archive.Ok, $"the archive answered {archive.Status}");
        IAPIResponse gone = await Lab.Admin.APIRequest.GetAsync(At($"hub/api/users/{student}"), await OptionsAsync(Lab.Admin));
        Assert.Equal(404, gone.Status);
        foreach (IBrowserContext person in people.Append(grace))
            await person.ShutAsync();
    }

    /// <summary>Somebody with an account and lessons in their home.</summary>
    private async Task<IBrowserContext> TeacherAsync()
    {
        await SendAsync(Lab.Admin, HttpMethod.Post, "hub/api/users/grace");
        await SendAsync(Lab.Admin, HttpMethod.Patch, "hub/api/users/grace", new { display_name = "Grace" });
        await SendAsync(Lab.Admin, HttpMethod.Put, "hub/api/users/grace/password", new { password = LabFixture.Password });
        IBrowserContext grace = await Lab.Chromium.NewPersonAsync();
        IPage page = await grace.NewPageAsync();
        await page.GotoAsync(At("hub/login"));
        await page.Locator("input[name=username]").FillAsync("grace");
        await page.Locator("input[name=password]").FillAsync(LabFixture.Password);
        await page.Locator("main form button").First.ClickAsync();
        await page.WaitForURLAsync("**/hub/home");
        await page.ShutAsync();
        await SendAsync(grace, HttpMethod.Post, "hub/api/users/grace/server");
        await SendAsync(grace, HttpMethod.Put, "user/grace/api/contents/lessons", new { type = "directory" });
        string notebook = NotebookFile.Of("python3", "print('hello', 6 * 7)", "print('hel' + 'ped')");
        await SendAsync(grace, HttpMethod.Put, "user/grace/api/contents/lessons/1-hello.ipynb", new { type = "notebook", format = "json", content = JsonSerializer.Deserialize<JsonElement>(notebook) });
        return grace;
    }

    private async Task<LabPage> JoinAsync(IBrowserContext person, string code, string name)
    {
        IPage page = await person.NewPageAsync();
        await page.GotoAsync(At("hub/join"));
        await page.Locator("input[name=code]").FillAsync(code);
        await page.Locator("input[name=name]").FillAsync(name);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Join" }).ClickAsync();
        LabPage tab = new(page);
        await tab.ReadyAsync();
        return tab;
    }

    /// <summary>By the button of a student's tile, which opens a tab.</summary>
    private static async Task<LabPage> StepInAsync(IBrowserContext teacher, ILocator tile, string button)
    {
        IPage page = await teacher.RunAndWaitForPageAsync(() => tile.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = button }).ClickAsync());
        LabPage tab = new(page);
        await tab.ReadyAsync();
        return tab;
    }

    private static async Task HandOutAsync(IPage wall)
    {
        await wall.Locator("input[name=file]").SetInputFilesAsync(new FilePayload
        {
            Name = "2-homework.ipynb",
            MimeType = "application/json",
            Buffer = System.Text.Encoding.UTF8.GetBytes(NotebookFile.Of("python3", "# Your turn")),
        });
        await wall.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Hand out", Exact = true }).ClickAsync();
        await wall.GetByText("2-homework.ipynb handed out to 3 students.").WaitForAsync();
    }

    /// <summary>Asks with a person's cookies and XSRF token, as their page does.</summary>
    private async Task<JsonElement> SendAsync(IBrowserContext person, HttpMethod method, string path, object? body = null)
    {
        APIRequestContextOptions options = await OptionsAsync(person);
        options.Method = method.Method;
        options.DataObject = body;
        IAPIResponse answer = await person.APIRequest.FetchAsync(At(path), options);
        string text = await answer.TextAsync();
        Assert.True(answer.Ok, $"{method} {path}: {answer.Status} {text}");
        return text.Length > 0 ? JsonSerializer.Deserialize<JsonElement>(text) : default;
    }

    private async Task<APIRequestContextOptions> OptionsAsync(IBrowserContext person)
    {
        string xsrf = (await person.CookiesAsync([Lab.Hub.Address.AbsoluteUri])).First(cookie => cookie.Name == "_xsrf").Value;
        return new APIRequestContextOptions { Headers = [new("X-XSRFToken", xsrf)] };
    }

    public sealed class Fixture() : LabFixture("process")
    {
        protected override IReadOnlyList<string> Settings { get; } = ["Kernels:StopOnExit=true", "Classes:AnybodyMayTeach=true"];
    }
}
