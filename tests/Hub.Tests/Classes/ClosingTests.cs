using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Hub.Classes;
using Hub.Classes.Floor;
using Hub.Events;
using Hub.Http;
using Hub.Lab;
using Microsoft.Extensions.DependencyInjection;
using Testing;
using Xunit;
using static Xunit.TestContext;

namespace Hub.Tests.Classes;

/// <summary>The time of a class passes by itself.</summary>
public sealed class ClosingTests
{
    private static CancellationToken Cancelled => Current.CancellationToken;

    [Fact]
    public async Task When_its_time_is_over_hands_go_down_visits_end_and_pages_are_told_once()
    {
        ManualTime time = new();
        await using HubFixture hub = await HubFixture.StartAsync(["Classes:VisitMinutes=600", "Classes:VisitOpenSeconds=600"], services => services.AddSingleton<TimeProvider>(time));
        using EventReader told = hub.Services.GetRequiredService<EventStream>().Subscribe(happened => happened is HubEvent.ClassClosed);
        Floor floor = await Floor.BeginAsync(hub, new { closes = At(time, hours: 2) });
        Floor other = await Floor.BeginAsync(hub, new { closes = At(time, hours: 9) });
        time.Advance(TimeSpan.FromMinutes(56));
        await floor.VisitAsync("helper");
        await other.VisitAsync("helper");
        // It is moved to an earlier time while somebody is inside.
        Assert.Equal(HttpStatusCode.OK, (await floor.Teacher.PatchAsJsonAsync(floor.Path, new { closes = "2026-01-01T01:00:00Z" }, Cancelled)).StatusCode);
        foreach (Floor one in new[] { floor, other })
            Assert.Equal(HttpStatusCode.OK, (await one.Guest.PutAsync($"{one.Path}/hand", null, Cancelled)).StatusCode);
        IRaisedHands hands = hub.Services.GetRequiredService<IRaisedHands>();
        Assert.NotNull(hands.RaisedAt(floor.Id, floor.Student));

        time.Advance(TimeSpan.FromMinutes(3));
        Assert.NotNull(hands.RaisedAt(floor.Id, floor.Student));
        time.Advance(TimeSpan.FromMinutes(1));
        // The clock may have been about to wait: by what it had reckoned before the time moved.
        await Eventually.Holds(() => { time.Advance(TimeSpan.FromSeconds(1)); return hands.RaisedAt(floor.Id, floor.Student) is null; });
        await told.WaitAsync(Cancelled);
        Assert.True(told.TryTake(out HubEvent? happened));
        HubEvent.ClassClosed closed = Assert.IsType<HubEvent.ClassClosed>(happened);
        Assert.Equal((floor.Id, ""), (closed.ClassId, closed.By));
        Assert.InRange(closed.At, new DateTimeOffset(2026, 1, 1, 1, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 1, 1, 1, 2, 0, TimeSpan.Zero));
        Assert.True(KernelNewsCodec.IsNewsFor(closed, ServerKey.Default(floor.Student)));
        Assert.False(KernelNewsCodec.IsNewsFor(closed, ServerKey.Default(other.Student)));
        Assert.Contains("closed", System.Text.Encoding.UTF8.GetString(KernelNewsCodec.Encode(closed)!), StringComparison.Ordinal);
        Assert.Empty((await floor.Teacher.GetFromJsonAsync<JsonArray>($"{floor.Path}/visits", Cancelled))!);
        Assert.Equal(HttpStatusCode.NotFound, (await floor.Teacher.GetAsync($"user/{floor.Student}/api/contents", Cancelled)).StatusCode);
        Assert.Null((await floor.MineAsync())["class"]);
        // Who is in a class that runs notices nothing.
        Assert.NotNull(hands.RaisedAt(other.Id, other.Student));
        Assert.Single((await other.Teacher.GetFromJsonAsync<JsonArray>($"{other.Path}/visits", Cancelled))!);

        time.Advance(TimeSpan.FromMinutes(5));
        Assert.False(told.TryTake(out _));
        await Eventually.Holds(async () =>
            (await hub.Client().GetStringAsync("hub/api/audit?kind=class-closed", Cancelled)).Contains($"\"class\":{floor.Id}", StringComparison.Ordinal));
        await Eventually.Holds(async () => (await hub.Client().GetStringAsync("hub/api/audit?kind=visit", Cancelled)).Contains("class over", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_class_that_a_teacher_closes_is_told_once_and_may_close_again()
    {
        ManualTime time = new();
        await using HubFixture hub = await HubFixture.StartAsync(replace: services => services.AddSingleton<TimeProvider>(time));
        using EventReader told = hub.Services.GetRequiredService<EventStream>().Subscribe(happened => happened is HubEvent.ClassClosed);
        Floor floor = await Floor.BeginAsync(hub);
        await floor.Teacher.PatchAsJsonAsync(floor.Path, new { name = "Chemistry" }, Cancelled);
        Assert.False(told.TryTake(out _));
        time.Advance(TimeSpan.FromSeconds(30));
        await floor.Teacher.PatchAsJsonAsync(floor.Path, new { closes = At(time, hours: 0) }, Cancelled);
        Assert.True(told.TryTake(out HubEvent? happened));
        Assert.Equal(floor.TeacherName, happened.By);
        // The clock comes to it as well, and says nothing more; nor does a change of what is closed.
        time.Advance(TimeSpan.FromMinutes(3));
        await floor.Teacher.PatchAsJsonAsync(floor.Path, new { name = "Physics" }, Cancelled);
        Assert.False(told.TryTake(out _));

        await floor.Teacher.PatchAsJsonAsync(floor.Path, new { closes = At(time, hours: 1) }, Cancelled);
        await Eventually.Holds(() => { time.Advance(TimeSpan.FromMinutes(4)); return told.TryTake(out happened); });
        Assert.Equal("", happened!.By);
    }

    [Fact]
    public async Task A_class_that_closes_while_the_clock_looks_is_told_once_and_by_whom()
    {
        ManualTime time = new();
        await using HubFixture hub = await HubFixture.StartAsync(replace: services => services.AddSingleton<TimeProvider>(time));
        using EventReader told = hub.Services.GetRequiredService<EventStream>().Subscribe(happened => happened is HubEvent.ClassClosed);
        Floor floor = await Floor.BeginAsync(hub);
        ClassFloor kept = hub.Services.GetRequiredService<ClassFloor>();
        // What a teacher's change does, with the clock's look between its two steps.
        await kept.Moves.WaitAsync(Cancelled);
        time.Advance(TimeSpan.FromSeconds(30));
        await hub.Services.GetRequiredService<ClassesStore>().ChangeAsync(floor.Id, new ClassChange { ChangesCloses = true, Closes = time.GetUtcNow() }, Cancelled);
        time.Advance(TimeSpan.FromMinutes(2));
        await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Cancelled);
        Assert.False(told.TryTake(out _));
        await kept.CloseAsync(floor.Id, ran: true, floor.TeacherName);
        kept.Moves.Release();
        Assert.True(told.TryTake(out HubEvent? happened));
        Assert.Equal(floor.TeacherName, happened.By);
        time.Advance(TimeSpan.FromMinutes(2));
        // The clock has had its turn once this is through.
        await floor.Teacher.PatchAsJsonAsync(floor.Path, new { name = "Physics" }, Cancelled);
        Assert.False(told.TryTake(out _));
    }

    [Fact]
    public async Task Hands_in_a_class_that_closed_while_no_hub_was_there_are_down()
    {
        string data = Directory.CreateTempSubdirectory("hub-test-").FullName;
        try
        {
            ManualTime time = new();
            long id;
            string student;
            await using (HubFixture before = await HubFixture.StartAsync(replace: services => services.AddSingleton<TimeProvider>(time), data: data))
            {
                Floor floor = await Floor.BeginAsync(before, new { closes = At(time, hours: 1) });
                Assert.Equal(HttpStatusCode.OK, (await floor.Guest.PutAsync($"{floor.Path}/hand", null, Cancelled)).StatusCode);
                (id, student) = (floor.Id, floor.Student);
            }
            await using (HubFixture same = await HubFixture.StartAsync(replace: services => services.AddSingleton<TimeProvider>(time), data: data))
                Assert.NotNull(same.Services.GetRequiredService<IRaisedHands>().RaisedAt(id, student));
            time.Advance(TimeSpan.FromHours(2));
            await using HubFixture after = await HubFixture.StartAsync(replace: services => services.AddSingleton<TimeProvider>(time), data: data);
            Assert.Null(after.Services.GetRequiredService<IRaisedHands>().RaisedAt(id, student));
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static string At(ManualTime time, double hours) => time.GetUtcNow().AddHours(hours).ToString("O", CultureInfo.InvariantCulture);
}
