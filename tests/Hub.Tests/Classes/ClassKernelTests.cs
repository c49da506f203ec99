using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Hub.Tests.Kernels;
using Spawner;
using Xunit;

namespace Hub.Tests.Classes;

/// <summary>What a class decides about its students' kernels: environment, how many, how large.</summary>
public sealed class ClassKernelTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_students_kernels_have_the_class_environment_and_limits_and_others_do_not()
    {
        await using KernelHub kernels = await KernelHub.StartAsync(settings:
        [
            "Kernels:Specs:other:DisplayName=Other", "Kernels:Specs:other:Language=python", "Kernels:Specs:other:Image=other:1",
        ]);
        HubFixture hub = kernels.Hub;
        JsonObject one = await hub.CreateClassAsync("grace", new { environment = "other", limits = new { max_kernels = 1, memory_bytes = 64L << 20, cpus = 0.25 } });
        (string user, CookieContainer cookies) = await hub.JoinAsGuestAsync(one.Code());
        using HttpClient guest = hub.Browser(cookies);
        guest.DefaultRequestHeaders.Add("X-XSRFToken", hub.Xsrf(cookies));
        Assert.Equal("other", (await guest.GetFromJsonAsync<JsonObject>($"user/{user}/api/kernelspecs", Cancelled))!["default"]!.GetValue<string>());

        using HttpResponseMessage started = await guest.PostAsJsonAsync($"user/{user}/api/kernels", new { }, Cancelled);
        Assert.True(started.StatusCode == HttpStatusCode.Created, await started.Content.ReadAsStringAsync(Cancelled));
        SpawnRequest request = kernels.Spawner.Requests.Last();
        Assert.Equal(("other", 64L << 20, 0.25), (request.KernelSpecName, request.Limits.MemoryBytes, request.Limits.Cpus));
        using HttpResponseMessage second = await guest.PostAsJsonAsync($"user/{user}/api/kernels", new { }, Cancelled);
        Assert.False(second.IsSuccessStatusCode);
        Assert.Contains("as many as your class 'Physics' allows", await second.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);

        await kernels.StartKernelAsync("other");
        await kernels.StartKernelAsync("other");
        Assert.NotEqual(64L << 20, kernels.Spawner.Requests.Last().Limits.MemoryBytes);
    }
}
