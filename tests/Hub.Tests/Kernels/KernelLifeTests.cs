using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Hub.Events;
using Microsoft.Extensions.DependencyInjection;
using Spawner;
using Testing;
using Wire.Jupyter;
using Xunit;

namespace Hub.Tests.Kernels;

/// <summary>Start, interrupt, restart, death and end of kernels, as the API and the tabs see them.</summary>
public sealed class KernelLifeTests
{
    [Fact]
    public async Task A_kernel_is_started_listed_and_deleted()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        using HttpResponseMessage started = await hub.Client.PostAsync("api/kernels", null);
        Assert.Equal(HttpStatusCode.Created, started.StatusCode);
        JsonElement kernel = await started.Content.ReadFromJsonAsync<JsonElement>();
        string id = kernel.GetProperty("id").GetString()!;
        Assert.EndsWith($"/user/admin/api/kernels/{id}", started.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Equal("python3", kernel.GetProperty("name").GetString());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", kernel.GetProperty("last_activity").GetString());
        Assert.Equal(0, kernel.GetProperty("connections").GetInt32());
        Assert.Equal("idle", kernel.GetProperty("execution_state").GetString());

        Assert.Equal(id, (await hub.Client.GetFromJsonAsync<JsonElement>("api/kernels"))[0].GetProperty("id").GetString());
        await using BrowserTab tab = await hub.OpenTabAsync(id);
        Assert.Equal(HttpStatusCode.NoContent, (await hub.Client.DeleteAsync($"api/kernels/{id}")).StatusCode);
        await tab.Closed;
        Assert.Equal(1000, tab.CloseCode);
        Assert.Equal(HttpStatusCode.NotFound, (await hub.Client.GetAsync($"api/kernels/{id}")).StatusCode);
        Assert.Equal(0, (await hub.Client.GetFromJsonAsync<JsonElement>("api/kernels")).GetArrayLength());
        Assert.Empty(await hub.Spawner.ListAsync(default));
    }

    [Theory]
    [InlineData("GET", "api/kernels/2f1c0c4e-9f3b-4d53-9d3c-6f0d0f7a2b11")]
    [InlineData("DELETE", "api/kernels/2f1c0c4e-9f3b-4d53-9d3c-6f0d0f7a2b11")]
    [InlineData("POST", "api/kernels/2f1c0c4e-9f3b-4d53-9d3c-6f0d0f7a2b11/interrupt")]
    [InlineData("POST", "api/kernels/2f1c0c4e-9f3b-4d53-9d3c-6f0d0f7a2b11/restart")]
    [InlineData("GET", "api/kernels/2f1c0c4e-9f3b-4d53-9d3c-6f0d0f7a2b11/channels")]
    [InlineData("GET", "api/kernels/not-an-id")]
    public async Task An_unknown_kernel_is_404(string method, string path)
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        using HttpResponseMessage answer = await hub.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        if (!path.EndsWith("not-an-id", StringComparison.Ordinal))
            Assert.Equal("Kernel does not exist: 2f1c0c4e-9f3b-4d53-9d3c-6f0d0f7a2b11", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("{", 400)]
    [InlineData("[]", 400)]
    [InlineData("""{"name":7}""", 400)]
    [InlineData("""{"kernel_id":"../../etc"}""", 400)]
    [InlineData("""{"name":"no-such-kernel"}""", 500)]
    public async Task A_start_that_makes_no_sense_says_why_and_starts_nothing(string body, int status)
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        using HttpResponseMessage answer = await hub.Client.PostAsync("api/kernels", new StringContent(body, null, "application/json"));
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.NotEmpty((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("message").GetString()!);
        Assert.Empty(hub.Spawner.Requests);
    }

    [Fact]
    public async Task A_wished_id_is_kept_and_asked_for_twice_is_the_same_kernel()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = Guid.NewGuid().ToString();
        for (int i = 0; i < 2; i++)
        {
            using HttpResponseMessage answer = await hub.Client.PostAsJsonAsync("api/kernels", new { kernel_id = id, path = "lectures/week 1" });
            Assert.Equal(id, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString());
        }

