using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Hub.Http;
using Hub.Servers;
using Microsoft.Extensions.DependencyInjection;
using Testing;
using Xunit;

namespace Hub.Tests.Servers;

/// <summary>A user's server as JupyterHub's clients and JupyterLab see it.</summary>
public sealed class ServersApiTests(HubFixture hub) : IClassFixture<HubFixture>
{
    [Fact]
    public async Task A_server_starts_at_once_is_shown_and_stops()
    {
        string user = await NewUserAsync();
        using HttpResponseMessage started = await hub.Client().PostAsync($"hub/api/users/{user}/server", null);
        Assert.Equal((HttpStatusCode.Created, ""), (started.StatusCode, await started.Content.ReadAsStringAsync()));

        JsonObject model = (await hub.Client().GetFromJsonAsync<JsonObject>($"hub/api/users/{user}"))!;
        Assert.Equal($"/user/{user}/", model["server"]!.GetValue<string>());
        JsonNode server = model["servers"]![""]!;
        Assert.True(server["ready"]!.GetValue<bool>());
        Assert.Null(server["pending"]);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", server["started"]!.GetValue<string>());

        using HttpResponseMessage again = await hub.Client().PostAsync($"hub/api/users/{user}/server", null);
        Assert.Equal(HttpStatusCode.BadRequest, again.StatusCode);
        Assert.Contains("is already running", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.NoContent, (await hub.Client().DeleteAsync($"hub/api/users/{user}/server")).StatusCode);
        Assert.Null((await hub.Client().GetFromJsonAsync<JsonObject>($"hub/api/users/{user}"))!["server"]);
        Assert.Equal(HttpStatusCode.NoContent, (await hub.Client().DeleteAsync($"hub/api/users/{user}/server")).StatusCode);
    }

