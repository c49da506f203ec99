using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dapper;
using Hub.Accounts;
using Hub.Storage;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Hub.Tests.Accounts;

/// <summary>Groups on JupyterHub's API, and what <c>!group=</c> filters reach.</summary>
public sealed class GroupsApiTests(GroupsApiTests.School school) : IClassFixture<GroupsApiTests.School>
{
    private readonly HubFixture _hub = school.Hub;
    private readonly HttpClient _admin = school.Admin;
    private readonly HttpClient _teacher = school.Teacher;

    [Fact]
    public async Task A_group_is_made_filled_emptied_and_deleted_as_on_jupyterhub()
    {
        using HttpResponseMessage created = await _admin.PostAsJsonAsync("hub/api/groups/choir", new { users = new[] { "BOB" }, properties = new { room = 4 } });
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("""{"kind":"group","name":"choir","roles":[],"users":["bob"],"properties":{"room":4}}""", await created.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Conflict, (await _admin.PostAsync("hub/api/groups/choir", null)).StatusCode);

        JsonObject filled = await (await _admin.PostAsJsonAsync("hub/api/groups/choir/users", new { users = new[] { "eve", "bob" } })).ObjectAsync();
        Assert.Equal(["bob", "eve"], filled["users"].Texts());
        Assert.Contains("choir", (await (await _admin.GetAsync("hub/api/users/eve")).ObjectAsync())["groups"].Texts());

        using HttpResponseMessage unknown = await _admin.PostAsJsonAsync("hub/api/groups/choir/users", new { users = new[] { "nobody" } });
        Assert.Equal((HttpStatusCode.BadRequest, "No such users: nobody"), (unknown.StatusCode, await unknown.MessageAsync()));

        var leave = new HttpRequestMessage(HttpMethod.Delete, "hub/api/groups/choir/users") { Content = JsonContent.Create(new { users = new[] { "bob", "nobody" } }) };
        Assert.Equal(["eve"], (await (await _admin.SendAsync(leave)).ObjectAsync())["users"].Texts());

        JsonObject changed = await (await _admin.PutAsJsonAsync("hub/api/groups/choir/properties", new { room = 5 })).ObjectAsync();
        Assert.Equal("""{"room":5}""", changed["properties"]!.ToJsonString());

        Assert.Equal(HttpStatusCode.NoContent, (await _admin.DeleteAsync("hub/api/groups/choir")).StatusCode);
        using HttpResponseMessage gone = await _admin.GetAsync("hub/api/groups/choir");
        Assert.Equal((HttpStatusCode.NotFound, "No such group: choir"), (gone.StatusCode, await gone.MessageAsync()));
        Assert.DoesNotContain("choir", (await (await _admin.GetAsync("hub/api/users/eve")).ObjectAsync())["groups"].Texts());
    }

