using System.Globalization;
using System.Text.Json;
using EndToEnd.Tests.Browser;
using Microsoft.Playwright;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>What a teacher sees and does at the wall of a class.</summary>
public sealed partial class PanelStories
{
    private const string HostilePerson = "<img src=x onerror=alert(2)>";

    private const string RunAt =
        """
        async ([user, code]) => {
            const sessions = await (await fetch(`/user/${user}/api/sessions`)).json();
            const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/user/${user}/api/kernels/${sessions[0].kernel.id}/channels`);
            window.running = socket;
            await new Promise((resolve, reject) => { socket.onopen = resolve; socket.onerror = reject; });
            socket.send(JSON.stringify({ channel: 'shell', header: { msg_id: crypto.randomUUID(), msg_type: 'execute_request', session: 's', username: user, date: new Date().toISOString(), version: '5.3' },
                parent_header: {}, metadata: {}, content: { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false } }));
            return true;
        }
        """;

    [Fact]
    public async Task A_teacher_starts_everybodys_kernel_sees_it_run_and_fail_on_the_wall_and_another_teacher_sees_nothing()
    {
        IPage admin = await Lab.Admin.NewPageAsync();
        await admin.GotoAsync(At("hub/admin"));
        await admin.EvaluateAsync<string>(Ask, new[] { "POST", "hub/api/users", JsonSerializer.Serialize(new { usernames = new[] { "tina", "tom" } }) });
        (string id, string code) = await MakeClassAsync(admin, "Physics 8b", "tina");
        await admin.EvaluateAsync<string>(
            Ask, new[] { "POST", $"hub/api/classes/{id}/roster", "name,display_name,role\nanna,Anna Berg,student\nbert,Bert Cole,student\ncleo,Cleo Diaz,student\ndara,Dara Evans,student\n" });
        foreach (string name in new[] { "tina", "tom", "anna", "bert" })
            await admin.EvaluateAsync<string>(Ask, new[] { "PUT", $"hub/api/users/{name}/password", JsonSerializer.Serialize(new { password = LabFixture.Password }) });
        await MakeClassAsync(admin, "Chemistry", "tom");
        string materials = Path.GetFullPath(Path.Combine(Lab.Hub.HomeOf("tina"), "..", "..", "classes", id, "materials"));
        Directory.CreateDirectory(materials);
        await File.WriteAllTextAsync(Path.Combine(materials, "01 Falling bodies.ipynb"), NotebookFile.Of("python3", ["1 + 1"]));

        (IBrowserContext tina, IPage wall) = await SignInAsAsync("tina");
        await wall.GotoAsync(At($"hub/classes/{id}"));
        await wall.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Live wall" }).ClickAsync();
        await Live(wall);
        ILocator anna = wall.Locator(".tile[data-key=anna]"), bert = wall.Locator(".tile[data-key=bert]");
        await State(anna, "away");
        Assert.Equal(0, await wall.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Settings", Exact = true }).CountAsync());

        // The students are at their desks.
        (IBrowserContext annas, IPage annasPage) = await SignInAsAsync("anna");
        (IBrowserContext berts, IPage bertsPage) = await SignInAsAsync("bert");
        await State(anna, "none");
        await wall.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Hand out the materials again" }).ClickAsync();
        await wall.GetByText("files copied to 4 students").WaitForAsync();
        await wall.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Start everybody's kernel now" }).ClickAsync();
        await wall.GetByText("Start: 4 started, 0 ran already.").WaitForAsync();
        await State(anna, "idle");
        Assert.Contains("01 Falling bodies.ipynb", await anna.InnerTextAsync(), StringComparison.Ordinal);

        await annasPage.EvaluateAsync<bool>(RunAt, new[] { "anna", "import time; time.sleep(3600)" });
        await bertsPage.EvaluateAsync<bool>(RunAt, new[] { "bert", "1 / 0" });
        await State(anna, "running");
        await State(bert, "error");
        Assert.Contains("last cell failed", await bert.InnerTextAsync(), StringComparison.Ordinal);
        await wall.TakeAsync("class-wall");
        IPage kernels = await Lab.Admin.NewPageAsync();
        await kernels.GotoAsync(At("hub/admin/kernels"));
        await Live(kernels);
        await kernels.Locator("tr", new PageLocatorOptions { HasText = "for anna" }).WaitForAsync();
        await Eventually.TrueAsync(async () => !(await kernels.Locator("tbody").InnerTextAsync()).Contains("unknown", StringComparison.Ordinal), "what kernels take of the machine");
        await kernels.TakeAsync("admin-kernels");

        await OtherTeacherSeesNothingAsync(id);
        await JoinAsync(code, HostilePerson);
        await wall.Locator(".tile", new PageLocatorOptions { HasText = HostilePerson }).WaitForAsync();
        Assert.Equal(0, await wall.Locator("#panel img").CountAsync());
        await FitsAsync("hub/admin/classes/" + id);

        await wall.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Stop the servers of all students" }).ClickAsync();
        await ConfirmAsync(wall, "Stop all");
        await State(anna, "none");
        await State(bert, "none");
        foreach (IBrowserContext person in new[] { tina, annas, berts })
            await person.ShutAsync();
    }

    private static async Task<(string Id, string Code)> MakeClassAsync(IPage admin, string name, string teacher)
    {
        using JsonDocument made = JsonDocument.Parse(await admin.EvaluateAsync<string>(Ask, new[] { "POST", "hub/api/classes", JsonSerializer.Serialize(new { name, teachers = new[] { teacher } }) }));
        return (made.RootElement.GetProperty("id").GetInt64().ToString(CultureInfo.InvariantCulture), made.RootElement.GetProperty("code").GetProperty("code").GetString()!);
    }

    private async Task OtherTeacherSeesNothingAsync(string id)
    {
        Provokes("status of 404.*hub/admin/classes", "a teacher asks for the wall of another's class");
        (IBrowserContext tom, IPage page) = await SignInAsAsync("tom");
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Panel", Exact = true }).ClickAsync();
        await page.GetByText("1 class.").WaitForAsync();
        Assert.DoesNotContain("Physics 8b", await page.Locator("#panel").InnerTextAsync(), StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Kernels", Exact = true }).ClickAsync();
        await Live(page);
        await page.GetByText("0 of 0 kernels.").WaitForAsync();
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Users", Exact = true }).ClickAsync();
        await page.GetByText("Nobody; 0 chosen.").WaitForAsync();
        IResponse? refused = await page.GotoAsync(At($"hub/admin/classes/{id}"));
        Assert.Equal(404, refused!.Status);
        await tom.ShutAsync();
    }

    /// <summary>The wall can be read in the dark and on a phone, and its buttons have names.</summary>
    private async Task FitsAsync(string path)
    {
        foreach ((ColorScheme colours, int width) in new[] { (ColorScheme.Dark, 1280), (ColorScheme.Light, 360), (ColorScheme.Dark, 360) })
        {
            (IBrowserContext person, IPage page) = await SignInAsAsync("tina", colours, width);
            await page.GotoAsync(At(path));
            await page.Locator(".tile").First.WaitForAsync();
            Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= window.innerWidth"), $"{path} is wider than the window");
            await Readable.IsAsync(page, path, colours);
            string[] names = await page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('.tile button:not([hidden])')].map(one => one.getAttribute('aria-label'))");
            Assert.Equal(names.Length, names.Distinct().Count());
            await page.TakeAsync($"class-wall-{colours}-{width}".ToLowerInvariant(), document: false);
            await page.Locator(".tile").First.ScrollIntoViewIfNeededAsync();
            await page.TakeAsync($"class-wall-{colours}-{width}-tiles".ToLowerInvariant(), document: false);
            await person.ShutAsync();
        }
    }

    /// <summary>Somebody without an account joins, as a browser without scripts does.</summary>
    private async Task JoinAsync(string code, string name)
    {
        IBrowserContext person = await Lab.Chromium.NewPersonAsync(scripts: false);
        IPage page = await person.NewPageAsync();
        await page.GotoAsync(At("hub/join/" + code));
        string xsrf = await page.Locator("main input[name=_xsrf]").First.GetAttributeAsync("value") ?? "";
        IFormData form = person.APIRequest.CreateFormData();
        form.Append("code", code);
        form.Append("name", name);
        form.Append("_xsrf", xsrf);
        IAPIResponse joined = await person.APIRequest.PostAsync(At("hub/join"), new APIRequestContextOptions { Form = form, MaxRedirects = 0 });
        Assert.Equal(303, joined.Status);
        await person.ShutAsync();
    }

    private async Task<(IBrowserContext Person, IPage Page)> SignInAsAsync(string name, ColorScheme colours = ColorScheme.Light, int width = 1280)
    {
        IBrowserContext person = await Lab.Chromium.NewPersonAsync(colours, width);
        IPage page = await person.NewPageAsync();
        await page.GotoAsync(At("hub/login"));
        await page.Locator("input[name=username]").FillAsync(name);
        await page.Locator("input[name=password]").FillAsync(LabFixture.Password);
        await page.Locator("main form button").First.ClickAsync();
        await Eventually.TrueAsync(() => page.Url.EndsWith("/hub/home", StringComparison.Ordinal), "the home page");
        return (person, page);
    }
}
