using System.Text.Json.Nodes;
using Hub.Contents.Quotas;
using Hub.Events;
using Microsoft.Extensions.DependencyInjection;
using Testing;
using Xunit;

namespace Hub.Tests.Contents.Quotas;

/// <summary>A hub whose homes may hold 1 MiB, kept by measuring.</summary>
public sealed class MeasuredQuotaTests : IAsyncLifetime
{
    private const int Quota = 1 << 20;

    private ContentsFixture? _fixture;

    private ContentsClient Alice => _fixture!.Alice;

    public async ValueTask InitializeAsync() =>
        _fixture = await ContentsFixture.StartAsync($"Homes:QuotaBytes={Quota}", "Homes:QuotaKind=measured", "Homes:LookEvery=00:00:00.020", "Homes:MeasureEvery=00:00:01");

    public ValueTask DisposeAsync() => _fixture!.DisposeAsync();

    [Fact]
    public async Task A_save_beyond_the_quota_is_refused_in_words_and_changes_nothing()
    {
        (await Alice.SaveAsync("a.txt", new string('a', 700_000))).EnsureStatus(201);
        ContentsAnswer refused = (await Alice.SaveAsync("b.txt", new string('b', 700_000))).EnsureStatus(507);
        Assert.Contains("of 1 MiB are used (Homes:QuotaBytes)", refused.Message, StringComparison.Ordinal);
        Assert.Contains("/b.txt", refused.Message, StringComparison.Ordinal);
        Assert.Equal("quota", refused["reason"]);
        Assert.Equal(["a.txt"], Directory.GetFileSystemEntries(Alice.Home).Select(Path.GetFileName));
        (await _fixture!.Bob.SaveAsync("b.txt", new string('b', 700_000))).EnsureStatus(201);
    }

    [Fact]
    public async Task A_full_home_can_be_listed_read_renamed_saved_over_and_emptied()
    {
        await FillAsync();
        Assert.Equal(2, (await Alice.GetAsync("")).EnsureStatus(200).Json["content"]!.AsArray().Count);
        (await Alice.GetAsync("note.ipynb")).EnsureStatus(200);
        (await Alice.GetAsync("full.bin?content=0")).EnsureStatus(200);
        (await Alice.PatchAsync("note.ipynb", new { path = "other.ipynb" })).EnsureStatus(200);
        // What needs no more room than the file it replaces is always written.
        (await Alice.PutAsync("other.ipynb", new { type = "notebook", content = Notebook })).EnsureStatus(200);
        (await Alice.SaveAsync("full.bin", "")).EnsureStatus(200);
        (await Alice.SaveAsync("new.txt", "x")).EnsureStatus(201);
        (await Alice.DeleteAsync("other.ipynb")).EnsureStatus(204);
    }

    [Fact]
    public async Task In_a_full_home_nothing_new_is_made_until_something_is_deleted()
    {
        await FillAsync();
        foreach (string type in new[] { "notebook", "file", "directory" })
            (await Alice.PostAsync("", new { type })).EnsureStatus(507);
        (await Alice.PostAsync("", new { copy_from = "note.ipynb" })).EnsureStatus(507);
        (await Alice.PutAsync("dir", new { type = "directory" })).EnsureStatus(507);
        (await Alice.PutAsync("up.bin", new { type = "file", format = "base64", content = "AAAA", chunk = 1 })).EnsureStatus(507);
        (await Alice.DeleteAsync("full.bin")).EnsureStatus(204);
        // At once, without a measurement in between.
        (await Alice.PostAsync("", new { type = "notebook" })).EnsureStatus(201);
    }

    [Fact]
    public async Task An_upload_in_pieces_stops_at_the_quota_and_goes_on_after_a_deletion()
    {
        (await Alice.SaveAsync("a.txt", new string('a', 500_000))).EnsureStatus(201);
        string piece = Convert.ToBase64String(new byte[250_000]);
        (await Alice.PutAsync("up.bin", new { type = "file", format = "base64", content = piece, chunk = 1 })).EnsureStatus(201);
        (await Alice.PutAsync("up.bin", new { type = "file", format = "base64", content = piece, chunk = -1 })).EnsureStatus(507);
        (await Alice.DeleteAsync("a.txt")).EnsureStatus(204);
        (await Alice.PutAsync("up.bin", new { type = "file", format = "base64", content = piece, chunk = -1 })).EnsureStatus(201);
        Assert.Equal(500_000, new FileInfo(Alice.OnDisk("up.bin")).Length);
    }

    [Fact]
    public async Task What_a_kernel_wrote_is_found_by_measuring_told_to_the_page_and_stands_in_the_status()
    {
        (await Alice.SaveAsync("small.txt", "x")).EnsureStatus(201);
        using EventReader told = _fixture!.Hub.Services.GetRequiredService<EventStream>().Subscribe(happened => happened is HubEvent.HomeUsage { Level: "nearly" });
        await File.WriteAllBytesAsync(Alice.OnDisk("big.bin"), new byte[1_010_000], TestContext.Current.CancellationToken);
        await Alice.OwnAsync();
        // The hub looks again after it wrote something.
        (await Alice.SaveAsync("small.txt", "y")).EnsureStatus(200);
        await foreach (HubEvent happened in told.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            HubEvent.HomeUsage usage = Assert.IsType<HubEvent.HomeUsage>(happened);
            Assert.Equal(("alice", Quota), (usage.UserName, usage.LimitBytes));
            break;
        }
        JsonNode home = (await Alice.SendAsync(HttpMethod.Get, "", api: "api/status")).EnsureStatus(200).Json["home"]!;
        Assert.Equal(("nearly", Quota), (home["level"]!.GetValue<string>(), home["limit_bytes"]!.GetValue<int>()));
        Assert.InRange(home["used_bytes"]!.GetValue<long>(), 1_000_000, Quota);
        (await Alice.SaveAsync("more.txt", new string('m', 100_000))).EnsureStatus(507);
    }

    [Fact]
    public async Task Without_a_quota_the_status_says_nothing_of_it()
    {
        await using ContentsFixture plain = await ContentsFixture.StartAsync();
        Assert.Null((await plain.Alice.SendAsync(HttpMethod.Get, "", api: "api/status")).EnsureStatus(200).Json["home"]);
    }

    [Fact]
    public async Task A_quota_too_small_for_anything_stops_the_hub_with_its_key()
    {
        Exception refused = await Assert.ThrowsAnyAsync<Exception>(() => HubFixture.StartAsync(["Homes:QuotaBytes=1000"]));
        Assert.Contains("Homes:QuotaBytes is 1000", refused.ToString(), StringComparison.Ordinal);
    }

    private static object Notebook => new { nbformat = 4, nbformat_minor = 5, metadata = new { }, cells = Array.Empty<object>() };

    private async Task FillAsync()
    {
        (await Alice.PutAsync("note.ipynb", new { type = "notebook", content = Notebook })).EnsureStatus(201);
        HomeQuotas quotas = _fixture!.Hub.Services.GetRequiredService<HomeQuotas>();
        await File.WriteAllBytesAsync(Alice.OnDisk("full.bin"), new byte[Quota], TestContext.Current.CancellationToken);
        await Alice.OwnAsync();
        (await Alice.PutAsync("note.ipynb", new { type = "notebook", content = Notebook })).EnsureStatus(200);
        await Eventually.Holds(() => quotas.Find("alice") is { Percent: >= 100 });
    }
}
