using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Hub.Tests.Lab;

/// <summary>Settings, workspaces and configuration: what the hub keeps for a user's pages.</summary>
public sealed class ProfileApiTests(LabFixture lab) : IClassFixture<LabFixture>
{
    private const string Setting = "user/admin/lab/api/settings/" + FakeBundle.PluginId;

    private readonly HttpClient _client = lab.Hub.Client();

    [Fact]
    public async Task Settings_are_kept_verbatim_with_the_operators_defaults_in_the_schema()
    {
        const string raw = "// larger\n{ size: 9, }";
        Assert.Equal(HttpStatusCode.NoContent, await PutAsync(Setting, new { raw }));
        JsonObject one = (await _client.GetFromJsonAsync<JsonObject>("user/admin/lab/api/settings/%40scope%2Fpackage%3Aplugin"))!;
        Assert.Equal((FakeBundle.PluginId, raw, "1.2.3", 9), (Text(one, "id"), Text(one, "raw"), Text(one, "version"), one["settings"]!["size"]!.GetValue<int>()));
        Assert.Equal(7, one["schema"]!["properties"]!["size"]!["default"]!.GetValue<int>());
        Assert.Matches(@"^\d{4}-.*\.\d{6}\+00:00$", Text(one, "last_modified"));

        JsonObject all = (await _client.GetFromJsonAsync<JsonObject>("user/admin/lab/api/settings"))!;
        Assert.Equal(raw, Text(Assert.Single(all["settings"]!.AsArray())!.AsObject(), "raw"));
        JsonObject ids = (await _client.GetFromJsonAsync<JsonObject>("user/admin/lab/api/settings?ids_only=true&1795240045084"))!;
        Assert.Equal("""[{"id":"@scope/package:plugin"}]""", ids["settings"]!.ToJsonString());
    }

