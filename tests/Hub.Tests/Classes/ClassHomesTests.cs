using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Hub.Contents.Quotas;
using Microsoft.Extensions.DependencyInjection;
using Testing;
using Xunit;

namespace Hub.Tests.Classes;

/// <summary>What a class lets the homes of its members hold.</summary>
public sealed class ClassHomesTests : IAsyncLifetime
{
    private HubFixture? _hub;

    private HubFixture Hub => _hub!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _hub = await HubFixture.StartAsync(
        ["Homes:QuotaBytes=1048576", "Homes:QuotaKind=measured", "Homes:LookEvery=00:00:00.020", "Homes:QuotasEvery=00:00:00.050", "Classes:MaxHomeQuotaBytes=8388608"]);

    public ValueTask DisposeAsync() => Hub.DisposeAsync();

    [Fact]
    public async Task Its_members_may_hold_more_from_the_moment_they_join_until_it_is_ended()
    {
        JsonObject one = await Hub.CreateClassAsync("grace", new { home_quota_bytes = 4 << 20 });
        JsonObject less = await Hub.CreateClassAsync("grace", new { home_quota_bytes = 2 << 20 });
        Assert.Equal(4 << 20, one["home_quota_bytes"]!.GetValue<long>());
        HomeQuotas quotas = Hub.Services.GetRequiredService<HomeQuotas>();
        (string guest, CookieContainer _) = await Hub.JoinAsGuestAsync(one.Code());
        await Eventually.Holds(() => quotas.LimitOf(guest) == 4 << 20);
        Assert.Equal((4 << 20, 1 << 20), (quotas.LimitOf("grace"), quotas.LimitOf("admin")));
        using HttpClient admin = Hub.Client();
        (await admin.PutAsJsonAsync($"hub/api/classes/{less.Id()}/members/{guest}", new { }, Cancelled)).EnsureSuccessStatusCode();

        using HttpClient teacher = await Hub.SignInAsync("grace", ClassHelp.Password);
        (await teacher.PatchAsJsonAsync($"hub/api/classes/{one.Id()}", new { home_quota_bytes = 8 << 20 }, Cancelled)).EnsureSuccessStatusCode();
        await Eventually.Holds(() => quotas.LimitOf(guest) == 8 << 20);
        // A change of something else leaves it.
        using HttpResponseMessage renamed = await teacher.PatchAsJsonAsync($"hub/api/classes/{one.Id()}", new { name = "Optics" }, Cancelled);
        Assert.Equal(8 << 20, (await renamed.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!["home_quota_bytes"]!.GetValue<long>());
        (await teacher.PatchAsJsonAsync($"hub/api/classes/{one.Id()}", new { home_quota_bytes = 0 }, Cancelled)).EnsureSuccessStatusCode();
        await Eventually.Holds(() => quotas.LimitOf("grace") == 2 << 20);
        (await admin.PostAsJsonAsync($"hub/api/classes/{less.Id()}/end", new { }, Cancelled)).EnsureSuccessStatusCode();
        await Eventually.Holds(() => quotas.LimitOf("grace") == 1 << 20);
    }

    [Theory]
    [InlineData(8388609, "home_quota_bytes must be between 1048576 and 8388608 (Classes:MaxHomeQuotaBytes)")]
    [InlineData(1000, "home_quota_bytes must be between 1048576 and 8388608")]
    [InlineData(-1, "home_quota_bytes must be between")]
    public async Task What_the_operator_did_not_allow_is_refused(long bytes, string why) => Assert.Contains(why, await RefusalAsync(Hub, bytes), StringComparison.Ordinal);

    [Theory]
    [InlineData("homes have no quota here (Homes:QuotaBytes)", "Classes:MaxHomeQuotaBytes=8388608")]
    [InlineData("classes may not raise the quota of homes here (Classes:MaxHomeQuotaBytes)", "Homes:QuotaBytes=1048576", "Homes:QuotaKind=measured")]
    public async Task Where_it_can_say_nothing_it_is_told_so(string why, params string[] settings)
    {
        await using HubFixture plain = await HubFixture.StartAsync(settings);
        Assert.Contains(why, await RefusalAsync(plain, 4 << 20), StringComparison.Ordinal);
    }

    private static async Task<string> RefusalAsync(HubFixture hub, long bytes)
    {
        using HttpClient admin = hub.Client();
        using HttpResponseMessage refused = await admin.PostAsJsonAsync("hub/api/classes", new { name = "x", home_quota_bytes = bytes }, Cancelled);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        return (await refused.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!["message"]!.GetValue<string>();
    }
}
