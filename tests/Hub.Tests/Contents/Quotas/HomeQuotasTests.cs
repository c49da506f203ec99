using System.Net.Http.Json;
using Hub.Contents;
using Hub.Contents.Quotas;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Testing;
using Xunit;

namespace Hub.Tests.Contents.Quotas;

/// <summary>Whose home may hold how much, of all that is said for somebody.</summary>
public sealed class HomeQuotasTests
{
    private static readonly HomesOptions s_options = new()
    {
        QuotaBytes = 2 << 20,
        Quotas = new Dictionary<string, HomeQuotaOptions> { ["small"] = new() { Bytes = 1 << 20, Users = ["Bob"] }, ["huge"] = new() { Bytes = 9 << 20, Users = ["carol"] } },
    };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_largest_holds_but_what_is_said_for_one_user_by_name_holds_alone()
    {
        Said groups = new(new() { ["ada"] = 5 << 20, ["bob"] = 5 << 20, ["carol"] = 5 << 20, ["dora"] = 1 << 20 });
        Said classes = new(new() { ["ada"] = 7 << 20, ["eve"] = 3 << 20 });
        HomeQuotas quotas = new(Options.Create(s_options), [groups, classes], TimeProvider.System);
        Assert.Equal(2 << 20, quotas.LimitOf("ada"));
        await quotas.RefreshAsync(Cancelled);
        Assert.Equal([7 << 20, 1 << 20, 9 << 20, 2 << 20, 3 << 20, 2 << 20], new[] { "ada", "bob", "carol", "dora", "eve", "fay" }.Select(user => quotas.LimitOf(user)!.Value));

        // Of a source that is away, what it said last holds.
        (groups.Bytes, classes.Bytes) = (null, []);
        await quotas.RefreshAsync(Cancelled);
        Assert.Equal((5 << 20, 2 << 20), (quotas.LimitOf("ada"), quotas.LimitOf("eve")));
    }

    [Fact]
    public async Task Without_a_quota_nobody_has_one()
    {
        HomeQuotas quotas = new(Options.Create(s_options with { QuotaKind = QuotaKind.None }), [new Said(new() { ["ada"] = 5 << 20 })], TimeProvider.System);
        await quotas.RefreshAsync(Cancelled);
        Assert.Null(quotas.LimitOf("ada"));
        Assert.Null(quotas.LimitOf("bob"));
    }

    [Fact]
    public async Task A_home_in_use_has_its_new_limit_at_once_and_is_measured_anew()
    {
        Said groups = new([]);
        HomeQuotas quotas = new(Options.Create(s_options), [groups], TimeProvider.System);
        HomeAllowance allowance = quotas.Open(new HomeDirectory("ada", "/nowhere", null, null), isImage: false)!;
        Assert.Throws<ContentException>(() => allowance.Take(3 << 20, "/a"));
        long changes = allowance.Changes;
        groups.Bytes = new() { ["ada"] = 4 << 20 };
        await quotas.RefreshAsync(Cancelled);
        allowance.Take(3 << 20, "/a");
        Assert.Equal(changes + 2, allowance.Changes);
    }

    [Fact]
    public void No_kernel_is_started_far_beyond_the_quota_until_there_is_less()
    {
        HomeQuotas quotas = new(Options.Create(s_options), [], TimeProvider.System);
        HomeAllowance allowance = quotas.Open(new HomeDirectory("ada", "/nowhere", null, null), isImage: false)!;
        Assert.Null(quotas.WhyNoKernel("ada"));
        allowance.Begin();
        allowance.End(4 << 20);
        Assert.Null(quotas.WhyNoKernel("ada"));
        allowance.Begin();
        allowance.End((4 << 20) + 1);
        long changes = allowance.Changes;
        Assert.Contains("the home holds 4 MiB, more than 200 % of the 2 MiB it may hold (Homes:HardLimitPercent)", quotas.WhyNoKernel("ada"), StringComparison.Ordinal);
        Assert.Equal(changes + 1, allowance.Changes);
        Assert.Null(quotas.WhyNoKernel("bob"));
        allowance.Give(1);
        Assert.Null(quotas.WhyNoKernel("ada"));
    }

