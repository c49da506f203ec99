using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Hub.Tests.Kernels;
using Testing;
using Wire.Jupyter;
using Xunit;

namespace Hub.Tests.Classes;

/// <summary>A teacher beside a student: what opens the door, what it lets through, and that it shuts.</summary>
public sealed class VisitTests
{
    private static readonly string[] s_quick = ["Classes:VisitGraceSeconds=1", "Classes:VisitOpenSeconds=600"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_visit_opens_one_students_door_and_no_other()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        Floor floor = await Floor.BeginAsync(hub);
        (string neighbour, HttpClient browser) = await Floor.JoinAsync(hub, floor.Code);
        Assert.Equal(HttpStatusCode.NotFound, (await floor.Teacher.GetAsync($"user/{floor.Student}/api/contents", Cancelled)).StatusCode);
        JsonObject visit = await floor.VisitAsync("viewer");
        string url = visit["url"]!.GetValue<string>();
        Assert.Equal($"/user/{floor.Student}/lab/tree/Physics?visit={visit["id"]}", url);
        Assert.Contains((await Floor.OpenAsync(floor.Teacher, url)).StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable });
        Assert.Equal(HttpStatusCode.OK, (await floor.Teacher.GetAsync($"user/{floor.Student}/api/contents", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await floor.Teacher.GetAsync($"user/{neighbour}/api/contents", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync($"user/{floor.Student}/api/contents", Cancelled)).StatusCode);
        JsonNode listed = Assert.Single((await floor.Teacher.GetFromJsonAsync<JsonArray>($"{floor.Path}/visits", Cancelled))!)!;
        Assert.Equal((floor.Student, floor.TeacherName, "viewer"), (listed["user"]!.GetValue<string>(), listed["by"]!.GetValue<string>(), listed["role"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_visit_leads_into_the_default_server_alone()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        Floor floor = await Floor.BeginAsync(hub);
        using HttpClient admin = hub.Client();
        Assert.Equal(HttpStatusCode.Created, (await admin.PostAsync($"hub/api/users/{floor.Student}/servers/second", null, Cancelled)).StatusCode);
        await floor.VisitAsync("helper");
        Assert.Equal(HttpStatusCode.OK, (await floor.Teacher.GetAsync($"user/{floor.Student}/api/kernels", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await floor.Teacher.GetAsync($"user/{floor.Student}/second/api/kernels", Cancelled)).StatusCode);
        // Whoever may enter anyway is no viewer there.
        (await admin.PostAsJsonAsync($"{floor.Path}/visits", new { user = floor.Student, role = "viewer" }, Cancelled)).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.Forbidden, (await admin.PutAsJsonAsync($"user/{floor.Student}/api/contents/a.txt", new { type = "file", format = "text", content = "x" }, Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await admin.PutAsJsonAsync($"user/{floor.Student}/second/api/contents/a.txt", new { type = "file", format = "text", content = "x" }, Cancelled)).StatusCode);
    }

    [Fact]
    public async Task A_teachers_word_alone_opens_nobodys_door()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        Floor floor = await Floor.BeginAsync(hub);
        await hub.CreateUserAsync("bert", ClassHelp.Password);
        (await floor.Teacher.PutAsJsonAsync($"{floor.Path}/members/bert", new { role = "student" }, Cancelled)).EnsureSuccessStatusCode();
        using HttpResponseMessage refused = await floor.Teacher.PostAsJsonAsync($"{floor.Path}/visits", new { user = "bert", role = "helper" }, Cancelled);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("has not joined the class yet", await refused.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await floor.Teacher.GetAsync("user/bert/api/contents", Cancelled)).StatusCode);
        // Nor do the rights a teacher has all the time.
        Assert.Equal(HttpStatusCode.NotFound, (await floor.Teacher.GetAsync($"user/{floor.Student}/api/contents", Cancelled)).StatusCode);
    }

    [Fact]
    public async Task A_viewer_is_refused_each_change_with_the_reason()
    {
        await using KernelHub kernels = await KernelHub.StartAsync();
        HubFixture hub = kernels.Hub;
        Floor floor = await Floor.BeginAsync(hub);
        string server = $"user/{floor.Student}";
        await floor.Guest.PutAsJsonAsync($"{server}/api/contents/a.txt", new { type = "file", format = "text", content = "theirs" }, Cancelled);
        JsonObject session = (await (await floor.Guest.PostAsJsonAsync($"{server}/api/sessions", new { path = "a.ipynb", name = "", type = "notebook", kernel = new { name = (string?)null } }, Cancelled)).Content.ReadFromJsonAsync<JsonObject>(Cancelled))!;
        string kernel = session["kernel"]!["id"]!.GetValue<string>();
        await floor.VisitAsync("viewer");
        foreach ((string method, string path, string body) in new[]
        {
            ("PUT", "api/contents/a.txt", """{"type":"file","format":"text","content":"changed"}"""),
            ("PUT", "api/contents/b.txt", """{"type":"file","format":"text","content":"new"}"""),
            ("POST", "api/contents/", "{}"),
            ("PATCH", "api/contents/a.txt", """{"path":"c.txt"}"""),
            ("DELETE", "api/contents/a.txt", ""),
            ("POST", "api/contents/a.txt/checkpoints", ""),
            ("POST", "api/sessions", """{"path":"x.ipynb","name":"","type":"notebook","kernel":{}}"""),
            ("PATCH", $"api/sessions/{session["id"]}", """{"path":"y.ipynb"}"""),
            ("DELETE", $"api/sessions/{session["id"]}", ""),
            ("POST", "api/kernels", "{}"),
            ("POST", $"api/kernels/{kernel}/interrupt", ""),
            ("POST", $"api/kernels/{kernel}/restart", ""),
            ("DELETE", $"api/kernels/{kernel}", ""),
            ("PUT", "lab/api/settings/@jupyterlab/apputils-extension:themes", """{"raw":"{}"}"""),
            ("PUT", "lab/api/workspaces/default", """{"data":{},"metadata":{"id":"default"}}"""),
            ("DELETE", "lab/api/workspaces/default", ""),
            ("PUT", "api/config/notebook", "{}"),
            ("PATCH", "api/config/notebook", "{}"),
            ("POST", "api/shutdown", ""),
        })
        {
            using HttpRequestMessage request = new(new HttpMethod(method), $"{server}/{path}") { Content = body.Length > 0 ? new StringContent(body, Encoding.UTF8, "application/json") : null };
            using HttpResponseMessage refused = await floor.Teacher.SendAsync(request, Cancelled);
            string why = await refused.Content.ReadAsStringAsync(Cancelled);
            Assert.True(refused.StatusCode == HttpStatusCode.Forbidden && why.Contains("viewer", StringComparison.Ordinal), $"{method} {path}: {refused.StatusCode} {why}");
        }
        JsonObject seen = (await floor.Teacher.GetFromJsonAsync<JsonObject>($"{server}/api/contents/a.txt", Cancelled))!;
        Assert.Equal(("theirs", false), (seen["content"]!.GetValue<string>(), seen["writable"]!.GetValue<bool>()));
        // Their own side of the door is as it was.
        Assert.True((await floor.Guest.GetFromJsonAsync<JsonObject>($"{server}/api/contents/a.txt", Cancelled))!["writable"]!.GetValue<bool>());
        Assert.Equal(HttpStatusCode.OK, (await floor.Guest.GetAsync($"{server}/api/kernels/{kernel}", Cancelled)).StatusCode);
    }

    [Fact]
    public async Task A_viewer_hears_the_kernel_and_asks_it_nothing_that_changes_it()
    {
        await using KernelHub kernels = await KernelHub.StartAsync();
        Floor floor = await Floor.BeginAsync(kernels.Hub);
        string kernel = await StartKernelAsync(floor);
        await floor.VisitAsync("viewer");
        await using BrowserTab tab = await OpenTabAsync(floor, kernel);
        foreach ((KernelChannel channel, string type, object content) in new (KernelChannel, string, object)[]
        {
            (KernelChannel.Shell, MessageTypes.ExecuteRequest, new { code = "1", silent = false }),
            (KernelChannel.Shell, MessageTypes.CompleteRequest, new { code = "a", cursor_pos = 1 }),
            (KernelChannel.Shell, MessageTypes.HistoryRequest, new { hist_access_type = "tail", n = 1 }),
            (KernelChannel.Control, MessageTypes.ShutdownRequest, new { restart = false }),
            (KernelChannel.Control, MessageTypes.InterruptRequest, new { }),
            (KernelChannel.Control, MessageTypes.DebugRequest, new { type = "request", command = "attach" }),
            (KernelChannel.Control, MessageTypes.KernelInfoRequest, new { }),
        })
        {
            string id = await tab.SendAsync(channel, type, content);
            await tab.DoneAsync(id);
            string reply = Encoding.UTF8.GetString(tab.Of(id).First(message => message.Channel == channel).Content.Span);
            Assert.Contains("ViewersOnlyLook", reply, StringComparison.Ordinal);
            Assert.Contains("viewer", reply, StringComparison.Ordinal);
        }
        foreach (string type in new[] { MessageTypes.CommOpen, MessageTypes.CommMessage, MessageTypes.CommClose })
        {
            string id = await tab.SendAsync(KernelChannel.Shell, type, new { comm_id = "c1", target_name = "t", data = new { } });
            // No reply is expected of these: the idle ends them.
            await tab.NextAsync(message => message.ParentMessageId == id && message.MessageType == MessageTypes.Status);
        }
        foreach (string type in new[] { MessageTypes.KernelInfoRequest, MessageTypes.CommInfoRequest, MessageTypes.IsCompleteRequest, MessageTypes.InspectRequest })
        {
            string id = await tab.SendAsync(KernelChannel.Shell, type, new { code = "a", cursor_pos = 1, detail_level = 0 });
            KernelMessage reply = await tab.NextAsync(message => message.ParentMessageId == id && message.Channel == KernelChannel.Shell);
            Assert.DoesNotContain("ViewersOnlyLook", Encoding.UTF8.GetString(reply.Content.Span), StringComparison.Ordinal);
        }
        // What the student runs is heard.
        await using BrowserTab student = await OpenTabAsync(floor, kernel, asStudent: true);
        string run = await student.RunAsync("print 1");
        await tab.NextAsync(message => message.ParentMessageId == run && message.MessageType == MessageTypes.ExecuteInput);
    }

    [Fact]
    public async Task A_helper_edits_and_runs_in_their_own_name()
    {
        await using KernelHub kernels = await KernelHub.StartAsync();
        Floor floor = await Floor.BeginAsync(kernels.Hub);
        string kernel = await StartKernelAsync(floor);
        await floor.VisitAsync("helper");
        Assert.Equal(HttpStatusCode.Created, (await floor.Teacher.PutAsJsonAsync($"user/{floor.Student}/api/contents/help.txt", new { type = "file", format = "text", content = "so" }, Cancelled)).StatusCode);
        await using BrowserTab tab = await OpenTabAsync(floor, kernel);
        await tab.RunToEndAsync("print 1");
        JsonObject executions = (await floor.Guest.GetFromJsonAsync<JsonObject>($"user/{floor.Student}/api/kernels/{kernel}/executions", Cancelled))!;
        Assert.Equal(floor.TeacherName, executions["executions"]![0]!["user"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_student_sees_who_is_there_as_long_as_they_are_and_then_the_door_is_shut()
    {
        await using HubFixture hub = await HubFixture.StartAsync(s_quick);
        Floor floor = await Floor.BeginAsync(hub);
        await floor.VisitAsync("helper");
        Assert.Empty((await floor.MineAsync())["visits"]!.AsArray());
        using (System.Net.WebSockets.ClientWebSocket page = new())
        {
            page.Options.Cookies = floor.TeacherCookies;
            page.Options.SetRequestHeader("Origin", hub.Address.GetLeftPart(UriPartial.Authority));
            await page.ConnectAsync(new UriBuilder(new Uri(hub.Address, $"user/{floor.Student}/api/events/subscribe")) { Scheme = "ws" }.Uri, Cancelled);
            JsonNode seen = Assert.Single((await floor.MineAsync())["visits"]!.AsArray())!;
            Assert.Equal((floor.TeacherName, "helper"), (seen["by"]!.GetValue<string>(), seen["role"]!.GetValue<string>()));
        }
        await Eventually.Holds(async () => (await floor.MineAsync())["visits"]!.AsArray().Count == 0);
        Assert.Equal(HttpStatusCode.NotFound, (await floor.Teacher.GetAsync($"user/{floor.Student}/api/contents", Cancelled)).StatusCode);
    }

    [Theory]
    [InlineData("end")]
    [InlineData("remove student")]
    [InlineData("remove teacher")]
    [InlineData("close")]
    [InlineData("leave")]
    [InlineData("replace")]
    public async Task What_ends_a_visit_cuts_what_is_open(string how)
    {
        await using KernelHub kernels = await KernelHub.StartAsync();
        Floor floor = await Floor.BeginAsync(kernels.Hub);
        string kernel = await StartKernelAsync(floor);
        JsonObject visit = await floor.VisitAsync("helper");
        await using BrowserTab tab = await OpenTabAsync(floor, kernel);
        HttpClient admin = kernels.Hub.Client();
        using HttpResponseMessage done = how switch
        {
            "end" => await floor.Teacher.PostAsync($"{floor.Path}/end", null, Cancelled),
            "remove student" => await floor.Teacher.DeleteAsync($"{floor.Path}/members/{floor.Student}", Cancelled),
            "remove teacher" => await admin.DeleteAsync($"{floor.Path}/members/{floor.TeacherName}", Cancelled),
            "close" => await floor.Teacher.PatchAsJsonAsync(floor.Path, new { closes = "2020-01-01T00:00:00Z" }, Cancelled),
            "leave" => await floor.Teacher.DeleteAsync($"{floor.Path}/visits/{visit["id"]}", Cancelled),
            _ => await floor.Teacher.PostAsJsonAsync($"{floor.Path}/visits", new { user = floor.Student }, Cancelled),
        };
        Assert.True(done.IsSuccessStatusCode, await done.Content.ReadAsStringAsync(Cancelled));
        await tab.Closed;
        using HttpResponseMessage after = await floor.Teacher.PutAsJsonAsync($"user/{floor.Student}/api/contents/x.txt", new { type = "file", format = "text", content = "" }, Cancelled);
        // The visit that replaced it is a viewer's, which is what nobody asks for by accident.
        Assert.Equal(how == "replace" ? HttpStatusCode.Forbidden : HttpStatusCode.NotFound, after.StatusCode);
    }

    [Fact]
    public async Task A_viewers_page_that_is_left_over_does_not_become_one_that_writes()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        Floor floor = await Floor.BeginAsync(hub);
        await hub.CreateUserAsync("root", ClassHelp.Password, admin: true);
        using HttpClient root = await hub.SignInAsync("root", ClassHelp.Password);
        string file = $"user/{floor.Student}/api/contents/x.txt";
        JsonObject visit = await floor.VisitAsync("viewer", root);
        Assert.Equal(HttpStatusCode.Forbidden, (await root.PutAsJsonAsync(file, new { type = "file", format = "text", content = "" }, Cancelled)).StatusCode);
        await root.DeleteAsync($"{floor.Path}/visits/{visit["id"]}", Cancelled);
        using HttpResponseMessage over = await root.PutAsJsonAsync(file, new { type = "file", format = "text", content = "" }, Cancelled);
        Assert.Equal(HttpStatusCode.Forbidden, over.StatusCode);
        Assert.Contains("visit is over", await over.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await Floor.OpenAsync(root, visit["url"]!.GetValue<string>())).StatusCode);
        // By rights of their own they open a page anew, and that one is what it seems.
        await Floor.OpenAsync(root, $"user/{floor.Student}/lab");
        Assert.Equal(HttpStatusCode.Created, (await root.PutAsJsonAsync(file, new { type = "file", format = "text", content = "" }, Cancelled)).StatusCode);
    }

    [Fact]
    public async Task Nobody_else_steps_in_and_nobody_steps_in_elsewhere()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        Floor floor = await Floor.BeginAsync(hub);
        Floor other = await Floor.BeginAsync(hub);
        foreach (HttpClient stranger in new[] { floor.Guest, other.Teacher, other.Guest })
            Assert.Equal(HttpStatusCode.NotFound, await TryAsync(stranger, floor, new { user = floor.Student }));
        Assert.Equal(HttpStatusCode.NotFound, await TryAsync(floor.Teacher, floor, new { user = other.Student }));
        Assert.Equal(HttpStatusCode.NotFound, await TryAsync(floor.Teacher, floor, new { user = floor.TeacherName }));
        Assert.Equal(HttpStatusCode.NotFound, await TryAsync(floor.Teacher, floor, new { user = "admin" }));
        Assert.Equal(HttpStatusCode.BadRequest, await TryAsync(floor.Teacher, floor, new { user = floor.Student, role = "owner" }));
        Assert.Equal(HttpStatusCode.BadRequest, await TryAsync(floor.Teacher, floor, new { user = floor.Student, path = "../../etc" }));
        Assert.Equal(HttpStatusCode.BadRequest, await TryAsync(floor.Teacher, floor, new { role = "viewer" }));
        JsonObject theirs = await other.VisitAsync("viewer");
        Assert.Equal(HttpStatusCode.NotFound, (await floor.Teacher.DeleteAsync($"{floor.Path}/visits/{theirs["id"]}", Cancelled)).StatusCode);
        await floor.Teacher.PostAsync($"{floor.Path}/end", null, Cancelled);
        Assert.Equal(HttpStatusCode.Conflict, await TryAsync(floor.Teacher, floor, new { user = floor.Student }));
    }

    [Fact]
    public async Task A_visit_whose_page_nobody_opens_ends_and_the_audit_knows_of_each()
    {
        await using HubFixture hub = await HubFixture.StartAsync(["Classes:VisitOpenSeconds=1"]);
        Floor floor = await Floor.BeginAsync(hub);
        await floor.VisitAsync("viewer");
        await Eventually.Holds(async () => (await floor.Teacher.GetFromJsonAsync<JsonArray>($"{floor.Path}/visits", Cancelled))!.Count == 0);
        Assert.Equal(HttpStatusCode.NotFound, (await floor.Teacher.GetAsync($"user/{floor.Student}/api/contents", Cancelled)).StatusCode);
        await Eventually.Holds(async () =>
        {
            string audit = await hub.Client().GetStringAsync("hub/api/audit?kind=visit", Cancelled);
            return audit.Contains("opened", StringComparison.Ordinal) && audit.Contains("left", StringComparison.Ordinal) && audit.Contains(floor.TeacherName, StringComparison.Ordinal);
        });
    }

    private static async Task<HttpStatusCode> TryAsync(HttpClient who, Floor floor, object wish) => (await who.PostAsJsonAsync($"{floor.Path}/visits", wish, Cancelled)).StatusCode;

    private static async Task<string> StartKernelAsync(Floor floor)
    {
        using HttpResponseMessage started = await floor.Guest.PostAsJsonAsync($"user/{floor.Student}/api/kernels", new { }, Cancelled);
        Assert.Equal(HttpStatusCode.Created, started.StatusCode);
        return (await started.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!["id"]!.GetValue<string>();
    }

    private static Task<BrowserTab> OpenTabAsync(Floor floor, string kernel, bool asStudent = false) =>
        BrowserTab.OpenAsync(
            new Uri(floor.Hub.Address, $"user/{floor.Student}/api/kernels/{kernel}/channels"), asStudent ? HubFixture.AdminToken : null,
            set: asStudent ? null : options =>
            {
                options.Cookies = floor.TeacherCookies;
                options.SetRequestHeader("Origin", floor.Hub.Address.GetLeftPart(UriPartial.Authority));
            });
}