    [Fact]
    public async Task The_default_server_has_the_empty_name_too()
    {
        string user = await NewUserAsync();
        Assert.Equal(HttpStatusCode.Created, (await hub.Client().PostAsync($"hub/api/users/{user}/servers/", null)).StatusCode);
        JsonObject model = (await hub.Client().GetFromJsonAsync<JsonObject>($"hub/api/users/{user}/servers/"))!;
        Assert.Equal(("", $"{user}/"), (model["name"]!.GetValue<string>(), model["full_name"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("POST", "hub/api/users/nobody/server", HttpStatusCode.NotFound)]
    [InlineData("GET", "hub/api/users/nobody/server", HttpStatusCode.NotFound)]
    [InlineData("GET", "hub/api/users/nobody/server/progress", HttpStatusCode.BadRequest)]
    public async Task What_is_not_there_is_said(string method, string path, HttpStatusCode status)
    {
        using HttpResponseMessage answer = await hub.Client().SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal((int)status, (await answer.Content.ReadFromJsonAsync<JsonObject>())!["status"]!.GetValue<int>());
    }

    [Fact]
    public async Task Progress_of_a_running_server_is_one_ready_event()
    {
        string user = await NewUserAsync();
        await hub.Client().PostAsync($"hub/api/users/{user}/server", null);
        using HttpResponseMessage answer = await hub.Client().GetAsync($"hub/api/users/{user}/server/progress");
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        string data = Assert.Single((await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        JsonNode ready = JsonNode.Parse(data["data: ".Length..])!;
        Assert.Equal((100, true, $"/user/{user}/"), (ready["progress"]!.GetValue<int>(), ready["ready"]!.GetValue<bool>(), ready["url"]!.GetValue<string>()));
    }

    [Fact]
    public async Task While_it_does_not_run_its_API_answers_424_in_the_words_JupyterLab_knows()
    {
        string user = await NewUserAsync();
        string token = await TokenOfAsync(user);
        using HttpResponseMessage answer = await hub.Client(token).GetAsync($"user/{user}/api/kernelspecs");
        Assert.Equal(HttpStatusCode.FailedDependency, answer.StatusCode);
        Assert.Contains($"Restart the server at /hub/spawn/{user}", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.False(hub.Services.GetRequiredService<ServerRegistry>().IsRunning(user));
    }

    [Fact]
    public async Task A_page_asked_for_by_its_owner_starts_it_and_by_others_does_not()
    {
        string user = await NewUserAsync();
        ServerRegistry registry = hub.Services.GetRequiredService<ServerRegistry>();
        using HttpResponseMessage others = await hub.Client().SendAsync(Page($"user/{user}/"));
        Assert.Equal((HttpStatusCode.FailedDependency, false), (others.StatusCode, registry.IsRunning(user)));
        using HttpResponseMessage own = await hub.Client(await TokenOfAsync(user)).SendAsync(Page($"user/{user}/"));
        Assert.Equal((HttpStatusCode.Redirect, $"/user/{user}/lab", true), (own.StatusCode, own.Headers.Location!.ToString(), registry.IsRunning(user)));
    }

    [Fact]
    public async Task Somebody_elses_server_is_out_of_reach()
    {
        string user = await NewUserAsync();
        string other = await NewUserAsync();
        await hub.Client().PostAsync($"hub/api/users/{user}/server", null);
        using HttpClient client = hub.Client(await TokenOfAsync(other));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"user/{user}/api/kernelspecs")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.DeleteAsync($"hub/api/users/{user}/server")).StatusCode);
        Assert.True(hub.Services.GetRequiredService<ServerRegistry>().IsRunning(user));
    }

    [Fact]
    public async Task Spawn_and_redirect_links_lead_to_ones_own_server_and_nowhere_else()
    {
        string user = await NewUserAsync();
        using HttpClient client = hub.Client(await TokenOfAsync(user));
        Assert.Equal($"/user/{user}/", await LocationAsync(client, "hub/spawn"));
        Assert.Equal("/user/x/lab", await LocationAsync(client, "hub/spawn?next=/user/x/lab"));
        Assert.Equal($"/user/{user}/", await LocationAsync(client, "hub/spawn?next=//evil.example/"));
        Assert.Equal($"/user/{user}/", await LocationAsync(client, "hub/spawn?next=/%5Cevil.example/"));
        Assert.Equal($"/user/{user}/git-pull/a%20b?repo=x", await LocationAsync(client, "hub/user-redirect/git-pull/a%20b?repo=x"));
        Assert.Equal($"/user/{user}/lab/tree/x%20y", await LocationAsync(client, $"hub/user/{user}/lab/tree/x%20y"));
    }

    [Fact]
    public async Task Started_servers_stay_started_when_the_hub_restarts()
    {
        string data = Directory.CreateTempSubdirectory("hub-restart-").FullName;
        string started;
        await using (HubFixture first = await HubFixture.StartAsync(data: data))
        {
            await first.Client().PostAsync("hub/api/users/admin/server", null);
            started = (await first.Client().GetFromJsonAsync<JsonObject>("hub/api/users/admin/server"))!["started"]!.GetValue<string>();
        }
        await using (HubFixture second = await HubFixture.StartAsync(data: data))
        {
            Assert.Equal(started, (await second.Client().GetFromJsonAsync<JsonObject>("hub/api/users/admin/server"))!["started"]!.GetValue<string>());
        }
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task Stopping_ends_what_runs_and_a_slow_end_is_said_to_be_pending()
    {
        SlowPart part = new();
        await using HubFixture slow = await HubFixture.StartAsync(["Servers:SlowStopSeconds=1"], services => services.AddSingleton<IServerPart>(part));
        await slow.Client().PostAsync("hub/api/users/admin/server", null);
        Assert.Equal(HttpStatusCode.Accepted, (await slow.Client().DeleteAsync("hub/api/users/admin/server")).StatusCode);
        JsonObject model = (await slow.Client().GetFromJsonAsync<JsonObject>("hub/api/users/admin/server"))!;
        Assert.Equal(("stop", false), (model["pending"]!.GetValue<string>(), model["ready"]!.GetValue<bool>()));
        Assert.Equal(HttpStatusCode.BadRequest, (await slow.Client().PostAsync("hub/api/users/admin/server", null)).StatusCode);
        part.Gone.SetResult();
        await Eventually.Holds(() => slow.Services.GetRequiredService<ServerRegistry>().Find("admin") is null);
        Assert.Equal("admin", part.Stopped);
    }

    [Theory]
    [InlineData("{}", HttpStatusCode.BadRequest)]
    [InlineData("{\"last_activity\": \"yesterday\"}", HttpStatusCode.BadRequest)]
    [InlineData("{\"last_activity\": \"2999-01-01T00:00:00Z\"}", HttpStatusCode.BadRequest)]
    [InlineData("{\"servers\": {\"other\": {\"last_activity\": \"2026-01-01T00:00:00Z\"}}}", HttpStatusCode.BadRequest)]
    [InlineData("{\"last_activity\": \"2026-01-01T00:00:00Z\"}", HttpStatusCode.OK)]
    public async Task Activity_is_noted_when_it_makes_sense(string body, HttpStatusCode status)
    {
        using HttpResponseMessage answer = await hub.Client().PostAsync("hub/api/users/admin/activity", new StringContent(body));
        Assert.Equal(status, answer.StatusCode);
    }

    private async Task<string> NewUserAsync()
    {
        string name = $"u{Guid.NewGuid():N}"[..12];
        Assert.Equal(HttpStatusCode.Created, (await hub.Client().PostAsync($"hub/api/users/{name}", null)).StatusCode);
        return name;
    }

    private async Task<string> TokenOfAsync(string user)
    {
        using HttpResponseMessage made = await hub.Client().PostAsync($"hub/api/users/{user}/tokens", JsonContent.Create(new { note = "test" }));
        return (await made.Content.ReadFromJsonAsync<JsonObject>())!["token"]!.GetValue<string>();
    }

    private static async Task<string> LocationAsync(HttpClient client, string path)
    {
        using HttpResponseMessage answer = await client.SendAsync(Page(path));
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return answer.Headers.Location!.ToString();
    }

    private static HttpRequestMessage Page(string path)
    {
        HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        return request;
    }

    private sealed class SlowPart : IServerPart
    {
        public TaskCompletionSource Gone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string? Stopped { get; private set; }

        public async Task StopAllAsync(ServerKey server, CancellationToken cancellationToken)
        {
            await Gone.Task;
            Stopped = server.UserName;
        }

        public int CountRunning(string userName) => 1;
    }
}
