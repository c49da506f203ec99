using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Hub.Http;
using Hub.Servers;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Testing;
using Xunit;

namespace Hub.Tests.Servers;

/// <summary>Servers with names on JupyterHub's API: made, started, stopped, remembered, renamed and removed.</summary>
public sealed class NamedServersTests(HubFixture hub) : IClassFixture<HubFixture>
{
    [Fact]
    public async Task A_named_server_starts_beside_the_default_one_and_is_remembered_until_it_is_removed()
    {
        string user = await NewUserAsync(hub);
        using HttpClient admin = hub.Client();
        string path = $"hub/api/users/{user}/servers/second";
        Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync(path)).StatusCode);
        using HttpResponseMessage started = await admin.PostAsync(path, Json.Raw("""{"profile": "large"}"""));
        Assert.Equal((HttpStatusCode.Created, ""), (started.StatusCode, await started.Content.ReadAsStringAsync()));
        JsonObject model = (await admin.GetFromJsonAsync<JsonObject>(path))!;
        Assert.Equal(("second", $"{user}/second", $"/user/{user}/second/"), (model.Text("name"), model.Text("full_name"), model.Text("url")));
        Assert.Equal($"/hub/api/users/{user}/servers/second/progress", model.Text("progress_url"));
        Assert.Equal("""{"profile":"large"}""", model["user_options"]!.ToJsonString());
        Assert.True(model["ready"]!.GetValue<bool>());

        // The default server has not begun to run, and is not what the user model means by it.
        JsonObject person = (await admin.GetFromJsonAsync<JsonObject>($"hub/api/users/{user}"))!;
        Assert.Null(person["server"]);
        Assert.Equal(["second"], person["servers"]!.AsObject().Select(one => one.Key));
        using HttpResponseMessage again = await admin.PostAsync(path, null);
        Assert.Equal((HttpStatusCode.BadRequest, $"{user}/second is already running"), (again.StatusCode, await again.MessageAsync()));

        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync(path)).StatusCode);
        Assert.Empty((await admin.GetFromJsonAsync<JsonObject>($"hub/api/users/{user}"))!["servers"]!.AsObject());
        JsonObject all = (await admin.GetFromJsonAsync<JsonObject>($"hub/api/users/{user}?include_stopped_servers"))!["servers"]!.AsObject();
        Assert.Equal(["", "second"], all.Select(one => one.Key).Order());
        Assert.Equal((true, null), (all["second"]!["stopped"]!.GetValue<bool>(), all["second"]!["started"]));
        Assert.True((await admin.GetFromJsonAsync<JsonObject>(path))!["stopped"]!.GetValue<bool>());

        Assert.Equal(HttpStatusCode.NoContent, (await RemoveAsync(admin, path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.DeleteAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await RemoveAsync(admin, path)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await RemoveAsync(admin, $"hub/api/users/{user}/server")).StatusCode);
    }

    [Fact]
    public async Task It_can_be_made_and_changed_without_being_started_and_only_while_it_does_not_run()
    {
        string user = await NewUserAsync(hub);
        using HttpClient admin = hub.Client();
        string path = $"hub/api/users/{user}/servers/";
        using HttpResponseMessage made = await admin.PutAsync(path + "lab1", Json.Raw("""{"display_name": "The first", "user_options": {"a": 1}}"""));
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        JsonObject model = await made.ObjectAsync();
        Assert.Equal(("The first", true), (model.Text("display_name"), model["stopped"]!.GetValue<bool>()));
        Assert.Equal(HttpStatusCode.Conflict, (await admin.PutAsync(path + "lab1", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await admin.PutAsync(path, null)).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await admin.PutAsync($"hub/api/users/{user}/server", null)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await admin.PutAsync(path + "x", Json.Raw("""{"user_options": []}"""))).StatusCode);

        using HttpResponseMessage renamed = await admin.PatchAsync(path + "lab1", Json.Raw("""{"name": "exam", "display_name": "Exam"}"""));
        JsonObject after = await renamed.ObjectAsync();
        Assert.Equal(("exam", "Exam", """{"a":1}"""), (after.Text("name"), after.Text("display_name"), after["user_options"]!.ToJsonString()));
        Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync(path + "lab1")).StatusCode);
        await admin.PutAsync(path + "other", null);
        Assert.Equal(HttpStatusCode.Conflict, (await admin.PatchAsync(path + "other", Json.Raw("""{"name": "exam"}"""))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await admin.PatchAsync(path + "other", Json.Raw("""{"name": "api"}"""))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await admin.PatchAsync(path + "other", Json.Raw("""{"colour": 1}"""))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await admin.PatchAsync(path, Json.Raw("""{"name": "exam"}"""))).StatusCode);

        Assert.Equal(HttpStatusCode.Created, (await admin.PostAsync(path + "exam", Json.Raw("""{"user_options": {"a": 2}, "display_name": "Second exam"}"""))).StatusCode);
        JsonObject running = (await admin.GetFromJsonAsync<JsonObject>(path + "exam"))!;
        Assert.Equal(("Second exam", """{"a":2}"""), (running.Text("display_name"), running["user_options"]!.ToJsonString()));
        using HttpResponseMessage active = await admin.PatchAsync(path + "exam", Json.Raw("""{"display_name": "No"}"""));
        Assert.Equal((HttpStatusCode.BadRequest, $"{user}/exam is running; stop it first."), (active.StatusCode, await active.MessageAsync()));
        Assert.Equal(HttpStatusCode.NoContent, (await RemoveAsync(admin, path + "exam")).StatusCode);

        // What was refused left no trace.
        string[] kept = [];
        await Eventually.Holds(async () =>
        {
            JsonArray records = (await admin.GetFromJsonAsync<JsonObject>($"hub/api/audit?user={user}"))!["records"]!.AsArray();
            kept = [.. records.Where(one => one!["kind"]!.GetValue<string>() is "server-created" or "server-changed" or "server-removed")
                .Select(one => $"{one!["kind"]} by {one["by"]}: {one["detail"]!.ToJsonString()}")];
            return kept.Length == 5;
        });
        Assert.Equal(
            ["""server-created by admin: {"server":"lab1"}""", """server-changed by admin: {"server":"lab1","name":"exam"}""", """server-created by admin: {"server":"other"}""",
            """server-changed by admin: {"server":"exam"}""", """server-removed by admin: {"server":"exam"}"""], kept);
    }

    [Theory]
    [InlineData("api")]
    [InlineData("LAB")]
    [InlineData("files")]
    [InlineData("tree")]
    [InlineData("login")]
    [InlineData("static")]
    [InlineData("oauth_callback")]
    [InlineData("a%20b")]
    [InlineData("a%2Fb")]
    [InlineData("%2E%2E%2E")]
    [InlineData("-rf")]
    [InlineData("z%C3%BCrich")]
    [InlineData("a%0Ab")]
    [InlineData("a%3Fb")]
    [InlineData("a%25b")]
    public async Task What_is_no_name_is_refused_with_the_reason(string name)
    {
        string user = await NewUserAsync(hub);
        foreach (HttpMethod method in new[] { HttpMethod.Post, HttpMethod.Put })
        {
            using HttpResponseMessage answer = await hub.Client().SendAsync(new HttpRequestMessage(method, $"hub/api/users/{user}/servers/{name}"));
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Matches("^(Not a name for a server|A server cannot be called)", await answer.MessageAsync());
        }
        Assert.Equal(HttpStatusCode.BadRequest, (await hub.Client().PostAsync($"hub/api/users/{user}/servers/{new string('x', 256)}", null)).StatusCode);
        Assert.Empty(hub.Services.GetRequiredService<ServerRegistry>().NamesOf(user));
    }

    [Fact]
    public void No_route_of_a_users_server_can_be_hidden_by_a_server_of_its_name()
    {
        NamedServersHandler names = hub.Services.GetRequiredService<NamedServersHandler>();
        string[] first =
        [
            .. hub.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
                .Select(route => route.RoutePattern.RawText!.Trim('/').Split('/'))
                .Where(segments => segments.Length > 2 && segments[0] == "user" && segments[1] == "{user}")
                .Select(segments => segments[2]).Distinct(),
        ];
        Assert.Empty(new[] { "api", "lab", "doc", "tree", "notebooks", "files", "view", "kernelspecs", "login", "logout" }.Except(first));
        // A parameter there would make every server's name ambiguous.
        Assert.All(first, segment => Assert.DoesNotContain('{', segment));
        Assert.All(first, segment => Assert.NotNull(names.Problem(segment)));
        Assert.Null(names.Problem("second.try-1_2~3"));
        // No client sends these as they stand; a name that climbs is refused all the same.
        Assert.All(new[] { "", ".", "..", "a/b", "a\\b", "a\0b", "%41" }, odd => Assert.NotNull(names.Problem(odd)));
    }

    [Fact]
    public async Task There_are_as_many_as_the_settings_allow()
    {
        await using HubFixture small = await HubFixture.StartAsync(["Servers:NamedPerUser=2", "Servers:MaxUserOptions=10"]);
        using HttpClient admin = small.Client();
        Task<HttpResponseMessage>[] three = [.. Enumerable.Range(1, 3).Select(number => admin.PutAsync($"hub/api/users/admin/servers/s{number}", null))];
        HttpResponseMessage[] answers = await Task.WhenAll(three);
        Assert.Equal(2, answers.Count(answer => answer.StatusCode == HttpStatusCode.Created));
        HttpResponseMessage refused = Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.BadRequest);
        Assert.Contains("Servers:NamedPerUser", await refused.MessageAsync(), StringComparison.Ordinal);
        string kept = small.Services.GetRequiredService<ServerRegistry>().NamesOf("admin").First();
        Assert.Equal(HttpStatusCode.Created, (await admin.PostAsync($"hub/api/users/admin/servers/{kept}", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await RemoveAsync(admin, $"hub/api/users/admin/servers/{kept}")).StatusCode);
        using HttpResponseMessage large = await admin.PostAsync("hub/api/users/admin/servers/s9", Json.Raw("""{"user_options": {"a": "0123456789"}}"""));
        Assert.Contains("Servers:MaxUserOptions", await large.MessageAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Created, (await admin.PostAsync("hub/api/users/admin/servers/s9", null)).StatusCode);
    }

    [Fact]
    public async Task One_that_takes_long_to_end_is_said_to_be_ending_and_removed_when_it_has()
    {
        SlowPart part = new();
        await using HubFixture slow = await HubFixture.StartAsync(["Servers:SlowStopSeconds=1"], services => services.AddSingleton<IServerPart>(part));
        using HttpClient admin = slow.Client();
        await admin.PostAsync("hub/api/users/admin/servers/second", null);
        Assert.Equal(HttpStatusCode.Accepted, (await RemoveAsync(admin, "hub/api/users/admin/servers/second")).StatusCode);
        Assert.Equal("stop", (await admin.GetFromJsonAsync<JsonObject>("hub/api/users/admin/servers/second"))!.Text("pending"));
        Assert.Equal(HttpStatusCode.BadRequest, (await admin.PostAsync("hub/api/users/admin/servers/second", null)).StatusCode);
        Assert.Equal(HttpStatusCode.FailedDependency, (await admin.GetAsync("user/admin/second/api/kernels")).StatusCode);
        part.Gone.SetResult();
        Assert.Equal("admin/second", await Eventually.Comes(part.Removed.Task));
        Assert.Equal("admin/second", await part.Stopped.Task);
        await Eventually.Holds(async () => (await admin.GetAsync("hub/api/users/admin/servers/second")).StatusCode == HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Switched_off_none_is_made_or_started_and_those_that_run_go_on()
    {
        string data = Directory.CreateTempSubdirectory("hub-named-").FullName;
        await using (HubFixture before = await HubFixture.StartAsync(data: data))
        {
            await before.Client().PostAsync("hub/api/users/admin/servers/runs", null);
            await before.Client().PutAsync("hub/api/users/admin/servers/rests", Json.Raw("""{"display_name": "Rests"}"""));
        }
        await using (HubFixture off = await HubFixture.StartAsync(["Servers:AllowNamed=false"], data: data))
        {
            using HttpClient admin = off.Client();
            foreach (string name in new[] { "new", "rests" })
            {
                using HttpResponseMessage answer = await admin.PostAsync($"hub/api/users/admin/servers/{name}", null);
                Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
                Assert.Contains("Named servers are not enabled", await answer.MessageAsync(), StringComparison.Ordinal);
            }
            Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("user/admin/runs/api/status")).StatusCode);
            Assert.Equal(HttpStatusCode.FailedDependency, (await admin.GetAsync("user/admin/rests/api/status")).StatusCode);
            Assert.Equal("Rests", (await admin.GetFromJsonAsync<JsonObject>("hub/api/users/admin/servers/rests"))!.Text("display_name"));
            Assert.Equal(HttpStatusCode.NoContent, (await RemoveAsync(admin, "hub/api/users/admin/servers/runs")).StatusCode);
        }
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task Servers_follow_their_user_to_another_name_and_go_with_them()
    {
        string user = await NewUserAsync(hub);
        using HttpClient admin = hub.Client();
        await admin.PostAsync($"hub/api/users/{user}/servers/second", null);
        Assert.Equal(HttpStatusCode.BadRequest, (await admin.PatchAsync($"hub/api/users/{user}", Json.Raw($$"""{"name": "{{user}}x"}"""))).StatusCode);
        await admin.DeleteAsync($"hub/api/users/{user}/servers/second");
        Assert.Equal(HttpStatusCode.OK, (await admin.PatchAsync($"hub/api/users/{user}", Json.Raw($$"""{"name": "{{user}}x"}"""))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync($"hub/api/users/{user}/servers/second")).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await admin.PostAsync($"hub/api/users/{user}x/servers/second", null)).StatusCode);

        ServerRegistry registry = hub.Services.GetRequiredService<ServerRegistry>();
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"hub/api/users/{user}x")).StatusCode);
        Assert.Empty(registry.ListOf(user + "x"));
        await admin.PostAsync($"hub/api/users/{user}x", null);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync($"hub/api/users/{user}x/servers/second")).StatusCode);
    }

    [Fact]
    public async Task Progress_and_activity_are_of_the_server_that_is_named()
    {
        string user = await NewUserAsync(hub);
        using HttpClient admin = hub.Client();
        string path = $"hub/api/users/{user}/servers/second";
        await admin.PutAsync(path, null);
        Assert.Equal(HttpStatusCode.BadRequest, (await admin.GetAsync(path + "/progress")).StatusCode);
        await admin.PostAsync(path, null);
        Assert.Contains($"\"url\":\"/user/{user}/second/\"", await admin.GetStringAsync(path + "/progress"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await admin.GetAsync($"hub/api/users/{user}/server/progress")).StatusCode);

        string later = TimeProvider.System.GetUtcNow().AddMinutes(30).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", null);
        Assert.Equal(HttpStatusCode.OK, await NoteAsync(admin, user, "second", later));
        Assert.Equal(later, (await admin.GetFromJsonAsync<JsonObject>(path))!.Text("last_activity"));
        Assert.Equal(later, (await admin.GetFromJsonAsync<JsonObject>($"hub/api/users/{user}"))!.Text("last_activity"));
        Assert.Equal(HttpStatusCode.BadRequest, await NoteAsync(admin, user, "third", later));
    }

    [Fact]
    public async Task Its_pages_start_it_for_its_owner_and_all_else_is_answered_424_with_its_own_address()
    {
        string user = await NewUserAsync(hub);
        await hub.Client().PutAsync($"hub/api/users/{user}/servers/second", null);
        JsonObject token = await (await hub.Client().PostAsync($"hub/api/users/{user}/tokens", null)).ObjectAsync();
        using HttpClient owner = hub.Client(token.Text("token"));
        using HttpResponseMessage asked = await owner.GetAsync($"user/{user}/second/api/kernels");
        Assert.Equal(HttpStatusCode.FailedDependency, asked.StatusCode);
        Assert.Contains($"at /user/{user}/second/. Restart the server at /hub/spawn/{user}/second", await asked.MessageAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.FailedDependency, (await owner.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"user/{user}/second/api/contents"))).StatusCode);

        ServerRegistry registry = hub.Services.GetRequiredService<ServerRegistry>();
        foreach (string address in new[] { $"user/{user}/second", $"user/{user}/second/", $"hub/spawn/{user}/second", $"hub/user/{user}/second/" })
        {
            await registry.StopAllAsync(user, CancellationToken.None);
            using HttpResponseMessage page = await owner.SendAsync(Page(address));
            Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
            Assert.StartsWith($"/user/{user}/second/", page.Headers.Location!.OriginalString, StringComparison.Ordinal);
        }
        Assert.False(registry.IsRunning(user));
        // A link makes no servers.
        Assert.Equal(HttpStatusCode.NotFound, (await owner.SendAsync(Page($"hub/spawn/{user}/third"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await owner.SendAsync(Page($"user/{user}/third/lab"))).StatusCode);
        Assert.Equal(["second"], registry.NamesOf(user));
    }

    [Fact]
    public async Task Whoever_must_sign_in_first_comes_to_the_server_they_asked_for()
    {
        string user = await NewUserAsync(hub);
        await hub.Client().PutAsync($"hub/api/users/{user}/servers/second", null);
        using HttpClient nobody = hub.Client(token: null);
        using HttpResponseMessage answer = await nobody.SendAsync(Page($"user/{user}/second/lab/tree/a%20b.ipynb?x=1"));
        Assert.Equal($"/hub/login?next=%2Fuser%2F{user}%2Fsecond%2Flab%2Ftree%2Fa%2520b.ipynb%3Fx%3D1", answer.Headers.Location!.OriginalString);
    }

    private sealed class SlowPart : IServerPart
    {
        public TaskCompletionSource Gone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<string> Stopped { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<string> Removed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task StopAllAsync(ServerKey server, CancellationToken cancellationToken)
        {
            await Gone.Task;
            Stopped.TrySetResult(server.ToString());
        }

        public int CountRunning(string userName) => 1;

        public Task RemovedAsync(long userId, ServerKey server, CancellationToken cancellationToken)
        {
            Removed.TrySetResult(server.ToString());
            return Task.CompletedTask;
        }
    }

    private static async Task<string> NewUserAsync(HubFixture hub)
    {
        string name = $"n{Guid.NewGuid():N}"[..12];
        Assert.Equal(HttpStatusCode.Created, (await hub.Client().PostAsync($"hub/api/users/{name}", null)).StatusCode);
        return name;
    }

    private static Task<HttpResponseMessage> RemoveAsync(HttpClient client, string path) =>
        client.SendAsync(new HttpRequestMessage(HttpMethod.Delete, path) { Content = Json.Raw("""{"remove": true}""") });

    private static async Task<HttpStatusCode> NoteAsync(HttpClient client, string user, string server, string at)
    {
        JsonObject body = new() { ["servers"] = new JsonObject { [server] = new JsonObject { ["last_activity"] = at } } };
        using HttpResponseMessage answer = await client.PostAsJsonAsync($"hub/api/users/{user}/activity", body);
        return answer.StatusCode;
    }

    private static HttpRequestMessage Page(string path)
    {
        HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/html");
        return request;
    }
}