    [Fact]
    public async Task Many_are_made_at_once_and_listed_by_pages()
    {
        using HttpResponseMessage created = await _admin.PostAsJsonAsync("hub/api/groups", new { groups = new[] { "page-1", "page-2" } });
        Assert.Equal(["page-1", "page-2"], (await created.ArrayAsync()).Select(group => group!["name"]!.GetValue<string>()));
        using HttpResponseMessage again = await _admin.PostAsJsonAsync("hub/api/groups", new { groups = new[] { "page-2", "page-3" } });
        Assert.Equal(["page-3"], (await again.ArrayAsync()).Select(group => group!["name"]!.GetValue<string>()));
        Assert.Equal(HttpStatusCode.Conflict, (await _admin.PostAsJsonAsync("hub/api/groups", new { groups = new[] { "page-2" } })).StatusCode);

        Assert.Contains("page-1", (await (await _admin.GetAsync("hub/api/groups")).ArrayAsync()).Select(group => group!["name"]!.GetValue<string>()));
        var paged = new HttpRequestMessage(HttpMethod.Get, "hub/api/groups?limit=1");
        paged.Headers.Add("Accept", "application/jupyterhub-pagination+json");
        JsonObject page = await (await _admin.SendAsync(paged)).ObjectAsync();
        Assert.Single(page["items"]!.AsArray());
        Assert.StartsWith(_hub.Address.ToString(), page["_pagination"]!["next"]!.AsObject().Text("url"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hub/api/groups/bad", """{"users":"bob"}""", "users must be a list of strings")]
    [InlineData("hub/api/groups/bad", """{"properties":[]}""", "properties must be an object")]
    [InlineData("hub/api/groups/bad", """{"admin":true}""", "Invalid JSON keys: admin")]
    [InlineData("hub/api/groups/%20bad", "{}", "A group name must not begin or end with a space, nor hold slashes or control characters.")]
    [InlineData("hub/api/groups", """{"groups":[]}""", "Must specify at least one group to create")]
    [InlineData("hub/api/groups", """{"groups":["a/b"]}""", "A group name must not begin or end with a space, nor hold slashes or control characters.")]
    [InlineData("hub/api/groups/physics/users", "{}", "Must specify users to add or remove")]
    public async Task What_is_wrong_is_named(string path, string body, string message)
    {
        using HttpResponseMessage answer = await _admin.PostAsync(path, Json.Raw(body));
        Assert.Equal((HttpStatusCode.BadRequest, message), (answer.StatusCode, await answer.MessageAsync()));
    }

    [Fact]
    public async Task A_group_admin_reaches_the_members_of_the_group_and_nobody_else()
    {
        Assert.Equal(["ada", "teacher"], (await (await _teacher.GetAsync("hub/api/users")).ArrayAsync()).Select(user => user!["name"]!.GetValue<string>()));
        JsonObject ada = await (await _teacher.GetAsync("hub/api/users/ada")).ObjectAsync();
        Assert.Equal(["physics"], ada["groups"].Texts());
        Assert.Equal(HttpStatusCode.NotFound, (await _teacher.GetAsync("hub/api/users/bob")).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await _teacher.PostAsync("hub/api/users/ada/server", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _teacher.PostAsync("hub/api/users/bob/server", null)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _teacher.GetAsync("user/ada/api/me")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _teacher.GetAsync("user/bob/api/me")).StatusCode);
        Assert.Equal(["physics"], (await (await _teacher.GetAsync("hub/api/groups")).ArrayAsync()).Select(group => group!["name"]!.GetValue<string>()));
        Assert.Equal(HttpStatusCode.NotFound, (await _teacher.GetAsync("hub/api/groups/chemistry")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await _teacher.DeleteAsync("hub/api/groups/physics")).StatusCode);
    }

    [Fact]
    public async Task A_group_admin_cannot_draw_others_into_reach()
    {
        // bob is not to be seen by the teacher, and the admin is an admin: neither becomes a member, and the answer does not tell whether they exist.
        foreach (string name in new[] { "bob", "admin", "nobody" })
        {
            using HttpResponseMessage answer = await _teacher.PostAsJsonAsync("hub/api/groups/physics/users", new { users = new[] { name } });
            Assert.Equal((HttpStatusCode.BadRequest, "No such users: " + name), (answer.StatusCode, await answer.MessageAsync()));
        }
        Assert.Equal(HttpStatusCode.NotFound, (await _teacher.GetAsync("user/bob/api/me")).StatusCode);
    }

    [Fact]
    public async Task A_token_of_a_group_admin_may_name_a_member_and_nobody_else()
    {
        JsonObject token = await (await _teacher.PostAsJsonAsync("hub/api/users/teacher/tokens", new { scopes = new[] { "read:servers!user=ada" } })).ObjectAsync();
        using HttpClient narrow = _hub.Client(token.Text("token"));
        Assert.Equal(HttpStatusCode.OK, (await narrow.GetAsync("hub/api/users/ada")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await narrow.PostAsync("hub/api/users/ada/server", null)).StatusCode);
        using HttpResponseMessage refused = await _teacher.PostAsJsonAsync("hub/api/users/teacher/tokens", new { scopes = new[] { "read:servers!user=bob" } });
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task Who_leaves_the_group_is_out_of_reach_at_once()
    {
        await _admin.PostAsync("hub/api/users/leaver", null);
        await _admin.PostAsJsonAsync("hub/api/groups/physics/users", new { users = new[] { "leaver" } });
        Assert.Equal(HttpStatusCode.OK, (await _teacher.GetAsync("hub/api/users/leaver")).StatusCode);
        await _admin.SendAsync(new HttpRequestMessage(HttpMethod.Delete, "hub/api/groups/physics/users") { Content = JsonContent.Create(new { users = new[] { "leaver" } }) });
        Assert.Equal(HttpStatusCode.NotFound, (await _teacher.GetAsync("hub/api/users/leaver")).StatusCode);
    }

    [Fact]
    public async Task What_is_told_of_a_group_is_what_the_database_has_whoever_came_went_was_renamed_or_deleted()
    {
        string[] names = [.. Enumerable.Range(0, 12).Select(i => $"member-{i:00}")];
        await _admin.PostAsJsonAsync("hub/api/users", new { usernames = names });
        await _admin.PostAsJsonAsync("hub/api/groups/crowd", new { users = names[..6] });
        Task<string[]> ChangeAsync(HttpMethod how, params string[] users) => UsersAsync(new HttpRequestMessage(how, "hub/api/groups/crowd/users") { Content = JsonContent.Create(new { users }) });
        Assert.Equal(names[..7], await ChangeAsync(HttpMethod.Post, names[6]));
        Assert.Equal(names[..7], await ChangeAsync(HttpMethod.Post, names[6], names[0]));
        Assert.Equal(names[1..7], await ChangeAsync(HttpMethod.Delete, names[0], names[11]));
        await _admin.PatchAsync($"hub/api/users/{names[1]}", JsonContent.Create(new { name = "a-new-name" }));
        await _admin.DeleteAsync($"hub/api/users/{names[2]}");
        string[] left = ["a-new-name", .. names[3..8]];
        Assert.Equal(left, await ChangeAsync(HttpMethod.Post, names[7]));
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => ChangeAsync(i % 3 == 0 ? HttpMethod.Delete : HttpMethod.Post, names[3 + (i % 9)])));

        IEnumerable<string> kept = await _hub.Services.GetRequiredService<HubDatabase>().ReadAsync(connection => connection.QueryAsync<string>(
            "SELECT u.name FROM users u JOIN group_members m ON m.user_id = u.id JOIN user_groups g ON g.id = m.group_id WHERE g.name = 'crowd' ORDER BY u.name;"), default);
        Assert.Equal(kept, await UsersAsync(new HttpRequestMessage(HttpMethod.Get, "hub/api/groups/crowd")));

        async Task<string[]> UsersAsync(HttpRequestMessage request) => [.. (await (await _admin.SendAsync(request)).ObjectAsync())["users"].Texts()];
    }

    [Fact]
    public async Task A_role_by_a_group_comes_and_goes_with_the_group()
    {
        await _admin.PostAsync("hub/api/users/helper", null);
        JsonObject token = await (await _admin.PostAsync("hub/api/users/helper/tokens", null)).ObjectAsync();
        using HttpClient helper = _hub.Client(token.Text("token"));
        Assert.Equal(HttpStatusCode.Forbidden, (await helper.GetAsync("hub/api/info")).StatusCode);
        await _admin.PostAsJsonAsync("hub/api/groups/my%20staff/users", new { users = new[] { "helper" } });
        Assert.Equal(HttpStatusCode.OK, (await helper.GetAsync("hub/api/info")).StatusCode);
        Assert.Equal(["staff-role"], (await (await _admin.GetAsync("hub/api/groups/my%20staff")).ObjectAsync())["roles"].Texts());
        await _admin.SendAsync(new HttpRequestMessage(HttpMethod.Delete, "hub/api/groups/my%20staff/users") { Content = JsonContent.Create(new { users = new[] { "helper" } }) });
        Assert.Equal(HttpStatusCode.Forbidden, (await helper.GetAsync("hub/api/info")).StatusCode);
    }

    [Fact]
    public async Task A_provider_fills_its_own_groups_only_and_nobody_else_fills_those()
    {
        await _admin.PostAsync("hub/api/users/guest", null);
        User guest = (await _hub.Services.GetRequiredService<AccountsStore>().FindAsync("guest", CancellationToken.None))!;
        IGroupMembership membership = _hub.Services.GetRequiredService<IGroupMembership>();
        await membership.SetFromAsync("campus", guest.Id, ["students", "physics", "bad\nname", "students"], CancellationToken.None);
        Assert.Equal(["students"], (await (await _admin.GetAsync("hub/api/users/guest")).ObjectAsync())["groups"].Texts());

        using HttpResponseMessage refused = await _admin.PostAsJsonAsync("hub/api/groups/students/users", new { users = new[] { "ada" } });
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.StartsWith("Group management via API is disabled", await refused.MessageAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await _admin.DeleteAsync("hub/api/groups/students")).StatusCode);

        await membership.SetFromAsync("other", guest.Id, ["students"], CancellationToken.None);
        await membership.SetFromAsync("campus", guest.Id, [], CancellationToken.None);
        Assert.Empty((await (await _admin.GetAsync("hub/api/users/guest")).ObjectAsync())["groups"].Texts());
    }

    /// <summary>A hub with a teacher of physics, who has ada in the group, and bob outside of it.</summary>
    public sealed class School : IAsyncLifetime
    {
        public HubFixture Hub { get; private set; } = null!;

        public HttpClient Admin { get; private set; } = null!;

        public HttpClient Teacher { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            string[] scopes = ["read:users", "list:users", "servers", "access:servers", "groups", "tokens"];
            Hub = await HubFixture.StartAsync(
            [
                "Roles:physics-teacher:Users:0=Teacher",
                .. scopes.Select((scope, index) => $"Roles:physics-teacher:Scopes:{index}={scope}!group=physics"),
                "Roles:physics-teacher:Scopes:6=list:users!user",
                "Roles:staff-role:Scopes:0=read:hub", "Roles:staff-role:Groups:0=my staff",
            ]);
            Admin = Hub.Client();
            await Admin.PostAsJsonAsync("hub/api/users", new { usernames = new[] { "ada", "bob", "eve", "teacher" } });
            await Admin.PostAsJsonAsync("hub/api/groups/physics", new { users = new[] { "ada" } });
            await Admin.PostAsync("hub/api/groups/chemistry", null);
            await Admin.PostAsync("hub/api/groups/my%20staff", null);
            await Admin.PostAsync("hub/api/users/bob/server", null);
            JsonObject token = await (await Admin.PostAsync("hub/api/users/teacher/tokens", null)).ObjectAsync();
            Teacher = Hub.Client(token.Text("token"));
        }

        public async ValueTask DisposeAsync()
        {
            Admin.Dispose();
            Teacher.Dispose();
            await Hub.DisposeAsync();
        }
    }
}
