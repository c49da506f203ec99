using System.Text.Json;
using EndToEnd.Tests.Browser;
using Microsoft.Playwright;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>What an administrator sees and does in the panel, with kernels as local processes.</summary>
public sealed partial class PanelStories(PanelStories.Fixture lab) : LabStories(lab), IClassFixture<PanelStories.Fixture>
{
    /// <summary>A title made to be run, were it ever taken for markup.</summary>
    private const string HostileName = "<img src=x onerror=alert(1)> lesson.ipynb";

    /// <summary>Asks as the page does.</summary>
    private const string Ask =
        """
        async ([method, path, body]) => {
            const { base, xsrf } = document.getElementById('panel').dataset;
            const answer = await fetch(base + path, { method, headers: { 'X-XSRFToken': xsrf, 'Content-Type': 'application/json' }, body: body ?? undefined });
            const text = await answer.text();
            if (!answer.ok && answer.status !== 400) throw new Error(`${path}: ${answer.status} ${text}`);
            return text;
        }
        """;

    private const string Run =
        """
        ([id, code]) => new Promise((resolve, reject) => {
            const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/user/admin/api/kernels/${id}/channels`);
            window.running = socket;
            socket.onerror = reject;
            socket.onopen = () => {
                socket.send(JSON.stringify({ channel: 'shell', header: { msg_id: crypto.randomUUID(), msg_type: 'execute_request', session: 's', username: 'admin', date: new Date().toISOString(), version: '5.3' },
                    parent_header: {}, metadata: {}, content: { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false } }));
                resolve(true);
            };
        })
        """;

    [Fact]
    public async Task An_administrator_sees_a_kernel_start_and_become_busy_interrupts_it_reads_its_log_and_stops_it()
    {
        IPage panel = await Lab.Admin.NewPageAsync();
        await panel.GotoAsync(At("hub/home"));
        await panel.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Admin", Exact = true }).ClickAsync();
        await Live(panel);
        await panel.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Kernels", Exact = true }).ClickAsync();
        await Live(panel);
        string id = await StartAsync(panel);
        ILocator row = panel.Locator($"tr[data-key='{id}']");
        await row.WaitForAsync();
        await State(row, "idle");
        Assert.Contains("<img src=x", await row.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await panel.Locator("#panel img").CountAsync());

        await panel.EvaluateAsync<bool>(Run, new[] { id, "import time; print('asleep', flush=True); time.sleep(3600)" });
        await State(row, "busy");
        await Eventually.TrueAsync(async () => (await row.InnerTextAsync()).Contains("for admin", StringComparison.Ordinal), "for whom it is busy");
        await Eventually.TrueAsync(async () => !(await row.InnerTextAsync()).Contains("unknown", StringComparison.Ordinal), "what it takes of the machine");
        await panel.TakeAsync("admin-kernels-hostile", document: false);

        await row.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Interrupt" }).ClickAsync();
        await ConfirmAsync(panel, "Interrupt");
        await State(row, "idle");
        await row.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Log of" }).ClickAsync();
        await panel.Locator("dialog pre").WaitForAsync();
        await panel.Keyboard.PressAsync("Escape");
        await row.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Stop" }).ClickAsync();
        await ConfirmAsync(panel, "Stop");
        await row.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
        await panel.EvaluateAsync("() => window.running?.close()");
    }

    [Theory]
    [InlineData("WebSocket")]
    [InlineData("WebSocket,EventSource")]
    public async Task The_panel_is_live_where_a_proxy_lets_no_WebSocket_or_stream_through(string blocked)
    {
        IPage panel = await Lab.Admin.NewPageAsync();
        await panel.AddInitScriptAsync(string.Concat(blocked.Split(',').Select(name => $"delete window.{name}; window.{name} = undefined;")));
        await panel.GotoAsync(At("hub/admin/kernels"));
        await Live(panel);
        string id = await StartAsync(panel);
        await State(panel.Locator($"tr[data-key='{id}']"), "idle");
        await panel.EvaluateAsync<string>(Ask, new[] { "DELETE", $"hub/api/users/admin/kernels/{id}", null });
        await panel.Locator($"tr[data-key='{id}']").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
    }