    [Fact]
    public async Task Who_comes_into_a_group_has_its_quota_soon_and_who_leaves_it_no_more()
    {
        await using ContentsFixture fixture = await ContentsFixture.StartAsync(
            "Homes:QuotaBytes=1048576", "Homes:QuotaKind=measured", "Homes:LookEvery=00:00:00.020", "Homes:QuotasEvery=00:00:00.050",
            "Homes:Quotas:lab:Bytes=4194304", "Homes:Quotas:lab:Groups:0=urn:Lab", "Homes:Quotas:more:Bytes=3145728", "Homes:Quotas:more:Groups:0=urn:Lab");
        HomeQuotas quotas = fixture.Hub.Services.GetRequiredService<HomeQuotas>();
        using HttpClient admin = fixture.Hub.Client();
        (await admin.PostAsJsonAsync("hub/api/groups/urn:Lab", new { }, Cancelled)).EnsureSuccessStatusCode();
        (await fixture.Alice.SaveAsync("a.txt", new string('a', 2_000_000))).EnsureStatus(507);

        (await admin.PostAsJsonAsync("hub/api/groups/urn:Lab/users", new { users = new[] { "alice" } }, Cancelled)).EnsureSuccessStatusCode();
        await Eventually.Holds(() => quotas.Find("alice") is { LimitBytes: 4 << 20 });
        (await fixture.Alice.SaveAsync("a.txt", new string('a', 2_000_000))).EnsureStatus(201);
        (await fixture.Bob.SaveAsync("a.txt", new string('a', 2_000_000))).EnsureStatus(507);
        Assert.Equal(4 << 20, (await fixture.Alice.SendAsync(HttpMethod.Get, "", api: "api/status")).EnsureStatus(200).Json["home"]!["limit_bytes"]!.GetValue<int>());

        (await admin.SendAsync(new HttpRequestMessage(HttpMethod.Delete, "hub/api/groups/urn:Lab/users") { Content = JsonContent.Create(new { users = new[] { "alice" } }) }, Cancelled)).EnsureSuccessStatusCode();
        await Eventually.Holds(() => quotas.Find("alice") is { LimitBytes: 1 << 20 });
        (await fixture.Alice.SaveAsync("b.txt", "b")).EnsureStatus(507);
        (await fixture.Alice.GetAsync("a.txt")).EnsureStatus(200);
        (await fixture.Alice.DeleteAsync("a.txt")).EnsureStatus(204);
    }

    [Theory]
    [InlineData("Homes:HardLimitPercent is 99", "Homes:HardLimitPercent=99")]
    [InlineData("Homes:Quotas:x:Bytes is 1000", "Homes:QuotaBytes=1048576", "Homes:Quotas:x:Bytes=1000", "Homes:Quotas:x:Groups:0=lab")]
    [InlineData("Homes:Quotas:x is nobody's", "Homes:QuotaBytes=1048576", "Homes:Quotas:x:Bytes=2097152")]
    [InlineData("Homes:Quotas:x needs Homes:QuotaBytes", "Homes:Quotas:x:Bytes=2097152", "Homes:Quotas:x:Groups:0=lab")]
    public async Task What_makes_no_sense_stops_the_hub_with_its_key(string why, params string[] settings)
    {
        Exception refused = await Assert.ThrowsAnyAsync<Exception>(() => HubFixture.StartAsync(settings));
        Assert.Contains(why, refused.ToString(), StringComparison.Ordinal);
    }

    private sealed class Said(Dictionary<string, long>? bytes) : IHomeQuotaSource
    {
        public Dictionary<string, long>? Bytes { get; set; } = bytes;

        public Task<IReadOnlyDictionary<string, long>?> FindAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyDictionary<string, long>?>(Bytes);
    }
}
