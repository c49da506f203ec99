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

/// <summary>Starts that are slow or fail: what the person waiting is told.</summary>
public sealed class KernelStartTests
{
    [Fact]
    public async Task A_slow_start_is_answered_with_starting_and_goes_on()
    {
        await using SlowSpawner slow = new();
        await using KernelHub hub = await KernelHub.StartAsync(slow, null, "Kernels:StartReplyAfter=00:00:00.1");
        using EventReader progress = hub.Hub.Services.GetRequiredService<EventStream>().Subscribe(happened => happened is HubEvent.KernelStarting);
        using HttpResponseMessage answer = await hub.Client.PostAsync("api/kernels", null);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        JsonElement model = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("starting", model.GetProperty("execution_state").GetString());
        string id = model.GetProperty("id").GetString()!;
        Assert.Equal("starting", await hub.StateOfAsync(id));
        await foreach (HubEvent happened in progress.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            Assert.Equal("The image is being fetched.", ((HubEvent.KernelStarting)happened).Message);
            break;
        }

        // The socket is held, not refused: front ends take a refusal for a dead kernel.
        Task<BrowserTab> opening = hub.OpenTabAsync(id);
        Assert.False(opening.IsCompleted);
        slow.Open();
        await using BrowserTab tab = await opening;
        await tab.RunToEndAsync("1+1");
        Assert.Equal("idle", await hub.StateOfAsync(id));
    }

    [Fact]
    public async Task A_start_that_waits_for_its_turn_says_so_and_one_that_is_given_up_leaves_the_queue()
    {
        await using SlowSpawner slow = new();
        await using KernelHub hub = await KernelHub.StartAsync(slow, null, "Kernels:StartReplyAfter=00:00:00.1", "Starts:AtOnce=1");
        string first = await hub.StartKernelAsync();
        using EventReader progress = hub.Hub.Services.GetRequiredService<EventStream>().Subscribe(happened => happened is HubEvent.KernelStarting);
        string second = await hub.StartKernelAsync(), given = await hub.StartKernelAsync(), third = await hub.StartKernelAsync();
        List<string> told = [];
        await foreach (HubEvent happened in progress.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            told.Add(((HubEvent.KernelStarting)happened).Message);
            if (told.Count == 3)
                break;
        }

        Assert.Equal(["The kernel is the next to start.", "One kernel starts before this one.", "2 kernels start before this one."], told);
        Assert.Equal(1, slow.Asked);
        Assert.Contains("hub_kernel_starts_waiting 3", await (await hub.Hub.Client().GetAsync("hub/metrics")).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await hub.Client.DeleteAsync($"api/kernels/{given}")).StatusCode);
        slow.Open();
        foreach (string id in new[] { first, second, third })
        {
            await using BrowserTab tab = await hub.OpenTabAsync(id);
            await tab.RunToEndAsync("1+1");
        }