    [Fact]
    public async Task Users_are_found_disabled_and_deleted_and_who_could_not_be_is_named()
    {
        Provokes("status of 400.*users/admin:", "the administrator is disabled on purpose");
        IPage panel = await Lab.Admin.NewPageAsync();
        await panel.GotoAsync(At("hub/admin/users"));
        await panel.Locator("tr[data-key=admin]").WaitForAsync();
        await panel.EvaluateAsync<string>(Ask, new[] { "POST", "hub/api/users", JsonSerializer.Serialize(new { usernames = new[] { "grace", "alan", "ada" } }) });
        await panel.GetByLabel("Search by name").FillAsync("a");
        await panel.Locator("tr[data-key=ada]").WaitForAsync();
        await panel.GetByLabel("Choose ada", new PageGetByLabelOptions { Exact = true }).CheckAsync();
        await panel.GetByLabel("Choose admin", new PageGetByLabelOptions { Exact = true }).CheckAsync();
        await panel.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Disable, for the chosen" }).ClickAsync();
        await ConfirmAsync(panel, "Disable");
        ILocator said = panel.Locator("#panel .done");
        await said.GetByText("Cannot disable yourself").WaitForAsync();
        Assert.Contains("1 done, 1 failed", await said.InnerTextAsync(), StringComparison.Ordinal);
        await panel.Locator("tr[data-key=ada] .state.dead").WaitForAsync();
        await panel.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Details of grace" }).ClickAsync();
        await panel.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Make a password link" }).ClickAsync();
        Assert.Contains("/hub/set-password?", await panel.Locator("dialog code").InnerTextAsync(), StringComparison.Ordinal);
        await panel.Keyboard.PressAsync("Escape");
        await panel.TakeAsync("admin-users");

        await panel.GotoAsync(At("hub/admin/events"));
        await panel.Locator("#panel tbody tr").First.WaitForAsync();
        await panel.TakeAsync("admin-events");
        await panel.GotoAsync(At("hub/admin/settings"));
        await panel.GetByText("Admin:PushEveryMilliseconds").WaitForAsync();
        await panel.GetByText("ready", new PageGetByTextOptions { Exact = true }).WaitForAsync();
        await panel.TakeAsync("admin-settings");
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 360)]
    public async Task Every_page_of_the_panel_fits_and_can_be_read(ColorScheme colours, int width)
    {
        IBrowserContext person = await Lab.Chromium.NewPersonAsync(colours, width);
        await SignInAsync(person);
        IPage page = await person.NewPageAsync();
        foreach (string view in new[] { "", "/classes", "/servers", "/kernels", "/environments", "/users", "/events", "/settings" })
        {
            await page.GotoAsync(At("hub/admin" + view));
            await page.Locator("#panel .tools, #panel .cards > div, #panel p.hint").First.WaitForAsync();
            Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= window.innerWidth"), $"hub/admin{view} is wider than the window");
            await Readable.IsAsync(page, "hub/admin" + view, colours);
            await page.TakeAsync($"admin{view.Replace('/', '-')}-{colours}-{width}".ToLowerInvariant(), document: false);
        }
        if (width > 1000)
        {
            await page.GotoAsync(At("hub/admin"));
            await Live(page);
            await page.TakeAsync($"admin-overview-{colours}".ToLowerInvariant());
        }
        await person.ShutAsync();
    }

    [Fact]
    public async Task Without_scripts_every_page_is_a_table()
    {
        IBrowserContext person = await Lab.Chromium.NewPersonAsync(scripts: false);
        await SignInAsync(person);
        IPage page = await person.NewPageAsync();
        foreach (string view in new[] { "", "/classes", "/servers", "/kernels", "/environments", "/users?name=adm", "/events", "/settings" })
        {
            await page.GotoAsync(At("hub/admin" + view));
            await page.Locator("#panel thead th").First.WaitForAsync();
        }
        await page.GotoAsync(At("hub/admin/users?name=adm"));
        Assert.Contains("administrator", await page.Locator("#panel tbody").InnerTextAsync(), StringComparison.Ordinal);
        await person.ShutAsync();
    }

    [Fact]
    public async Task An_administrator_finds_a_server_sees_what_it_takes_opens_it_and_stops_it()
    {
        IPage panel = await Lab.Admin.NewPageAsync();
        await panel.GotoAsync(At("hub/admin/servers"));
        await Live(panel);
        await panel.EvaluateAsync<string>(Ask, new[] { "POST", "hub/api/users", JsonSerializer.Serialize(new { usernames = new[] { "sara", "selma" } }) });
        foreach (string name in new[] { "sara", "selma" })
        {
            await panel.EvaluateAsync<string>(Ask, new[] { "POST", $"hub/api/users/{name}/server", "{}" });
            await panel.EvaluateAsync<string>(Ask, new[] { "POST", $"user/{name}/api/kernels", "{}" });
        }
        ILocator sara = panel.Locator("tr[data-key='sara/']"), selma = panel.Locator("tr[data-key='selma/']");
        await State(sara, "idle");
        await Eventually.TrueAsync(async () => (await sara.InnerTextAsync()).Contains("MiB", StringComparison.Ordinal), "what the server takes of the machine");
        await panel.GetByLabel("Owner or name").FillAsync("s");
        await Eventually.TrueAsync(async () => !(await panel.Locator("tbody").InnerTextAsync()).Contains("unknown", StringComparison.Ordinal), "what every server takes");
        await panel.TakeAsync("admin-servers");
        await panel.GetByLabel("Owner or name").FillAsync("sara");
        await selma.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });

        await sara.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Open the server of sara" }).ClickAsync();
        await panel.GetByText("the audit keeps that you were there").WaitForAsync();
        await panel.TakeAsync("admin-servers-open", document: false);
        IPage lab = await panel.RunAndWaitForPopupAsync(() => ConfirmAsync(panel, "Open"));
        await lab.WaitForURLAsync(new System.Text.RegularExpressions.Regex("/user/sara/lab"));
        await lab.CloseAsync();

        await sara.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Stop the server of sara" }).ClickAsync();
        await ConfirmAsync(panel, "Stop");
        await sara.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
        await panel.GetByLabel("Owner or name").FillAsync("");
        await State(selma, "idle");
    }

    private async Task<string> StartAsync(IPage panel)
    {
        Provokes("status of 400.*users/admin/server", "the server may run since another story");
        await panel.EvaluateAsync<string>(Ask, new[] { "POST", "hub/api/users/admin/server", "{}" });
        string session = await panel.EvaluateAsync<string>(
            Ask, new[] { "POST", "user/admin/api/sessions", JsonSerializer.Serialize(new { path = $"{Guid.NewGuid():N} {HostileName}", name = HostileName, type = "notebook", kernel = new { name = "python3" } }) });
        return JsonDocument.Parse(session).RootElement.GetProperty("kernel").GetProperty("id").GetString()!;
    }

    private static Task Live(IPage panel) => panel.Locator("#panel .line").GetByText("Live.").WaitForAsync();

    private static Task State(ILocator row, string state) => row.Locator($".state.{state}").WaitForAsync();

    private static async Task ConfirmAsync(IPage panel, string does)
    {
        await panel.Locator("dialog button.danger").WaitForAsync();
        Assert.Equal(does, await panel.Locator("dialog button.danger").InnerTextAsync());
        await panel.Locator("dialog button.danger").ClickAsync();
    }

    public sealed class Fixture() : LabFixture("process");
}