        Assert.Equal("lectures/week 1", Assert.Single(hub.Spawner.Requests).WorkingDirectory);
    }

    [Fact]
    public async Task A_limit_on_kernels_is_named()
    {
        await using KernelHub hub = await KernelHub.StartAsync(null, null, "Kernels:MaxPerUser=1");
        await hub.StartKernelAsync();
        using HttpResponseMessage refused = await hub.Client.PostAsync("api/kernels", null);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("Kernels:MaxPerUser", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupt_ends_the_cell_and_nothing_else()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        await using BrowserTab tab = await hub.OpenTabAsync(id);
        string request = await tab.RunAsync("sleep");
        await tab.NextAsync(m => m.ParentMessageId == request && m.MessageType == MessageTypes.ExecuteInput);
        Assert.Equal("busy", await hub.StateOfAsync(id));
        Assert.Equal(HttpStatusCode.NoContent, (await hub.Client.PostAsync($"api/kernels/{id}/interrupt", null)).StatusCode);
        await tab.DoneAsync(request);
        Assert.Contains(tab.Of(request), m => m.MessageType == MessageTypes.Error && BrowserTab.Content(m).GetProperty("ename").GetString() == "KeyboardInterrupt");
        Assert.Equal(1, hub.Spawner.Interrupts);
        await tab.RunToEndAsync("1+1");
    }

    [Fact]
    public async Task A_restart_keeps_the_id_and_the_tabs_and_ends_what_was_running()
    {
        await using KernelHub hub = await KernelHub.StartAsync(null, null, "Kernels:StopGrace=00:00:00.2");
        string id = await hub.StartKernelAsync();
        await using BrowserTab first = await hub.OpenTabAsync(id);
        await using BrowserTab second = await hub.OpenTabAsync(id, v1: false);
        string running = await second.RunAsync("sleep");
        await hub.Spawner.KernelOf(id).Asked(MessageTypes.ExecuteRequest);

        using HttpResponseMessage restarted = await hub.Client.PostAsync($"api/kernels/{id}/restart", null);
        Assert.Equal(HttpStatusCode.OK, restarted.StatusCode);
        Assert.Equal(id, (await restarted.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString());
        await second.DoneAsync(running);
        Assert.Equal("aborted", BrowserTab.Content(await second.NextAsync(m => m.ParentMessageId == running && m.MessageType == MessageTypes.ExecuteReply)).GetProperty("status").GetString());
        await first.NextAsync(m => BrowserTab.IsStatus(m, "starting"));
        // Both sockets serve the new process, whose first cell is number one again.
        IReadOnlyList<KernelMessage> fresh = await first.RunToEndAsync("1+1");
        Assert.Equal(1, BrowserTab.Content(fresh.Single(m => m.MessageType == MessageTypes.ExecuteInput)).GetProperty("execution_count").GetInt32());
        await second.RunToEndAsync("1+1");
        Assert.Equal(hub.Spawner.KernelOf(id).Session, fresh[0].Session);
    }

    [Fact]
    public async Task A_restart_tells_tabs_starting_even_when_the_kernel_does_not()
    {
        await using FakeSpawner like = new() { Options = FakeKernelOptions.LikeR };
        await using KernelHub hub = await KernelHub.StartAsync(like, null, "Kernels:StopGrace=00:00:00.2");
        string id = await hub.StartKernelAsync();
        await using BrowserTab tab = await hub.OpenTabAsync(id);
        string before = (await tab.RunToEndAsync("1+1"))[0].Session;
        using HttpResponseMessage restarted = await hub.Client.PostAsync($"api/kernels/{id}/restart", null);
        Assert.Equal(HttpStatusCode.OK, restarted.StatusCode);
        KernelMessage starting = await tab.NextAsync(m => BrowserTab.IsStatus(m, "starting"));
        Assert.NotEqual(before, starting.Session);
        Assert.Equal(starting.Session, (await tab.RunToEndAsync("1+1"))[0].Session);
    }

    [Fact]
    public async Task What_a_tab_sends_during_a_restart_waits_for_the_new_kernel()
    {
        await using SlowSpawner slow = new();
        slow.Open();
        await using KernelHub hub = await KernelHub.StartAsync(slow);
        string id = await hub.StartKernelAsync();
        await using BrowserTab tab = await hub.OpenTabAsync(id);
        slow.Shut();
        Task<HttpResponseMessage> restart = hub.Client.PostAsync($"api/kernels/{id}/restart", null);
        await Eventually.Holds(async () => slow.Asked == 2 && await hub.StateOfAsync(id) == "restarting");
        string request = await tab.RunAsync("echo patience");
        slow.Open();
        Assert.Equal(HttpStatusCode.OK, (await restart).StatusCode);
        await tab.DoneAsync(request);
        Assert.Equal("patience\n", tab.TextOf(request));
    }

    [Theory]
    [InlineData(KernelExitCause.OutOfMemory, null, 9, "memory")]
    [InlineData(KernelExitCause.Signalled, null, 11, "SIGSEGV")]
    [InlineData(KernelExitCause.Exited, 3, null, "exit code 3")]
    [InlineData(KernelExitCause.Removed, null, null, "from outside")]
    [InlineData(KernelExitCause.EngineStopped, 137, 9, "live-restore")]
    public async Task A_death_is_told_to_tabs_api_and_events_with_its_cause(KernelExitCause cause, int? code, int? signal, string said)
    {
        await using FakeSpawner spawner = new() { Exit = new KernelExit(cause, code, signal, "") };
        await using KernelHub hub = await KernelHub.StartAsync(spawner);
        using EventReader deaths = hub.Hub.Services.GetRequiredService<EventStream>().Subscribe(happened => happened is HubEvent.KernelDied);
        string id = await hub.StartKernelAsync();
        await using BrowserTab tab = await hub.OpenTabAsync(id);
        string running = await tab.RunAsync("sleep");
        await spawner.KernelOf(id).Asked(MessageTypes.ExecuteRequest);
        await spawner.KernelOf(id).DieAsync();

        await tab.NextAsync(m => BrowserTab.IsStatus(m, "dead"));
        await tab.DoneAsync(running);
        JsonElement model = await hub.KernelAsync(id);
        Assert.Equal("dead", model.GetProperty("execution_state").GetString());
        Assert.Contains(said, model.GetProperty("reason").GetString(), StringComparison.Ordinal);
        await foreach (HubEvent happened in deaths.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            Assert.Contains(said, ((HubEvent.KernelDied)happened).Message, StringComparison.Ordinal);
            break;
        }

        // Nobody waits for ever in front of a dead kernel, and a restart brings it back under the same id for the same tab.
        string refused = await tab.RunAsync("1+1");
        await tab.DoneAsync(refused);
        Assert.Contains(tab.Of(refused), m => m.MessageType == MessageTypes.Error && BrowserTab.Content(m).GetProperty("evalue").GetString()!.Contains("Restart", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, (await hub.Client.PostAsync($"api/kernels/{id}/restart", null)).StatusCode);
        await tab.RunToEndAsync("1+1");
        Assert.Equal("idle", await hub.StateOfAsync(id));
    }

    [Fact]
    public async Task A_tab_that_connects_to_a_dead_kernel_is_told_so()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string id = await hub.StartKernelAsync();
        await hub.Spawner.KernelOf(id).DieAsync();
        await Eventually.Holds(async () => await hub.StateOfAsync(id) == "dead");
        await using BrowserTab tab = await hub.OpenTabAsync(id);
        await tab.NextAsync(m => BrowserTab.IsStatus(m, "dead"));
    }

    [Fact]
    public async Task Stopping_the_server_stops_its_kernels()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        await hub.StartKernelAsync();
        using HttpResponseMessage stopped = await hub.Hub.Client().DeleteAsync("hub/api/users/admin/server");
        Assert.True(stopped.IsSuccessStatusCode, stopped.StatusCode.ToString());
        await Eventually.Holds(async () => (await hub.Spawner.ListAsync(default)).Count == 0);
    }
}
