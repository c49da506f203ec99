using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hub.Tests.Kernels;
using Testing;
using Xunit;

namespace Hub.Tests.Admin;

/// <summary>What the panel asks for and does beside its live line.</summary>
public sealed class AdminApiTests
{
    private static readonly CancellationToken s_cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Users_are_searched_filtered_sorted_and_cut_on_the_server()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        using HttpClient admin = hub.Client();
        (await admin.PostAsJsonAsync("hub/api/users", new { usernames = new[] { "ada", "bob", "adam", "cleo" } }, s_cancel)).EnsureSuccessStatusCode();
        (await admin.PatchAsJsonAsync("hub/api/users/bob", new { disabled = true }, s_cancel)).EnsureSuccessStatusCode();
        (await admin.PostAsync("hub/api/users/cleo/server", null, s_cancel)).EnsureSuccessStatusCode();

        Assert.Equal(["ada", "adam", "admin"], await NamesAsync(admin, "name=ad"));
        Assert.Equal(["bob"], await NamesAsync(admin, "state=disabled"));
        Assert.Equal(["cleo"], await NamesAsync(admin, "state=running"));
        Assert.Equal(["admin"], await NamesAsync(admin, "state=admin"));
        Assert.Equal(["cleo", "bob"], await NamesAsync(admin, "sort=-name&limit=2"));
        JsonElement second = await admin.GetFromJsonAsync<JsonElement>("hub/api/admin/users?limit=2&offset=2", s_cancel);
        Assert.Equal((5, 2, 2), (second.GetProperty("total").GetInt32(), second.GetProperty("offset").GetInt32(), second.GetProperty("items").GetArrayLength()));
        foreach (string wrong in new[] { "state=asleep", "sort=colour", "offset=x" })
            Assert.Equal(HttpStatusCode.BadRequest, (await admin.GetAsync("hub/api/admin/users?" + wrong, s_cancel)).StatusCode);
    }

    [Fact]
    public async Task A_token_sees_only_the_users_and_fields_its_scopes_reach()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        using HttpClient admin = hub.Client();
        (await admin.PostAsJsonAsync("hub/api/users", new { usernames = new[] { "ada", "bob" } }, s_cancel)).EnsureSuccessStatusCode();
        using HttpClient narrow = hub.Client(await TokenAsync(admin, "list:users!user=ada"));
        JsonElement row = Assert.Single((await narrow.GetFromJsonAsync<JsonElement>("hub/api/admin/users", s_cancel)).GetProperty("items").EnumerateArray());
        Assert.Equal("ada", row.GetProperty("name").GetString());
        Assert.All(["disabled", "created", "server", "kernels"], field => Assert.Equal(JsonValueKind.Null, row.GetProperty(field).ValueKind));
        Assert.Empty((await narrow.GetFromJsonAsync<JsonElement>("hub/api/admin/users?state=running", s_cancel)).GetProperty("items").EnumerateArray());
        Assert.Equal(HttpStatusCode.Forbidden, (await narrow.GetAsync("hub/api/admin/settings", s_cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await narrow.GetAsync("hub/admin", s_cancel)).StatusCode);
    }

    [Fact]
    public async Task No_secret_is_among_the_settings_in_force()
    {
        await using HubFixture hub = await HubFixture.StartAsync(["Admin:MaxPanels=7"]);
        using HttpClient admin = hub.Client();
        string told = await admin.GetStringAsync("hub/api/admin/settings", s_cancel);
        Assert.DoesNotContain(HubFixture.AdminToken, told, StringComparison.Ordinal);
        JsonElement[] rows = [.. JsonDocument.Parse(told).RootElement.EnumerateArray()];
        Assert.Equal("(set, not shown)", rows.Single(row => row.GetProperty("key").GetString() == "Hub:AdminToken").GetProperty("value").GetString());
        JsonElement panels = rows.Single(row => row.GetProperty("key").GetString() == "Admin:MaxPanels");
        Assert.Equal(("7", true), (panels.GetProperty("value").GetString(), panels.GetProperty("changed").GetBoolean()));
    }

    [Fact]
    public async Task What_is_done_to_somebodys_kernel_is_done_and_in_the_audit()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        using HttpClient admin = hub.Hub.Client();
        (await admin.PostAsJsonAsync("hub/api/users", new { usernames = new[] { "ada" } }, s_cancel)).EnsureSuccessStatusCode();
        (await admin.PostAsync("hub/api/users/ada/server", null, s_cancel)).EnsureSuccessStatusCode();
        using HttpResponseMessage started = await admin.PostAsJsonAsync("user/ada/api/kernels", new { }, s_cancel);
        string id = (await started.Content.ReadFromJsonAsync<JsonObject>(s_cancel))!["id"]!.GetValue<string>();
        string kernel = $"hub/api/users/ada/kernels/{id}";

        Assert.Equal(HttpStatusCode.NoContent, (await admin.PostAsync(kernel + "/interrupt", null, s_cancel)).StatusCode);
        Assert.Equal(1, hub.Spawner.Interrupts);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.PostAsync(kernel + "/restart", null, s_cancel)).StatusCode);
        Assert.Equal("last words", await admin.GetStringAsync(kernel + "/log?bytes=2048", s_cancel));
        Assert.Equal(HttpStatusCode.BadRequest, (await admin.GetAsync(kernel + "/log?bytes=0", s_cancel)).StatusCode);
        using HttpClient narrow = hub.Hub.Client(await TokenAsync(admin, "admin-ui", "read:servers"));
        Assert.Equal(HttpStatusCode.Forbidden, (await narrow.DeleteAsync(kernel, s_cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync(kernel, s_cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.DeleteAsync(kernel, s_cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.PostAsync($"hub/api/users/admin/kernels/{id}/interrupt", null, s_cancel)).StatusCode);

        string[] routes = ["interrupt", "restart", "{kernelId}"];
        await Eventually.Holds(async () =>
        {
            JsonElement audit = await admin.GetFromJsonAsync<JsonElement>("hub/api/audit?user=ada&order=newest", s_cancel);
            string all = audit.GetRawText();
            return routes.All(route => all.Contains($"kernels/{{kernelId}}/{route}".Replace("/{kernelId}/{kernelId}", "/{kernelId}", StringComparison.Ordinal), StringComparison.Ordinal));
        }, "the audit of what was done");
    }

    [Fact]
    public async Task The_audit_can_be_read_newest_first_and_on_from_there()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        using HttpClient admin = hub.Client();
        (await admin.PostAsJsonAsync("hub/api/users", new { usernames = new[] { "ada", "bob", "cleo" } }, s_cancel)).EnsureSuccessStatusCode();
        long[] all = [];
        await Eventually.Holds(async () => (all = await NumbersAsync(admin, "order=newest&kind=user-created")).Length >= 3, "the audit of three users");
        Assert.Equal(all.OrderDescending(), all);
        Assert.Equal(all[1..2], await NumbersAsync(admin, $"order=newest&kind=user-created&limit=1&before={all[0]}"));
        Assert.Equal(HttpStatusCode.BadRequest, (await admin.GetAsync("hub/api/audit?order=oldest", s_cancel)).StatusCode);
    }

    [Fact]
    public async Task A_page_shows_hostile_names_and_titles_as_text()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        using HttpClient admin = hub.Hub.Client();
        const string hostile = "<script>alert(1)</script>";
        (await admin.PatchAsJsonAsync("hub/api/users/admin", new { display_name = hostile }, s_cancel)).EnsureSuccessStatusCode();
        (await hub.Client.PostAsJsonAsync("api/sessions", new { path = hostile + ".ipynb", name = hostile, type = "notebook", kernel = new { name = "python3" } }, s_cancel)).EnsureSuccessStatusCode();
        foreach (string page in new[] { "hub/admin", "hub/admin/kernels", "hub/admin/users", "hub/admin/events", "hub/admin/settings" })
        {
            using HttpRequestMessage ask = new(HttpMethod.Get, page) { Headers = { { "Accept", "text/html" } } };
            using HttpResponseMessage answer = await admin.SendAsync(ask, s_cancel);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Contains("script-src 'self'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            string html = await answer.Content.ReadAsStringAsync(s_cancel);
            Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
            Assert.Contains("<table>", html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Sign_ins_of_a_user_are_listed_for_administrators()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        await hub.CreateUserAsync("ada", "a good password for ada");
        using HttpClient ada = await hub.SignInAsync("ada", "a good password for ada");
        using HttpClient admin = hub.Client();
        Assert.Single((await admin.GetFromJsonAsync<JsonElement>("hub/api/users/ada/sign-ins", s_cancel)).EnumerateArray());
        Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync("hub/api/users/nobody/sign-ins", s_cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await ada.GetAsync("hub/api/users/ada/sign-ins", s_cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await ada.GetAsync("hub/admin", s_cancel)).StatusCode);
    }

    private static async Task<string[]> NamesAsync(HttpClient admin, string query) =>
        [.. (await admin.GetFromJsonAsync<JsonElement>("hub/api/admin/users?" + query, s_cancel)).GetProperty("items").EnumerateArray().Select(user => user.GetProperty("name").GetString()!)];

    private static async Task<long[]> NumbersAsync(HttpClient admin, string query) =>
        [.. (await admin.GetFromJsonAsync<JsonElement>("hub/api/audit?" + query, s_cancel)).GetProperty("records").EnumerateArray().Select(record => record.GetProperty("number").GetInt64())];

    private static async Task<string> TokenAsync(HttpClient admin, params string[] scopes)
    {
        using HttpResponseMessage made = await admin.PostAsJsonAsync("hub/api/users/admin/tokens", new { scopes }, s_cancel);
        made.EnsureSuccessStatusCode();
        return (await made.Content.ReadFromJsonAsync<JsonObject>(s_cancel))!["token"]!.GetValue<string>();
    }
}
