using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Hub.Classes;
using Hub.Events;
using Microsoft.Extensions.DependencyInjection;
using Testing;
using Xunit;

namespace Hub.Tests.Classes;

/// <summary>Raised hands and messages of a class that meets.</summary>
public sealed class FloorTests(HubFixture hub) : IClassFixture<HubFixture>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_student_raises_a_hand_and_the_teacher_lowers_it()
    {
        Floor floor = await Floor.BeginAsync(hub);
        IRaisedHands hands = hub.Services.GetRequiredService<IRaisedHands>();
        Assert.Null(hands.RaisedAt(floor.Id, floor.Student));
        using HttpResponseMessage raised = await floor.Guest.PutAsync($"{floor.Path}/hand", null, Cancelled);
        Assert.Equal(HttpStatusCode.OK, raised.StatusCode);
        DateTimeOffset? at = hands.RaisedAt(floor.Id, floor.Student);
        Assert.NotNull(at);
        Assert.NotNull((await floor.MineAsync())["hand_raised_at"]);
        // Once more changes nothing: who waits longest stays first.
        await floor.Guest.PutAsync($"{floor.Path}/hand", null, Cancelled);
        Assert.Equal(at, hands.RaisedAt(floor.Id, floor.Student));

        Assert.Equal(HttpStatusCode.NotFound, (await floor.Guest.DeleteAsync($"{floor.Path}/hands/{floor.Student}", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await floor.Teacher.DeleteAsync($"{floor.Path}/hands/nobody", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await floor.Teacher.DeleteAsync($"{floor.Path}/hands/{floor.Student}", Cancelled)).StatusCode);
        Assert.Null(hands.RaisedAt(floor.Id, floor.Student));
        Assert.Null((await floor.MineAsync())["hand_raised_at"]);

        await floor.Guest.PutAsync($"{floor.Path}/hand", null, Cancelled);
        Assert.Equal(HttpStatusCode.NoContent, (await floor.Guest.DeleteAsync($"{floor.Path}/hand", Cancelled)).StatusCode);
        Assert.Null(hands.RaisedAt(floor.Id, floor.Student));
    }

    [Fact]
    public async Task Nobody_raises_a_hand_in_a_class_that_is_not_theirs_or_that_does_not_meet()
    {
        Floor floor = await Floor.BeginAsync(hub);
        Floor other = await Floor.BeginAsync(hub);
        foreach (string what in new[] { "hand", "messages" })
            Assert.Equal(HttpStatusCode.NotFound, (await floor.Guest.SendAsync(new HttpRequestMessage(what == "hand" ? HttpMethod.Put : HttpMethod.Get, $"{other.Path}/{what}"), Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await floor.Teacher.PutAsync($"{floor.Path}/hand", null, Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await hub.Client().PutAsync($"{floor.Path}/hand", null, Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await hub.Client().PutAsync("hub/api/classes/999999/hand", null, Cancelled)).StatusCode);

        await floor.Teacher.PatchAsJsonAsync(floor.Path, new { closes = "2020-01-01T00:00:00Z" }, Cancelled);
        Assert.Equal(HttpStatusCode.Conflict, (await floor.Guest.PutAsync($"{floor.Path}/hand", null, Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await floor.Teacher.PostAsJsonAsync($"{floor.Path}/messages", new { text = "too late" }, Cancelled)).StatusCode);
        Assert.Null((await floor.MineAsync())["class"]);
    }

    [Fact]
    public async Task A_hand_outlives_a_restart_and_goes_with_leaving_and_with_the_end()
    {
        string data = Directory.CreateTempSubdirectory("hub-floor-").FullName;
        try
        {
            HubFixture first = await HubFixture.StartAsync(data: data);
            Floor floor = await Floor.BeginAsync(first);
            (string second, HttpClient browser) = await Floor.JoinAsync(first, floor.Code);
            foreach (HttpClient student in new[] { floor.Guest, browser })
                Assert.Equal(HttpStatusCode.OK, (await student.PutAsync($"{floor.Path}/hand", null, Cancelled)).StatusCode);
            await first.DisposeAsync();

            await using HubFixture again = await HubFixture.StartAsync(data: data);
            IRaisedHands hands = again.Services.GetRequiredService<IRaisedHands>();
            Assert.NotNull(hands.RaisedAt(floor.Id, floor.Student));
            await again.Client().DeleteAsync($"{floor.Path}/members/{floor.Student}", Cancelled);
            Assert.Null(hands.RaisedAt(floor.Id, floor.Student));
            Assert.NotNull(hands.RaisedAt(floor.Id, second));
            using HttpResponseMessage ended = await again.Client().PostAsync($"{floor.Path}/end", null, Cancelled);
            Assert.Equal(HttpStatusCode.OK, ended.StatusCode);
            Assert.Null(hands.RaisedAt(floor.Id, second));
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task A_roster_that_makes_a_student_a_teacher_lowers_their_hand_and_ends_visits_to_them()
    {
        Floor floor = await Floor.BeginAsync(hub);
        using HttpClient admin = hub.Client();
        await hub.CreateUserAsync("rosa", ClassHelp.Password);
        (await admin.PutAsJsonAsync($"{floor.Path}/members/rosa", new { role = "student" }, Cancelled)).EnsureSuccessStatusCode();
        using HttpClient rosa = await hub.SignInAsync("rosa", ClassHelp.Password);
        (await rosa.PutAsync($"{floor.Path}/hand", null, Cancelled)).EnsureSuccessStatusCode();
        await (floor with { Student = "rosa" }).VisitAsync("helper");
        IRaisedHands hands = hub.Services.GetRequiredService<IRaisedHands>();
        Assert.NotNull(hands.RaisedAt(floor.Id, "rosa"));
        using HttpResponseMessage imported = await admin.PostAsync($"{floor.Path}/roster", ClassHelp.Csv("name,role\nrosa,teacher\n"), Cancelled);
        Assert.Equal(HttpStatusCode.Created, imported.StatusCode);
        Assert.Null(hands.RaisedAt(floor.Id, "rosa"));
        Assert.Empty((await floor.Teacher.GetFromJsonAsync<JsonArray>($"{floor.Path}/visits", Cancelled))!);
    }

    [Fact]
    public async Task A_message_reaches_open_pages_at_once_and_later_ones_when_they_ask()
    {
        Floor floor = await Floor.BeginAsync(hub);
        using ClientWebSocket page = await ListenAsync(floor);
        using HttpResponseMessage said = await floor.Teacher.PostAsJsonAsync($"{floor.Path}/messages", new { text = " Ten <b>minutes</b>\r\nleft " }, Cancelled);
        Assert.Equal(HttpStatusCode.Created, said.StatusCode);
        JsonObject message = (await said.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!;
        // As it was written, but for line ends: what shows it must not take it for markup.
        Assert.Equal("Ten <b>minutes</b>\nleft", message["text"]!.GetValue<string>());
        JsonNode nudge = await HearAsync(page, "message");
        Assert.Equal(floor.Id, nudge["class_id"]!.GetValue<long>());
        Assert.DoesNotContain("minutes", nudge.ToJsonString(), StringComparison.Ordinal);

        (_, HttpClient late) = await Floor.JoinAsync(hub, floor.Code);
        foreach (HttpClient student in new[] { floor.Guest, late })
        {
            JsonArray waiting = (await floor.MineAsync(student))["messages"]!.AsArray();
            Assert.Equal(message["id"]!.GetValue<long>(), Assert.Single(waiting)!["id"]!.GetValue<long>());
            Assert.Empty((await floor.MineAsync(student, after: message["id"]!.GetValue<long>()))["messages"]!.AsArray());
        }
        JsonArray listed = (await floor.Teacher.GetFromJsonAsync<JsonArray>($"{floor.Path}/messages?after=0", Cancelled))!;
        Assert.Equal(floor.TeacherName, Assert.Single(listed)!["by"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("""{}""", "text is missing")]
    [InlineData("""{"text": "  "}""", "text is missing")]
    [InlineData("""{"text": 5}""", "text must be a string")]
    [InlineData("""{"text": "a\u0000b"}""", "control characters")]
    [InlineData("""{"text": "a\u001b[31mb"}""", "control characters")]
    [InlineData("""{"text": "a", "html": true}""", "html")]
    public async Task What_is_no_message_is_refused_by_name(string body, string why)
    {
        Floor floor = await Floor.BeginAsync(hub);
        using HttpResponseMessage refused = await floor.Teacher.PostAsync($"{floor.Path}/messages", new StringContent(body, Encoding.UTF8, "application/json"), Cancelled);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains(why, await refused.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_have_a_length_and_an_author_who_teaches()
    {
        Floor floor = await Floor.BeginAsync(hub);
        Floor other = await Floor.BeginAsync(hub);
        using HttpResponseMessage refused = await floor.Teacher.PostAsJsonAsync($"{floor.Path}/messages", new { text = new string('x', 2001) }, Cancelled);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("Classes:MaxMessageLength", await refused.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        foreach (HttpClient stranger in new[] { floor.Guest, other.Teacher, other.Guest })
            Assert.Equal(HttpStatusCode.NotFound, (await stranger.PostAsJsonAsync($"{floor.Path}/messages", new { text = "hello" }, Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await floor.Guest.GetAsync($"{floor.Path}/messages?after=-1", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await hub.Client(null).GetAsync($"{floor.Path}/messages", Cancelled)).StatusCode);
    }

    /// <summary>The events socket of the student's page.</summary>
    private async Task<ClientWebSocket> ListenAsync(Floor floor)
    {
        ClientWebSocket page = new();
        page.Options.SetRequestHeader("Authorization", $"token {HubFixture.AdminToken}");
        await page.ConnectAsync(new UriBuilder(new Uri(hub.Address, $"user/{floor.Student}/api/events/subscribe")) { Scheme = "ws" }.Uri, Cancelled);
        // The handshake is answered a moment before the page is subscribed: publish until the first news arrives.
        Task<JsonNode> first = HearAsync(page, "hand");
        await Eventually.Holds(() =>
        {
            hub.Services.GetRequiredService<EventStream>().Publish(new HubEvent.HandMoved(DateTimeOffset.UnixEpoch, floor.Student, floor.Id, true));
            return Task.FromResult(first.IsCompleted);
        });
        return page;
    }

    private static async Task<JsonNode> HearAsync(ClientWebSocket page, string what)
    {
        byte[] buffer = new byte[4096];
        while (true)
        {
            WebSocketReceiveResult read = await Eventually.Comes(page.ReceiveAsync(buffer, CancellationToken.None), "an event");
            JsonNode news = JsonNode.Parse(buffer.AsSpan(0, read.Count))!;
            if (news["what"]?.GetValue<string>() == what)
                return news;
        }
    }
}
