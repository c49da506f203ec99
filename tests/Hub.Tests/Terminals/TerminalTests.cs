using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hub.Contents.Quotas;
using Hub.Events;
using Microsoft.Extensions.DependencyInjection;
using Testing;
using Xunit;

namespace Hub.Tests.Terminals;

/// <summary>Terminals with a real shell on a real pty, as local processes.</summary>
public sealed class TerminalTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_terminal_is_started_listed_and_ended_in_Jupyter_Servers_words()
    {
        await using TerminalHub hub = await TerminalHub.StartAsync();
        Assert.Equal("[]", await hub.Client.GetStringAsync("api/terminals", Cancelled));
        using HttpResponseMessage made = await hub.Client.PostAsync("api/terminals", null, Cancelled);
        Assert.Equal(HttpStatusCode.OK, made.StatusCode);
        JsonObject model = (await made.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!;
        Assert.Equal(["name", "last_activity"], model.Select(field => field.Key));
        Assert.Equal("1", model["name"]!.GetValue<string>());
        Assert.EndsWith("Z", model["last_activity"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("2", await hub.OpenTerminalAsync());
        Assert.Equal("mine_3", await hub.OpenTerminalAsync(new { name = "mine_3" }));
        Assert.Equal(["1", "2", "mine_3"], await hub.NamesAsync());
        Assert.Equal("1", (await hub.Client.GetFromJsonAsync<JsonObject>("api/terminals/1", Cancelled))!["name"]!.GetValue<string>());

        Assert.Equal(HttpStatusCode.NoContent, (await hub.Client.DeleteAsync("api/terminals/1", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await hub.Client.DeleteAsync("api/terminals/1", Cancelled)).StatusCode);
        using HttpResponseMessage gone = await hub.Client.GetAsync("api/terminals/1", Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.Equal("Terminal not found: 1", (await gone.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!["message"]!.GetValue<string>());
        // The smallest number that is free.
        Assert.Equal("1", await hub.OpenTerminalAsync());
    }

    [Fact]
    public async Task What_is_wrong_with_a_wish_is_said()
    {
        await using TerminalHub hub = await TerminalHub.StartAsync("Terminals:MaxPerUser=2");
        await RefusedAsync(hub, new { name = "../x" }, HttpStatusCode.BadRequest, "letters, digits");
        await RefusedAsync(hub, new { name = new string('n', 65) }, HttpStatusCode.BadRequest, "letters, digits");
        await RefusedAsync(hub, new { name = 5 }, HttpStatusCode.BadRequest, "name must be a string");
        await RefusedAsync(hub, new { cwd = "../other" }, HttpStatusCode.BadRequest, "cwd");
        await RefusedAsync(hub, new { cwd = "a\0b" }, HttpStatusCode.BadRequest, "cwd");
        await RefusedAsync(hub, new { environment = "nonesuch" }, HttpStatusCode.BadRequest, "no environment called 'nonesuch'");
        await hub.OpenTerminalAsync(new { name = "one" });
        await RefusedAsync(hub, new { name = "one" }, HttpStatusCode.Conflict, "There is a terminal 'one' already");
        await hub.OpenTerminalAsync();
        await RefusedAsync(hub, new { }, HttpStatusCode.Forbidden, "Terminals:MaxPerUser");
        using HttpResponseMessage socket = await hub.Client.GetAsync("terminals/websocket/one", Cancelled);
        Assert.Equal(HttpStatusCode.BadRequest, socket.StatusCode);
        using HttpResponseMessage nowhere = await hub.Client.GetAsync("terminals/websocket/nonesuch", Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, nowhere.StatusCode);
    }

    [Fact]
    public async Task A_hub_without_terminals_says_so()
    {
        await using TerminalHub hub = await TerminalHub.StartAsync("Terminals:Enabled=false");
        Assert.Equal("[]", await hub.Client.GetStringAsync("api/terminals", Cancelled));
        await RefusedAsync(hub, new { }, HttpStatusCode.NotImplemented, "Terminals:Enabled");
    }

    [Fact]
    public async Task A_shell_runs_in_its_directory_with_its_size_and_its_users_rights()
    {
        await using TerminalHub hub = await TerminalHub.StartAsync();
        (await hub.Client.PutAsJsonAsync("api/contents/lessons", new { type = "directory" }, Cancelled)).EnsureSuccessStatusCode();
        await using TerminalPage page = await hub.OpenPageAsync(await hub.OpenTerminalAsync(new { cwd = "lessons" }));
        await page.ResizeAsync(33, 111);
        string said = await page.RunAsync("stty size; basename $PWD; echo $TERM; echo \"user $USER €uro-$((40+2))\"; id -u", "€uro-42");
        Assert.Contains("33 111\r\nlessons\r\nxterm-256color\r\nuser admin ", said, StringComparison.Ordinal);
        if (Environment.IsPrivilegedProcess)
            Assert.DoesNotContain("\r\n0\r\n", said, StringComparison.Ordinal);
        Assert.Equal(["setup", "stdout"], page.Words);
        await page.RunAsync("touch made-here; echo secrets-$(env | grep -c -i -e token -e dotnet)", "secrets-0");
        await Eventually.Holds(async () => (await hub.Client.GetAsync("api/contents/lessons/made-here", Cancelled)).StatusCode == HttpStatusCode.OK);
        // A directory that is not there is the home.
        await using TerminalPage other = await hub.OpenPageAsync(await hub.OpenTerminalAsync(new { cwd = "no/such" }));
        await other.RunAsync("ls; echo at-$((1+1))", "lessons");
    }

    [Fact]
    public async Task Two_tabs_share_a_terminal_and_its_size_fits_both()
    {
        await using TerminalHub hub = await TerminalHub.StartAsync();
        string name = await hub.OpenTerminalAsync();
        await using TerminalPage one = await hub.OpenPageAsync(name);
        await one.ResizeAsync(40, 90);
        await one.RunAsync("echo first-$((1+1))", "first-2");
        TerminalPage two = await hub.OpenPageAsync(name);
        await two.ShowsAsync("first-2");
        await two.ResizeAsync(20, 120);
        await two.RunAsync("stty size", "20 90");
        await one.ShowsAsync("20 90");
        await two.DisposeAsync();
        await Eventually.Holds(() => hub.Terminal(name).TabCount == 1);
        await one.RunAsync("stty size", "40 90");
    }

    [Fact]
    public async Task A_page_that_comes_back_sees_what_was_there_and_answers_no_old_question()
    {
        await using TerminalHub hub = await TerminalHub.StartAsync();
        string name = await hub.OpenTerminalAsync();
        await using (TerminalPage page = await hub.OpenPageAsync(name))
        {
            await page.RunAsync("printf 'ask\\033[c-\\033[6n%s\\n' $((-20-1))", "-21");
            Assert.Contains("ask\u001b[c-\u001b[6n-21", page.Shown, StringComparison.Ordinal);
            await page.TypeAsync("(sleep 0.2; echo later-$((3+4))) &\n");
        }
        await Eventually.Holds(() => hub.Terminal(name).TabCount == 0);
        await using TerminalPage again = await hub.OpenPageAsync(name);
        string shown = await again.ShowsAsync("later-7");
        Assert.StartsWith("\u001bc", shown, StringComparison.Ordinal);
        Assert.Contains("ask--21", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[6n", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_shell_that_ends_takes_its_terminal_along_and_says_so()
    {
        await using TerminalHub hub = await TerminalHub.StartAsync();
        string name = await hub.OpenTerminalAsync();
        await using TerminalPage page = await hub.OpenPageAsync(name);
        await page.TypeAsync("echo bye-$((1+1)); exit\n");
        await page.Closed;
        Assert.Contains("bye-2", page.Shown, StringComparison.Ordinal);
        Assert.Equal("disconnect", page.Words[^1]);
        Assert.Equal(1000, page.CloseCode);
        await Eventually.Holds(async () => (await hub.NamesAsync()).Count == 0);
        await Eventually.Holds(async () => (await hub.SpawnedAsync()).Count == 0);
    }

    [Fact]
    public async Task Whoever_deletes_a_terminal_ends_all_that_runs_in_it_and_its_tabs()
    {
        await using TerminalHub hub = await TerminalHub.StartAsync();
        string name = await hub.OpenTerminalAsync();
        await using TerminalPage page = await hub.OpenPageAsync(name);
        string mark = $"sleep 98{Random.Shared.Next(1000, 9999)}";
        await page.RunAsync($"nohup setsid {mark} >/dev/null 2>&1 & echo up-$((1+1))", "up-2");
        await Eventually.Holds(() => Runs(mark));
        (await hub.Client.DeleteAsync($"api/terminals/{name}", Cancelled)).EnsureSuccessStatusCode();
        await page.Closed;
        Assert.Equal(("disconnect", 1000), (page.Words[^1], page.CloseCode));
        await Eventually.Holds(() => !Runs(mark));
    }

    [Fact]
    public async Task Terminals_end_with_their_server_and_count_nowhere_as_kernels()
    {
        await using TerminalHub hub = await TerminalHub.StartAsync();
        using EventReader told = hub.Hub.Services.GetRequiredService<EventStream>().Subscribe(happened => happened is HubEvent.TerminalStarted or HubEvent.TerminalEnded);
        await hub.OpenTerminalAsync();
        Assert.Equal(0, (await hub.Client.GetFromJsonAsync<JsonElement>("api/status", Cancelled)).GetProperty("kernels").GetInt32());
        Assert.Equal("[]", await hub.Client.GetStringAsync("api/kernels", Cancelled));
        string metrics = await hub.Hub.Client().GetStringAsync("metrics", Cancelled);
        Assert.Contains("\nterminal_currently_running_total 1\n", metrics, StringComparison.Ordinal);
        (await hub.Hub.Client().DeleteAsync("hub/api/users/admin/server", Cancelled)).EnsureSuccessStatusCode();
        Assert.Empty(await hub.SpawnedAsync());
        await told.WaitAsync(Cancelled);
        Assert.True(told.TryTake(out HubEvent? started) & told.TryTake(out HubEvent? ended));
        Assert.Equal(("1", "admin", "python3"), started is HubEvent.TerminalStarted one ? (one.Terminal, one.By, one.Environment) : default);
        Assert.Equal(("1", "server_stopped"), ended is HubEvent.TerminalEnded other ? (other.Terminal, other.Cause) : default);
    }

    [Fact]
    public async Task A_home_that_is_too_full_ends_its_users_terminals_and_they_say_why()
    {
        await using TerminalHub hub = await TerminalHub.StartAsync();
        string name = await hub.OpenTerminalAsync();
        await using TerminalPage page = await hub.OpenPageAsync(name);
        await page.RunAsync("echo up-$((1+1))", "up-2");
        IHomesInUse[] inUse = [.. hub.Hub.Services.GetServices<IHomesInUse>()];
        Assert.Contains(inUse, one => one.Users().Contains("admin"));
        await Task.WhenAll(inUse.Select(one => one.StopAsync("bob", "home_full", "Not yours.")));
        Assert.Equal([name], await hub.NamesAsync());
        await Task.WhenAll(inUse.Select(one => one.StopAsync("admin", "home_full", "Your home is beyond its limit.")));
        await page.Closed;
        Assert.EndsWith("[Your home is beyond its limit.]\r\n", page.Shown, StringComparison.Ordinal);
        Assert.Empty(await hub.SpawnedAsync());
    }

    [Fact]
    public async Task Terminals_of_a_named_server_are_its_own()
    {
        await using TerminalHub hub = await TerminalHub.StartAsync();
        using HttpClient admin = hub.Hub.Client();
        Assert.Equal(HttpStatusCode.Created, (await admin.PostAsync("hub/api/users/admin/servers/second", null, Cancelled)).StatusCode);
        await hub.OpenTerminalAsync(new { name = "a" });
        (await admin.PostAsJsonAsync("user/admin/second/api/terminals", new { name = "b" }, Cancelled)).EnsureSuccessStatusCode();
        Assert.Equal(["a"], await hub.NamesAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await hub.Client.GetAsync("api/terminals/b", Cancelled)).StatusCode);
        await using TerminalPage page = await TerminalPage.OpenAsync(new Uri(hub.Hub.Address, "user/admin/second/terminals/websocket/b"), HubFixture.AdminToken);
        await page.RunAsync("echo here-$((1+1))", "here-2");
        (await admin.DeleteAsync("hub/api/users/admin/servers/second", Cancelled)).EnsureSuccessStatusCode();
        Assert.Single(await hub.SpawnedAsync());
    }

    internal static async Task RefusedAsync(TerminalHub hub, object wish, HttpStatusCode status, string message)
    {
        using HttpResponseMessage answer = await hub.Client.PostAsJsonAsync("api/terminals", wish, Cancelled);
        string text = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.True(answer.StatusCode == status, $"{answer.StatusCode}: {text}");
        Assert.Contains(message, JsonDocument.Parse(text).RootElement.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    private static bool Runs(string command) => Directory.EnumerateDirectories("/proc").Any(process =>
    {
        try
        {
            return File.ReadAllText(process + "/cmdline").Replace('\0', ' ').Trim() == command;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    });
}
