using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Hub.Tests.Classes;

/// <summary>Classes on the API: who may do what, what is refused, rosters.</summary>
public sealed class ClassesApiTests(HubFixture hub) : IClassFixture<HubFixture>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_class_is_made_seen_changed_and_deleted()
    {
        JsonObject one = await hub.CreateClassAsync("grace", new
        {
            name = "Chemistry",
            capacity = 12,
            guests = false,
            limits = new { max_kernels = 2, memory_bytes = 1L << 30, cpus = 0.5 },
            opens = "2026-01-01T08:00:00Z",
            closes = "2099-01-01T08:00:00+01:00",
            materials = new { user = "grace", path = "/lessons/one/" },
        });
        Assert.Equal(2, one["limits"]!["max_kernels"]!.GetValue<int>());
        Assert.Equal(0.5, one["limits"]!["cpus"]!.GetValue<double>());
        Assert.Equal("lessons/one", one["materials"]!["path"]!.GetValue<string>());
        Assert.StartsWith("2099-01-01T07:00:00", one["closes"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.EndsWith("/hub/join/" + one.Code(), one["code"]!["url"]!.GetValue<string>(), StringComparison.Ordinal);

        using HttpClient teacher = await hub.SignInAsync("grace", ClassHelp.Password);
        using HttpResponseMessage changed = await teacher.PatchAsJsonAsync(
            $"hub/api/classes/{one.Id()}", new JsonObject { ["name"] = "Chemistry 2", ["closes"] = null, ["limits"] = null, ["materials"] = null }, Cancelled);
        JsonObject after = (await changed.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!;
        Assert.Equal(("Chemistry 2", "Chemistry", 12), (after["name"]!.GetValue<string>(), after["folder"]!.GetValue<string>(), after["capacity"]!.GetValue<int>()));
        Assert.Null(after["closes"]);
        Assert.Null(after["limits"]!["max_kernels"]);
        Assert.Null(after["materials"]);
        Assert.NotNull(after["opens"]);

        Assert.Equal(HttpStatusCode.NoContent, (await teacher.DeleteAsync($"hub/api/classes/{one.Id()}", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await teacher.GetAsync($"hub/api/classes/{one.Id()}", Cancelled)).StatusCode);
    }

    [Theory]
    [InlineData("""{"name":""}""", "name:")]
    [InlineData("""{}""", "name is missing")]
    [InlineData("""{"name":7}""", "name must be a string")]
    [InlineData("""{"name":"x","capacity":0}""", "Classes:MaxCapacity")]
    [InlineData("""{"name":"x","environment":"cobol"}""", "environment: there is no kernel called 'cobol'")]
    [InlineData("""{"name":"x","limits":{"max_kernels":0}}""", "limits.max_kernels")]
    [InlineData("""{"name":"x","limits":{"cpus":"many"}}""", "limits.cpus")]
    [InlineData("""{"name":"x","limits":{"gpus":1}}""", "Invalid JSON keys: gpus")]
    [InlineData("""{"name":"x","ready_kernels":101}""", "ready_kernels must be between 0 and 100 (Classes:MaxReadyKernels)")]
    [InlineData("""{"name":"x","ready_kernels":3}""", "ready_kernels needs opens")]
    [InlineData("""{"name":"x","ready_kernels":3,"opens":"2099-01-01T08:00:00Z"}""", "cannot be made ahead here: its kernels are no containers")]
    [InlineData("""{"name":"x","opens":"soon"}""", "opens is not a time")]
    [InlineData("""{"name":"x","opens":"2026-02-01T00:00:00Z","closes":"2026-01-01T00:00:00Z"}""", "closes must be later")]
    [InlineData("""{"name":"x","materials":{"path":"/"}}""", "materials.path")]
    [InlineData("""{"name":"x","materials":{"path":"../other"}}""", "path:")]
    [InlineData("""{"name":"x","teachers":["nobody-at-all"]}""", "No such user: nobody-at-all")]
    [InlineData("""{"name":"x","id":1}""", "Invalid JSON keys: id")]
    [InlineData("""{"name":"x","code":{"code":"AAAA-AAAA"}}""", "Invalid JSON keys: code")]
    [InlineData("""{"name":"x","folder":"../../x"}""", "Invalid JSON keys: folder")]
    [InlineData("""{"name":"x","ended":"2026-01-01T00:00:00Z"}""", "Invalid JSON keys: ended")]
    public async Task What_is_wrong_is_refused_by_name_and_nothing_can_be_slipped_in(string body, string why)
    {
        using HttpClient admin = hub.Client();
        using HttpResponseMessage refused = await admin.PostAsync("hub/api/classes", new StringContent(body), Cancelled);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains(why, (await refused.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Managing() => new()
    {
        { "GET", "/members" }, { "PUT", "/members/mallory" }, { "DELETE", "/members/grace" }, { "POST", "/code" }, { "PATCH", "/code" }, { "GET", "/roster" },
        { "POST", "/roster" }, { "POST", "/hand-out" }, { "GET", "/export" }, { "POST", "/end" }, { "PATCH", "" }, { "DELETE", "" }, { "GET", "" },
    };

    [Theory]
    [MemberData(nameof(Managing))]
    public async Task One_teacher_cannot_touch_anothers_class(string method, string what)
    {
        JsonObject theirs = await hub.CreateClassAsync("grace");
        await hub.CreateClassAsync("mallory");
        using HttpClient mallory = await hub.SignInAsync("mallory", ClassHelp.Password);
        using HttpRequestMessage request = new(new HttpMethod(method), $"hub/api/classes/{theirs.Id()}{what}");
        if (method is not ("GET" or "DELETE"))
            request.Content = new StringContent("{}");
        using HttpResponseMessage refused = await mallory.SendAsync(request, Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        Assert.Equal($"No such class: {theirs.Id()}", (await refused.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!["message"]!.GetValue<string>());
        Assert.Equal(["grace"], (await GetAsync(theirs.Id()))["teachers"]!.AsArray().Select(teacher => teacher!.GetValue<string>()));
        Assert.Null((await GetAsync(theirs.Id()))["ended"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/qr.svg")]
    [InlineData("/export")]
    public async Task Nor_its_pages(string what)
    {
        JsonObject theirs = await hub.CreateClassAsync("grace");
        await hub.CreateClassAsync("mallory");
        using HttpClient mallory = await hub.SignInAsync("mallory", ClassHelp.Password);
        Assert.Equal(HttpStatusCode.NotFound, (await mallory.GetAsync($"hub/classes/{theirs.Id()}{what}", Cancelled)).StatusCode);
        Assert.DoesNotContain($"/hub/classes/{theirs.Id()}\"", await mallory.GetStringAsync("hub/classes", Cancelled), StringComparison.Ordinal);
        using HttpResponseMessage end = await mallory.PostAsync(
            $"hub/classes/{theirs.Id()}/end", new FormUrlEncodedContent(new Dictionary<string, string> { ["sure"] = "yes" }), Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, end.StatusCode);
    }

    [Fact]
    public async Task A_student_sees_the_class_but_not_its_code()
    {
        JsonObject one = await hub.CreateClassAsync("grace");
        (_, CookieContainer cookies) = await hub.JoinAsGuestAsync(one.Code());
        using HttpClient student = hub.Browser(cookies);
        student.DefaultRequestHeaders.Add("X-XSRFToken", hub.Xsrf(cookies));
        JsonObject seen = (await student.GetFromJsonAsync<JsonObject>($"hub/api/classes/{one.Id()}", Cancelled))!;
        Assert.Equal("Physics", seen["name"]!.GetValue<string>());
        Assert.Null(seen["code"]);
        Assert.Equal([one.Id()], (await student.GetFromJsonAsync<JsonArray>("hub/api/classes", Cancelled))!.Select(listed => listed!["id"]!.GetValue<long>()));
    }

    [Fact]
    public async Task Nobody_hands_out_the_files_of_somebody_else()
    {
        JsonObject one = await hub.CreateClassAsync("grace");
        using HttpClient grace = await hub.SignInAsync("grace", ClassHelp.Password);
        using HttpResponseMessage refused = await grace.PatchAsJsonAsync($"hub/api/classes/{one.Id()}", new { materials = new { user = "admin", path = "secrets" } }, Cancelled);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact]
    public async Task Where_it_is_so_set_anybody_makes_a_class_of_their_own_and_of_nobody_elses()
    {
        await using HubFixture open = await HubFixture.StartAsync(["Classes:AnybodyMayTeach=true"]);
        await open.CreateUserAsync("ada", ClassHelp.Password);
        using HttpClient ada = await open.SignInAsync("ada", ClassHelp.Password);
        Assert.Equal(HttpStatusCode.Created, (await ada.PostAsJsonAsync("hub/api/classes", new { name = "Mine" }, Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await ada.PostAsJsonAsync("hub/api/classes", new { name = "Theirs", teachers = new[] { "admin" } }, Cancelled)).StatusCode);
    }

    [Fact]
    public async Task A_roster_makes_accounts_each_with_a_link_that_works_once()
    {
        JsonObject one = await hub.CreateClassAsync("grace");
        await hub.CreateUserAsync("known", ClassHelp.Password);
        using HttpClient grace = await hub.SignInAsync("grace", ClassHelp.Password);
        using HttpResponseMessage imported = await grace.PostAsync(
            $"hub/api/classes/{one.Id()}/roster", ClassHelp.Csv("name,display_name,role\r\nNew.One,\"=cmd|' /C calc'!A0\",\r\nknown,,student\r\nhelper,,teacher\r\n"), Cancelled);
        Assert.Equal(HttpStatusCode.Created, imported.StatusCode);
        string[] lines = (await imported.Content.ReadAsStringAsync(Cancelled)).Split("\r\n");
        Assert.Equal("name,display_name,role,link,link_expires_at", lines[0]);
        Assert.StartsWith("new.one,'=cmd|' /C calc'!A0,student,http", lines[1], StringComparison.Ordinal);
        Assert.Equal("known,,student,,", lines[2]);

        CookieContainer cookies = new();
        using HttpClient newcomer = hub.Browser(cookies);
        string link = lines[1].Split(',')[3];
        Assert.Equal(HttpStatusCode.OK, (await newcomer.GetAsync(link, Cancelled)).StatusCode);
        using HttpResponseMessage set = await newcomer.PostAsync(link, new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["password"] = ClassHelp.Password,
            ["password_again"] = ClassHelp.Password,
            ["_xsrf"] = hub.Xsrf(cookies),
        }), Cancelled);
        Assert.Equal(HttpStatusCode.SeeOther, set.StatusCode);

        string roster = await grace.GetStringAsync($"hub/api/classes/{one.Id()}/roster", Cancelled);
        Assert.Contains("new.one,'=cmd|' /C calc'!A0,student\r\n", roster, StringComparison.Ordinal);
        Assert.Equal(["grace", "helper"], (await GetAsync(one.Id()))["teachers"]!.AsArray().Select(teacher => teacher!.GetValue<string>()));
    }

    [Fact]
    public async Task A_wrong_roster_is_refused_by_line_and_nothing_of_it_is_imported()
    {
        JsonObject one = await hub.CreateClassAsync("grace", new { capacity = 1 });
        using HttpClient grace = await hub.SignInAsync("grace", ClassHelp.Password);
        async Task<JsonObject> ImportAsync(string csv)
        {
            using HttpResponseMessage refused = await grace.PostAsync($"hub/api/classes/{one.Id()}/roster", ClassHelp.Csv(csv), Cancelled);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            return (await refused.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!;
        }

        JsonObject wrong = await ImportAsync("name\nroster-a\n../b\nroster-c\n/");
        Assert.Equal([3, 5], wrong["errors"]!.AsArray().Select(error => error!["line"]!.GetValue<int>()));
        // What only the database can tell comes after accounts were written, and takes them back.
        JsonObject full = await ImportAsync("name\nroster-a\nroster-b\n");
        Assert.Contains("its capacity is 1", full["message"]!.GetValue<string>(), StringComparison.Ordinal);
        (string guest, _) = await hub.JoinAsGuestAsync(one.Code());
        Assert.Contains("is a temporary guest", (await ImportAsync($"name\nroster-a\n{guest}\n"))["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await hub.Client().GetAsync("hub/api/users/roster-a", Cancelled)).StatusCode);
    }

    [Fact]
    public async Task The_page_makes_a_class_shows_its_code_and_imports_a_roster()
    {
        await hub.CreateUserAsync("head", ClassHelp.Password, admin: true);
        using HttpClient head = await hub.SignInAsync("head", ClassHelp.Password);
        Assert.Contains("Make the class", await head.GetStringAsync("hub/classes", Cancelled), StringComparison.Ordinal);
        using HttpResponseMessage refused = await head.PostAsync("hub/classes", Form(("name", "Biology"), ("capacity", "many")), Cancelled);
        string again = await refused.Content.ReadAsStringAsync(Cancelled);
        Assert.Contains("capacity must be a number", again, StringComparison.Ordinal);
        Assert.Contains("value=\"Biology\"", again, StringComparison.Ordinal);

        using HttpResponseMessage made = await head.PostAsync("hub/classes", Form(("name", "Biology"), ("guests", "yes"), ("teachers", "grace"), ("id", "1")), Cancelled);
        Assert.Equal(HttpStatusCode.SeeOther, made.StatusCode);
        string path = made.Headers.Location!.OriginalString.Split('?')[0];
        string page = await head.GetStringAsync(path, Cancelled);
        Assert.Matches("<p class=\"code\">[2-9A-Z]{4}-[2-9A-Z]{4}</p>", page);
        using HttpResponseMessage qr = await head.GetAsync(path + "/qr.svg", Cancelled);
        Assert.Equal("image/svg+xml", qr.Content.Headers.ContentType!.MediaType);
        using HttpResponseMessage imported = await head.PostAsync(path + "/roster", Form(("roster", "name\nbio-student\n")), Cancelled);
        string links = await imported.Content.ReadAsStringAsync(Cancelled);
        Assert.Contains("/hub/set-password?link=", links, StringComparison.Ordinal);
        Assert.DoesNotContain("/hub/set-password?link=", await head.GetStringAsync(path, Cancelled), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await head.PostAsync(path + "/code", Form(("what", "renew"), ("minutes", "-1")), Cancelled)).StatusCode);
        using HttpResponseMessage renewed = await head.PostAsync(path + "/code", Form(("what", "renew"), ("minutes", "90"), ("max_uses", "12")), Cancelled);
        Assert.Contains("There is a new code", await head.GetStringAsync(renewed.Headers.Location, Cancelled), StringComparison.Ordinal);
        JsonObject limited = (await GetAsync(long.Parse(path.Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture)))["code"]!.AsObject();
        Assert.Equal(12, limited["max_uses"]!.GetValue<int>());
        Assert.NotNull(limited["expires_at"]);
        Assert.Equal(HttpStatusCode.SeeOther, (await head.PostAsync(path + "/code", Form(("what", "close")), Cancelled)).StatusCode);
        Assert.Contains("Closed: nobody joins.", await head.GetStringAsync(path, Cancelled), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.SeeOther, (await head.PostAsync(path + "/remove", Form(("user", "bio-student")), Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await head.PostAsync(path + "/end", Form(), Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.SeeOther, (await head.PostAsync(path + "/end", Form(("sure", "yes")), Cancelled)).StatusCode);
        Assert.Contains("This class is over.", await head.GetStringAsync(path, Cancelled), StringComparison.Ordinal);
    }

    private async Task<JsonObject> GetAsync(long id) => (await hub.Client().GetFromJsonAsync<JsonObject>($"hub/api/classes/{id}", Cancelled))!;

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) => new(fields.ToDictionary(field => field.Name, field => field.Value));
}
