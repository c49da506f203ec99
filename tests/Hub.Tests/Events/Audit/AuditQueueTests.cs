using System.Net;
using System.Net.Http.Json;
using Hub.Events;
using Hub.Events.Audit;
using Microsoft.Extensions.DependencyInjection;
using Testing;
using Xunit;

namespace Hub.Tests.Events.Audit;

/// <summary>A full queue makes whoever fills it wait, and loses nothing.</summary>
public sealed class AuditQueueTests
{
    [Fact]
    public async Task Thousands_of_users_made_at_once_are_all_in_the_audit_though_one_event_may_wait()
    {
        await using HubFixture hub = await HubFixture.StartAsync(["Audit:QueueLength=1", "Accounts:MaxUsersPerRequest=5000", "Storage:BusyTimeoutSeconds=60"]);
        using HttpClient admin = hub.Client();
        Task[] asked = [.. Enumerable.Range(0, 4).Select(async part =>
        {
            using HttpResponseMessage made = await admin.PostAsJsonAsync("hub/api/users", new { usernames = Enumerable.Range(0, 1000).Select(i => $"user-{part}-{i}") });
            Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        })];
        await Task.WhenAll(asked);
        AuditStore store = hub.Services.GetRequiredService<AuditStore>();
        HashSet<string> told = [];
        await Eventually.Holds(async () =>
        {
            for (long after = 0; ;)
            {
                IReadOnlyList<AuditRecord> page = await store.ListAsync(new AuditQuery { Kind = "user-created", After = after, Limit = 1000 }, default);
                told.UnionWith(page.Select(record => record.User));
                if (page.Count == 0)
                    break;
                after = page[^1].Number;
            }
            return told.Count(user => user.StartsWith("user-", StringComparison.Ordinal)) == 4000;
        });
        Assert.Empty(await store.ListAsync(new AuditQuery { Kind = "lost" }, default));
        Assert.Null((await store.VerifyAsync(default)).Problem);
    }

    [Fact]
    public async Task Patience_ends_once_and_not_for_every_event_anew()
    {
        EventStream stream = new();
        using EventReader stuck = stream.Subscribe(_ => true, queueLength: 2, patience: TimeSpan.FromMilliseconds(200));
        stuck.IsAway = true;
        using EventReader hasty = stream.Subscribe(_ => true, queueLength: 2);
        long began = TimeProvider.System.GetTimestamp();
        for (int i = 0; i < 100; i++)
            await stream.PublishAsync(new HubEvent.SignedIn(DateTimeOffset.UnixEpoch, $"user{i}"));
        TimeSpan took = TimeProvider.System.GetElapsedTime(began);
        Assert.InRange(took, TimeSpan.FromMilliseconds(150), TimeSpan.FromSeconds(10));
        Assert.Equal(98, stuck.Missed);
        Assert.Equal(98, hasty.Missed);
        Assert.True(stuck.TryTake(out HubEvent? first));
        Assert.Equal("user98", first.UserName);
    }

    [Fact]
    public async Task A_reader_that_takes_slowly_is_waited_for_by_everybody_in_turn()
    {
        EventStream stream = new();
        using EventReader reader = stream.Subscribe(_ => true, queueLength: 1, patience: TimeSpan.FromMilliseconds(1));
        await stream.PublishAsync(new HubEvent.SignedIn(DateTimeOffset.UnixEpoch, "first"));
        Task[] waiting = [.. Enumerable.Range(0, 20).Select(i => stream.PublishAsync(new HubEvent.SignedIn(DateTimeOffset.UnixEpoch, $"user{i}")).AsTask())];
        List<string> taken = [];
        while (taken.Count < 21)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System); // much longer than anybody's patience
            if (reader.TryTake(out HubEvent? happened))
                taken.Add(happened.UserName);
        }
        await Task.WhenAll(waiting);
        Assert.Equal(["first", .. Enumerable.Range(0, 20).Select(i => $"user{i}")], taken);
        Assert.Equal(0, reader.Missed);
    }

    [Fact]
    public async Task Who_waits_goes_on_as_soon_as_there_is_room_or_the_reader_has_left()
    {
        EventStream stream = new();
        using EventReader reader = stream.Subscribe(_ => true, queueLength: 1, patience: Eventually.Timeout);
        await stream.PublishAsync(new HubEvent.SignedIn(DateTimeOffset.UnixEpoch, "first"));
        Task second = stream.PublishAsync(new HubEvent.SignedIn(DateTimeOffset.UnixEpoch, "second")).AsTask();
        Assert.False(second.IsCompleted);
        Assert.True(reader.TryTake(out _));
        await second;
        Task third = stream.PublishAsync(new HubEvent.SignedIn(DateTimeOffset.UnixEpoch, "third")).AsTask();
        reader.Dispose();
        await third;
        Assert.Equal(0, reader.Missed);
    }
}