        Assert.Equal(3, slow.Asked);
    }

    [Fact]
    public async Task A_start_that_fails_after_the_answer_leaves_a_dead_kernel_with_the_reason()
    {
        await using SlowSpawner slow = new();
        await using KernelHub hub = await KernelHub.StartAsync(slow, null, "Kernels:StartReplyAfter=00:00:00.1");
        using EventReader failures = hub.Hub.Services.GetRequiredService<EventStream>().Subscribe(happened => happened is HubEvent.KernelStartFailed);
        string id = await hub.StartKernelAsync();
        slow.Fail(new SpawnException(SpawnFailure.ImageMissing, "The image of this kernel is missing. Ask your administrator to build it.", "no such image"));
        await foreach (HubEvent happened in failures.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            Assert.Equal("image_missing", ((HubEvent.KernelStartFailed)happened).Cause);
            break;
        }

        JsonElement model = await hub.KernelAsync(id);
        Assert.Equal("dead", model.GetProperty("execution_state").GetString());
        Assert.Contains("image of this kernel is missing", model.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SpawnFailure.ImageMissing, "image_missing")]
    [InlineData(SpawnFailure.OutOfMemory, "out_of_memory")]
    [InlineData(SpawnFailure.EngineUnavailable, "engine_unavailable")]
    public async Task A_failed_start_says_cause_and_remedy_and_leaves_nothing(SpawnFailure failure, string cause)
    {
        await using FailingSpawner failing = new(new SpawnException(failure, "It failed. Try this.", "for the operator"));
        await using KernelHub hub = await KernelHub.StartAsync(failing);
        using HttpResponseMessage answer = await hub.Client.PostAsync("api/kernels", null);
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        JsonElement error = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("It failed. Try this.", error.GetProperty("message").GetString());
        Assert.Equal(cause, error.GetProperty("reason").GetString());
        Assert.Equal(0, (await hub.Client.GetFromJsonAsync<JsonElement>("api/kernels")).GetArrayLength());
    }

    [Fact]
    public async Task A_kernel_that_ends_while_it_starts_is_told_at_once_not_after_the_timeout()
    {
        await using LostSpawner lost = new() { Exit = new KernelExit(KernelExitCause.Exited, 1, null, "ModuleNotFoundError: ipykernel") };
        await using KernelHub hub = await KernelHub.StartAsync(lost);
        using HttpResponseMessage answer = await hub.Client.PostAsync("api/kernels", null);
        JsonElement error = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("exited_early", error.GetProperty("reason").GetString());
        Assert.Contains("exit code 1", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        // The kernel's own words are the operator's.
        Assert.DoesNotContain("ModuleNotFoundError", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_spawner_that_never_comes_back_is_given_up()
    {
        await using NeverSpawner never = new();
        await using KernelHub hub = await KernelHub.StartAsync(never, null, "Kernels:LaunchTimeout=00:00:01");
        using HttpResponseMessage answer = await hub.Client.PostAsync("api/kernels", null);
        Assert.Contains("Kernels:LaunchTimeout", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kernel_that_is_deleted_while_it_starts_is_gone()
    {
        await using NeverSpawner never = new();
        await using KernelHub hub = await KernelHub.StartAsync(never, null, "Kernels:StartReplyAfter=00:00:00.1");
        string id = await hub.StartKernelAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await hub.Client.DeleteAsync($"api/kernels/{id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await hub.Client.GetAsync($"api/kernels/{id}")).StatusCode);
    }

    [Fact]
    public async Task A_kernel_that_says_nothing_is_named_as_such()
    {
        await using FakeSpawner silent = new() { Options = new FakeKernelOptions { AnswersShell = false, AnswersControl = false } };
        await using KernelHub hub = await KernelHub.StartAsync(silent, null, "Kernels:StartTimeout=00:00:01");
        using HttpResponseMessage answer = await hub.Client.PostAsync("api/kernels", null);
        JsonElement error = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("timeout", error.GetProperty("reason").GetString());
        Assert.Contains("Kernels:StartTimeout", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(await silent.ListAsync(default));
    }

    [Fact]
    public async Task A_kernel_with_a_wrong_key_is_named_as_such()
    {
        await using ForgingSpawner forging = new();
        await using KernelHub hub = await KernelHub.StartAsync(forging, null, "Kernels:StartTimeout=00:00:01.5");
        using HttpResponseMessage answer = await hub.Client.PostAsync("api/kernels", null);
        JsonElement error = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("garbage", error.GetProperty("reason").GetString());
        Assert.Contains("wrong signature", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Garbage_of_a_running_kernel_is_counted_in_its_state_and_harms_nobody()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string hostile = await hub.StartKernelAsync();
        string honest = await hub.StartKernelAsync();
        await using BrowserTab tab = await hub.OpenTabAsync(hostile);
        await using BrowserTab other = await hub.OpenTabAsync(honest);
        await tab.RunToEndAsync("garbage\nforge\necho still here");
        FakeKernel kernel = hub.Spawner.KernelOf(hostile);
        kernel.Publish(MessageTypes.Status, new { execution_state = "dead" });
        kernel.Publish(MessageTypes.Status, new { execution_state = 7 });
        string reason = "";
        await Eventually.Holds(async () =>
            (reason = (await hub.KernelAsync(hostile)).TryGetProperty("reason", out JsonElement said) ? said.GetString()! : "").Contains("a status that is not", StringComparison.Ordinal));
        Assert.Contains("wrong signature", reason, StringComparison.Ordinal);
        Assert.DoesNotContain(tab.Messages, m => BrowserTab.IsStatus(m, "dead"));
        await tab.RunToEndAsync("1+1");
        await other.RunToEndAsync("1+1");
        Assert.False((await hub.KernelAsync(honest)).TryGetProperty("reason", out _));
    }

    /// <summary>Tells the hub another key than the kernel has.</summary>
    private sealed class ForgingSpawner : FakeSpawner
    {
        public override async Task<SpawnedKernel> StartAsync(SpawnRequest request, IProgress<SpawnProgress>? progress, CancellationToken cancellationToken)
        {
            SpawnedKernel spawned = await base.StartAsync(request, progress, cancellationToken);
            // Nothing of ours passes there, but what it publishes by itself passes here.
            Task speaking = Task.Run(async () =>
            {
                while (!KernelOf(request.KernelId).Died.IsCompleted && KernelOf(request.KernelId).Publish(MessageTypes.Status, new { execution_state = "idle" }) == 0)
                    await Task.Yield();
            }, CancellationToken.None);
            _ = speaking.ContinueWith(static done => _ = done.Exception, TaskScheduler.Default);
            return spawned with { Endpoint = spawned.Endpoint with { Key = "another key" } };
        }
    }
}