    [Theory]
    [InlineData("{\"raw\": \"{ size: \"}", HttpStatusCode.BadRequest, "line 1")]
    [InlineData("{\"raw\": \"[]\"}", HttpStatusCode.BadRequest, "not an object")]
    [InlineData("{\"raw\": \"{ size: 'huge' }\"}", HttpStatusCode.BadRequest, "/size must be of type number")]
    [InlineData("{\"raw\": 1}", HttpStatusCode.BadRequest, "raw")]
    [InlineData("{}", HttpStatusCode.BadRequest, "raw")]
    [InlineData("{", HttpStatusCode.BadRequest, "Invalid JSON")]
    public async Task Wrong_settings_change_nothing(string body, HttpStatusCode status, string why)
    {
        string before = await _client.GetStringAsync(Setting);
        using HttpResponseMessage answer = await _client.PutAsync(Setting, new StringContent(body));
        Assert.Equal(status, answer.StatusCode);
        Assert.Contains(why, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(before, await _client.GetStringAsync(Setting));
    }

    [Fact]
    public async Task Settings_too_long_are_refused_by_the_name_of_the_limit()
    {
        using HttpResponseMessage answer = await _client.PutAsync(Setting, JsonContent.Create(new { raw = "{}" + new string(' ', 2000) }));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Contains("Lab:MaxSettingsBytes", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("user/admin/lab/api/settings/@scope/package:nothing")]
    [InlineData("user/admin/lab/api/settings/x%2f..%2f..%2fhub.db")]
    public async Task Settings_nobody_knows_are_404(string path)
    {
        Assert.Equal(HttpStatusCode.NotFound, (await _client.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, await PutAsync(path, new { raw = "{}" }));
    }

    [Fact]
    public async Task A_workspace_is_kept_listed_and_forgotten()
    {
        const string path = "user/admin/lab/api/workspaces/my work";
        JsonObject absent = (await _client.GetFromJsonAsync<JsonObject>(path))!;
        Assert.Equal("""{"data":{},"metadata":{"id":"my work"}}""", absent.ToJsonString());
        Assert.Equal(HttpStatusCode.NoContent, await PutAsync(path, Workspace("/my work")));
        JsonObject kept = (await _client.GetFromJsonAsync<JsonObject>(path))!;
        Assert.Equal(1, kept["data"]!["x"]!.GetValue<int>());
        Assert.NotNull(kept["metadata"]!["last_modified"]);
        JsonNode list = (await _client.GetFromJsonAsync<JsonObject>("user/admin/lab/api/workspaces"))!["workspaces"]!;
        Assert.Contains("my work", list["ids"]!.AsArray().Select(id => id!.GetValue<string>()));
        Assert.Equal(list["ids"]!.AsArray().Count, list["values"]!.AsArray().Count);
        Assert.Equal(HttpStatusCode.NoContent, (await _client.DeleteAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _client.DeleteAsync(path)).StatusCode);
    }

    [Fact]
    public async Task An_unchanged_workspace_is_not_written_again()
    {
        Assert.Equal(HttpStatusCode.NoContent, await PutAsync("user/admin/lab/api/workspaces/same", Workspace("same")));
        JsonObject kept = (await _client.GetFromJsonAsync<JsonObject>("user/admin/lab/api/workspaces/same"))!;
        Assert.Equal(HttpStatusCode.NoContent, await PutAsync("user/admin/lab/api/workspaces/same", kept));
        Assert.Equal(kept.ToJsonString(), (await _client.GetFromJsonAsync<JsonObject>("user/admin/lab/api/workspaces/same"))!.ToJsonString());
        await _client.DeleteAsync("user/admin/lab/api/workspaces/same");
    }

    [Fact]
    public async Task Workspaces_are_bounded_in_size_name_and_number()
    {
        Assert.Equal(HttpStatusCode.BadRequest, await PutAsync("user/admin/lab/api/workspaces/a", Workspace("b")));
        Assert.Equal(HttpStatusCode.BadRequest, await PutAsync("user/admin/lab/api/workspaces/a", new { data = 1, metadata = new { id = "a" } }));
        Assert.Equal(HttpStatusCode.BadRequest, await PutAsync("user/admin/lab/api/workspaces/" + new string('ü', 40), Workspace(new string('ü', 40))));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PutAsync("user/admin/lab/api/workspaces/a", new { data = new { x = new string('x', 3000) }, metadata = new { id = "a" } }));
        List<HttpStatusCode> statuses = [];
        foreach (string id in new[] { "one", "two", "three", "four" })
            statuses.Add(await PutAsync($"user/admin/lab/api/workspaces/{id}", Workspace(id)));
        Assert.Contains(HttpStatusCode.BadRequest, statuses); // Lab:MaxWorkspaces=3
        foreach (string id in new[] { "one", "two", "three", "four" })
            await _client.DeleteAsync($"user/admin/lab/api/workspaces/{id}");
    }

    [Fact]
    public async Task Configuration_is_replaced_merged_and_null_deletes()
    {
        const string path = "user/admin/api/config/notebook";
        Assert.Equal("{}", await _client.GetStringAsync(path));
        Assert.Equal(HttpStatusCode.NoContent, await PutAsync(path, new { a = new { b = 1, c = 2 }, d = 3 }));
        using HttpResponseMessage merged = await _client.PatchAsync(path, new StringContent("""{"a": {"b": null, "e": 4}, "d": null}"""));
        Assert.Equal("""{"a":{"c":2,"e":4}}""", await merged.Content.ReadAsStringAsync());
        Assert.Equal("""{"a":{"c":2,"e":4}}""", await _client.GetStringAsync(path));
        Assert.Equal(HttpStatusCode.NoContent, await PutAsync("user/admin/api/config/common", new { }));
        Assert.Equal(HttpStatusCode.BadRequest, await PutAsync("user/admin/api/config/third", new { })); // Lab:MaxConfigSections=2
        Assert.Equal(HttpStatusCode.NotFound, await PutAsync("user/admin/api/config/a-b", new { }));
    }

    [Fact]
    public async Task What_is_kept_leaves_with_the_user_and_follows_a_new_name()
    {
        await _client.PostAsync("hub/api/users/mover", null);
        await _client.PostAsync("hub/api/users/mover/server", null);
        Assert.Equal(HttpStatusCode.NoContent, await PutAsync("user/mover/api/config/notebook", new { kept = true }));
        await _client.DeleteAsync("hub/api/users/mover/server");
        Assert.Equal(HttpStatusCode.OK, (await _client.PatchAsync("hub/api/users/mover", JsonContent.Create(new { name = "moved" }))).StatusCode);
        await _client.PostAsync("hub/api/users/moved/server", null);
        Assert.Equal("""{"kept":true}""", await _client.GetStringAsync("user/moved/api/config/notebook"));
        Assert.Equal(HttpStatusCode.NoContent, (await _client.DeleteAsync("hub/api/users/moved")).StatusCode);
        Assert.False(Directory.Exists(Path.Combine(lab.Hub.Data, "profiles", "moved")));
    }

    private async Task<HttpStatusCode> PutAsync(string path, object body)
    {
        using HttpResponseMessage answer = await _client.PutAsync(path, JsonContent.Create(body));
        return answer.StatusCode;
    }

    private static object Workspace(string id) => new { data = new { x = 1 }, metadata = new { id } };

    private static string Text(JsonObject from, string key) => from[key]!.GetValue<string>();
}
