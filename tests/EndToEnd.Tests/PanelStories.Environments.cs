using System.Text.Json;
using EndToEnd.Tests.Browser;
using Microsoft.Playwright;
using Xunit;

namespace EndToEnd.Tests;

public sealed partial class PanelStories
{
    [Fact]
    public async Task An_administrator_makes_an_environment_for_a_group_changes_it_and_removes_it()
    {
        Provokes("status of 400.*hub/api/environments", "an environment is refused on purpose");
        IPage panel = await Lab.Admin.NewPageAsync();
        await panel.GotoAsync(At("hub/admin"));
        await panel.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Environments", Exact = true }).ClickAsync();
        await Live(panel);
        ILocator installed = panel.Locator("tr[data-key='python3']");
        await Eventually.TrueAsync(async () => (await installed.InnerTextAsync()).Contains("installed", StringComparison.Ordinal), "the environment this machine has");
        await installed.Locator(".state.idle").GetByText("ready", new LocatorGetByTextOptions { Exact = true }).WaitForAsync();
        Assert.Equal(0, await installed.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Edit" }).CountAsync());

        await panel.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Make a new environment" }).ClickAsync();
        ILocator form = panel.Locator("dialog form");
        await form.GetByLabel("Name", new LocatorGetByLabelOptions { Exact = false }).First.FillAsync("Chemistry");
        await form.GetByLabel("Shown as").FillAsync("Chemistry, second year");
        await form.GetByLabel("Image", new LocatorGetByLabelOptions { Exact = false }).First.FillAsync("some/image:1");
        await form.GetByLabel("For the groups").FillAsync("chemists");
        await form.GetByText("Command, variables, limits, network and mounts").ClickAsync();
        await form.GetByLabel("Variables").FillAsync("LESSON=4");
        await form.GetByLabel("Open files").FillAsync("2048");
        await panel.TakeAsync("admin-environment-form", document: false);
        await form.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Make it" }).ClickAsync();
        await form.GetByRole(AriaRole.Alert).GetByText("local processes").WaitForAsync();
        await form.GetByLabel("Image", new LocatorGetByLabelOptions { Exact = false }).First.FillAsync("");
        await form.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Make it" }).ClickAsync();
        ILocator made = panel.Locator("tr[data-key='chemistry']");
        await made.Locator(".state.idle").GetByText("ready", new LocatorGetByTextOptions { Exact = true }).WaitForAsync();
        Assert.Contains("chemists", await made.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("2048 open files", await made.InnerTextAsync(), StringComparison.Ordinal);
        await panel.TakeAsync("admin-environments");

        await panel.EvaluateAsync<string>(Ask, new[] { "POST", "hub/api/users", JsonSerializer.Serialize(new { usernames = new[] { "carla", "dirk" } }) });
        await panel.EvaluateAsync<string>(Ask, new[] { "POST", "hub/api/groups/chemists", JsonSerializer.Serialize(new { users = new[] { "carla" } }) });
        foreach (string name in new[] { "carla", "dirk" })
            await panel.EvaluateAsync<string>(Ask, new[] { "POST", $"hub/api/users/{name}/server", "{}" });
        Assert.Contains("Chemistry, second year", await panel.EvaluateAsync<string>(Ask, new[] { "GET", "user/carla/api/kernelspecs", null }), StringComparison.Ordinal);
        Assert.DoesNotContain("chemistry", await panel.EvaluateAsync<string>(Ask, new[] { "GET", "user/dirk/api/kernelspecs", null }), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("\"chemistry\"", await panel.EvaluateAsync<string>(Ask, new[] { "POST", "user/carla/api/kernels", """{"name": "chemistry"}""" }), StringComparison.Ordinal);

        await made.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Edit chemistry" }).ClickAsync();
        await form.GetByLabel("For the groups").FillAsync("");
        await form.GetByLabel("Shown as").FillAsync("Chemistry for all");
        await form.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Save" }).ClickAsync();
        await made.GetByText("Chemistry for all").WaitForAsync();
        Assert.Contains("everybody", await made.InnerTextAsync(), StringComparison.Ordinal);
        string kept = await panel.EvaluateAsync<string>(Ask, new[] { "GET", "hub/api/environments/chemistry", null });
        Assert.Contains("LESSON", kept, StringComparison.Ordinal);
        Assert.Contains("Chemistry for all", await panel.EvaluateAsync<string>(Ask, new[] { "GET", "user/dirk/api/kernelspecs", null }), StringComparison.Ordinal);

        await made.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Remove chemistry" }).ClickAsync();
        await ConfirmAsync(panel, "Remove");
        await made.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
        await panel.EvaluateAsync<string>(Ask, new[] { "DELETE", "hub/api/users/carla", null });
    }
}
