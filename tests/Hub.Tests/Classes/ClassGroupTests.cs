using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Hub.Tests.Admin;
using Xunit;

namespace Hub.Tests.Classes;

/// <summary>A class owns a group, kept in step with its students; by it teachers reach them, and nobody else.</summary>
public sealed class ClassGroupTests
{
    private static readonly CancellationToken s_cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_group_follows_who_joins_is_imported_leaves_teaches_and_goes()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        using HttpClient admin = hub.Client();
        JsonObject one = await hub.CreateClassAsync("tina");
        string group = one["group"]!.GetValue<string>(), at = $"hub/api/classes/{one.Id()}";
        Assert.Equal($"class-{one.Id()}", group);
        Assert.Empty(await MembersAsync(admin, group));

        (string guest, _) = await hub.JoinAsGuestAsync(one.Code());
        await hub.CreateUserAsync("bert", ClassHelp.Password);
        (await admin.PostAsync(at + "/roster", ClassHelp.Csv("name,role\ncarl,student\ndora,teacher\nbert,student\n"), s_cancel)).EnsureSuccessStatusCode();
        Assert.Equal(["bert", "carl", guest], (await MembersAsync(admin, group)).Order(StringComparer.Ordinal));

        (await admin.DeleteAsync(at + "/members/carl", s_cancel)).EnsureSuccessStatusCode();
        (await admin.PutAsJsonAsync(at + "/members/bert", new { role = "teacher" }, s_cancel)).EnsureSuccessStatusCode();
        Assert.Equal([guest], await MembersAsync(admin, group));
        (await admin.DeleteAsync($"{at}/members/{guest}", s_cancel)).EnsureSuccessStatusCode();
        Assert.Empty(await MembersAsync(admin, group));

        (await admin.PostAsync(at + "/end", null, s_cancel)).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync($"hub/api/groups/{group}", s_cancel)).StatusCode);

        JsonObject other = await hub.CreateClassAsync("tina");
        (await admin.DeleteAsync($"hub/api/classes/{other.Id()}", s_cancel)).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync($"hub/api/groups/class-{other.Id()}", s_cancel)).StatusCode);
    }

    [Fact]
    public async Task Nobody_fills_the_group_by_hand_nor_takes_its_name_beforehand()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        using HttpClient admin = hub.Client();
        await hub.CreateUserAsync("bert", ClassHelp.Password);
        (await admin.PostAsJsonAsync("hub/api/groups/class-1", new { users = new[] { "bert" } }, s_cancel)).EnsureSuccessStatusCode();
        JsonObject one = await hub.CreateClassAsync("tina");
        string group = one["group"]!.GetValue<string>();
        Assert.Equal("class-1-2", group);
        using HttpClient tina = await TokenAsync(hub, "tina");
        Assert.Equal(HttpStatusCode.NotFound, (await tina.GetAsync("hub/api/users/bert", s_cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await admin.PostAsJsonAsync($"hub/api/groups/{group}/users", new { users = new[] { "bert" } }, s_cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await admin.DeleteAsync($"hub/api/groups/{group}", s_cancel)).StatusCode);
    }

    [Fact]
    public async Task A_teacher_reaches_the_students_of_their_own_class_while_it_runs()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        using HttpClient admin = hub.Client();
        JsonObject hers = await hub.CreateClassAsync("tina"), his = await hub.CreateClassAsync("tom");
        (string anna, _) = await hub.JoinAsGuestAsync(hers.Code(), "Anna");
        (string otto, _) = await hub.JoinAsGuestAsync(his.Code(), "Otto");
        using HttpClient tina = await TokenAsync(hub, "tina"), student = await TokenAsync(hub, anna);

        // Row by row: this teacher for her student, for another's, and a student for the same.
        (string Method, string Path, string Row)[] table =
        [
            ("GET", "hub/api/users/{0}", "+44"),
            ("POST", "hub/api/users/{0}/server", "+44"),
            ("GET", "user/{0}/api/kernels", "444"), // into a server leads only a visit, which the student sees
            ("GET", "hub/api/users/{0}/server", "+44"),
            ("DELETE", "hub/api/users/{0}/server", "+44"),
            ("PATCH", "hub/api/users/{0}", "333"),
            ("DELETE", "hub/api/users/{0}", "333"),
            ("GET", "hub/api/users/{0}/tokens", "444"),
            ("POST", "hub/api/users/{0}/tokens", "444"),
            ("GET", "hub/api/users/{0}/sign-ins", "333"),
        ];
        foreach ((string method, string path, string row) in table)
        {
            string got = string.Concat(
                await KnockAsync(tina, method, path, anna), await KnockAsync(tina, method, path, otto), await KnockAsync(student, method, path, otto));
            Assert.Equal($"{method} {path} {row}", $"{method} {path} {got}");
        }
        JsonArray listed = await tina.GetFromJsonAsync<JsonArray>("hub/api/users", s_cancel) ?? [];
        Assert.Equal([anna], listed.Select(user => user!["name"]!.GetValue<string>()));
        JsonObject panel = (await tina.GetFromJsonAsync<JsonObject>("hub/api/admin/users", s_cancel))!;
        JsonNode seen = Assert.Single(panel["items"]!.AsArray())!;
        Assert.Equal((anna, "stopped"), (seen["name"]!.GetValue<string>(), seen["server"]!.GetValue<string>()));
        Assert.Equal(HttpStatusCode.OK, (await tina.GetAsync("hub/admin/classes", s_cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await tina.GetAsync($"hub/admin/classes/{his.Id()}", s_cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await student.GetAsync("hub/admin/classes", s_cancel)).StatusCode);

        await using FeedTab line = await FeedTab.OpenAsync(hub, tina.DefaultRequestHeaders.Authorization!.Parameter!);
        await line.CallAsync("WatchKernels");
        line.Next("Kernels");
        (await admin.PatchAsJsonAsync($"hub/api/classes/{hers.Id()}", new { closes = TimeProvider.System.GetUtcNow().AddMilliseconds(-1) }, s_cancel)).EnsureSuccessStatusCode();
        await line.Ended.WaitAsync(TimeSpan.FromSeconds(30), s_cancel);
        Assert.Equal(HttpStatusCode.Forbidden, (await tina.GetAsync("hub/admin/classes", s_cancel)).StatusCode);
        Assert.Equal('4', await KnockAsync(tina, "GET", "hub/api/users/{0}", anna));
        Assert.Equal(HttpStatusCode.OK, (await tina.GetAsync($"hub/api/classes/{hers.Id()}", s_cancel)).StatusCode);
    }

    [Fact]
    public async Task Whom_a_teacher_put_into_the_class_is_reached_only_when_they_used_the_code()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        JsonObject one = await hub.CreateClassAsync("tina");
        await hub.CreateUserAsync("bert", ClassHelp.Password);
        using HttpClient tina = await TokenAsync(hub, "tina");
        string at = $"hub/api/classes/{one.Id()}";
        (await tina.PutAsJsonAsync(at + "/members/bert", new { role = "student" }, s_cancel)).EnsureSuccessStatusCode();
        (await tina.PostAsync(at + "/roster", ClassHelp.Csv("name,role\nbert,student\nnewcomer,student\n"), s_cancel)).EnsureSuccessStatusCode();
        Assert.Equal('4', await KnockAsync(tina, "GET", "hub/api/users/{0}", "bert"));
        Assert.Equal('+', await KnockAsync(tina, "GET", "hub/api/users/{0}", "newcomer")); // made for this class

        CookieContainer cookies = new();
        using (await hub.SignInAsync("bert", ClassHelp.Password, cookies))
        using (HttpResponseMessage joined = await hub.JoinAsync(one.Code(), null, cookies))
            Assert.Equal(HttpStatusCode.SeeOther, joined.StatusCode);
        Assert.Equal('+', await KnockAsync(tina, "GET", "hub/api/users/{0}", "bert"));
    }

    [Fact]
    public async Task No_administrator_is_reached_by_a_teacher_whatever_they_join()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        using HttpClient admin = hub.Client();
        JsonObject one = await hub.CreateClassAsync("tina");
        string group = one["group"]!.GetValue<string>();
        (await admin.PutAsJsonAsync($"hub/api/classes/{one.Id()}/members/admin", new { role = "student" }, s_cancel)).EnsureSuccessStatusCode();
        await hub.CreateUserAsync("bert", ClassHelp.Password);
        (await admin.PutAsJsonAsync($"hub/api/classes/{one.Id()}/members/bert", new { role = "student" }, s_cancel)).EnsureSuccessStatusCode();
        Assert.Equal(["bert"], await MembersAsync(admin, group));
        (await admin.PatchAsJsonAsync("hub/api/users/bert", new { admin = true }, s_cancel)).EnsureSuccessStatusCode();
        Assert.Empty(await MembersAsync(admin, group));
    }

    [Fact]
    public async Task A_token_of_a_teacher_can_be_narrowed_to_one_class_and_never_does_more_than_its_owner()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        using HttpClient admin = hub.Client();
        JsonObject one = await hub.CreateClassAsync("tina"), two = await hub.CreateClassAsync("tina"), foreign = await hub.CreateClassAsync("tom");
        (string anna, _) = await hub.JoinAsGuestAsync(one.Code(), "Anna");
        using HttpClient narrow = await TokenAsync(hub, "tina", $"classes!class={one.Id()}");
        Assert.Equal(HttpStatusCode.OK, (await narrow.GetAsync($"hub/api/classes/{one.Id()}/members", s_cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await narrow.PostAsync($"hub/api/classes/{one.Id()}/kernels", null, s_cancel)).StatusCode);
        foreach (long id in new[] { two.Id(), foreign.Id() })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await narrow.GetAsync($"hub/api/classes/{id}/members", s_cancel)).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await narrow.PostAsync($"hub/api/classes/{id}/kernels", null, s_cancel)).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await narrow.DeleteAsync($"hub/api/classes/{id}/kernels", s_cancel)).StatusCode);
        }
        Assert.Equal(HttpStatusCode.NotFound, (await narrow.GetAsync($"hub/api/users/{anna}", s_cancel)).StatusCode);
        using HttpClient tina = await TokenAsync(hub, "tina");
        using HttpResponseMessage greedy = await tina.PostAsJsonAsync("hub/api/users/tina/tokens", new { scopes = new[] { $"classes!class={foreign.Id()}" } }, s_cancel);
        Assert.False(greedy.IsSuccessStatusCode, "a token for somebody else's class was made");

        (await admin.DeleteAsync($"hub/api/classes/{one.Id()}/members/tina", s_cancel)).EnsureSuccessStatusCode();
        Assert.False((await narrow.GetAsync($"hub/api/classes/{one.Id()}/members", s_cancel)).IsSuccessStatusCode);
    }

    private static async Task<List<string>> MembersAsync(HttpClient admin, string group) =>
        [.. (await admin.GetFromJsonAsync<JsonObject>($"hub/api/groups/{group}", s_cancel))!["users"]!.AsArray().Select(user => user!.GetValue<string>())];

    /// <summary>A client with a token of this user: all they may, or only <paramref name="scopes"/>.</summary>
    private static async Task<HttpClient> TokenAsync(HubFixture hub, string user, params string[] scopes)
    {
        using HttpClient admin = hub.Client();
        using HttpResponseMessage made = await admin.PostAsJsonAsync($"hub/api/users/{user}/tokens", scopes.Length == 0 ? new { } : (object)new { scopes }, s_cancel);
        Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync(s_cancel));
        return hub.Client((await made.Content.ReadFromJsonAsync<JsonObject>(s_cancel))!["token"]!.GetValue<string>());
    }

    private static async Task<char> KnockAsync(HttpClient client, string method, string path, string user)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), string.Format(System.Globalization.CultureInfo.InvariantCulture, path, user));
        request.Headers.Add("Accept", "application/json");
        using HttpResponseMessage answer = await client.SendAsync(request, s_cancel);
        return answer.StatusCode switch { HttpStatusCode.Forbidden => '3', HttpStatusCode.NotFound => '4', _ => '+' };
    }
}
