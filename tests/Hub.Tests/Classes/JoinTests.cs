using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Hub.Classes;
using Microsoft.Extensions.DependencyInjection;
using Testing;
using Xunit;

namespace Hub.Tests.Classes;

/// <summary>Joining a class by its code, as a browser without scripts does it.</summary>
public sealed class JoinTests(HubFixture hub) : IClassFixture<HubFixture>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Somebody_without_an_account_is_in_with_one_field_and_one_click()
    {
        JsonObject one = await hub.CreateClassAsync("grace", new { name = "Intro to Python" });
        CookieContainer cookies = new();
        using HttpResponseMessage joined = await hub.JoinAsync(one.Code().ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal), "Ada Lovelace", cookies);
        string user = joined.UserOf();
        Assert.StartsWith("guest-", user, StringComparison.Ordinal);
        Assert.Equal($"/user/{user}/lab/tree/Intro-to-Python", joined.Headers.Location!.OriginalString);
        Assert.True(Directory.Exists(Path.Combine(hub.Home(user), "Intro-to-Python")));

        using HttpClient browser = hub.Browser(cookies);
        browser.DefaultRequestHeaders.Add("X-XSRFToken", hub.Xsrf(cookies));
        JsonObject self = (await browser.GetFromJsonAsync<JsonObject>("hub/api/user", Cancelled))!;
        Assert.Equal(user, self["name"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync($"user/{user}/api/contents", Cancelled)).StatusCode);
        string home = await browser.GetStringAsync("hub/home", Cancelled);
        Assert.Contains("Ada Lovelace", home, StringComparison.Ordinal);
        Assert.Contains("Intro to Python", home, StringComparison.Ordinal);
        // A guest is nobody's administrator or teacher.
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync($"hub/api/classes/{one.Id()}/members", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.PostAsJsonAsync("hub/api/classes", new { name = "Mine" }, Cancelled)).StatusCode);
    }

    [Fact]
    public async Task Joining_again_leads_back_and_takes_no_second_place()
    {
        JsonObject one = await hub.CreateClassAsync("grace", new { capacity = 1 });
        (string user, CookieContainer cookies) = await hub.JoinAsGuestAsync(one.Code());
        using HttpResponseMessage again = await hub.JoinAsync(one.Code(), null, cookies);
        Assert.Equal(user, again.UserOf());
        using HttpResponseMessage other = await hub.JoinAsync(one.Code(), "Second", new CookieContainer());
        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
        Assert.Contains("This class is full", await other.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Somebody_signed_in_joins_as_who_they_are()
    {
        JsonObject one = await hub.CreateClassAsync("grace", new { guests = false });
        using HttpResponseMessage guest = await hub.JoinAsync(one.Code(), "Ada", new CookieContainer());
        Assert.Equal(HttpStatusCode.Forbidden, guest.StatusCode);
        Assert.Contains("/hub/login?next=", await guest.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);

        await hub.CreateUserAsync("katherine", ClassHelp.Password);
        CookieContainer cookies = new();
        using (await hub.SignInAsync("katherine", ClassHelp.Password, cookies))
        {
            using HttpResponseMessage joined = await hub.JoinAsync(one.Code(), null, cookies);
            Assert.Equal("katherine", joined.UserOf());
        }
    }

    [Fact]
    public async Task Closed_expired_renewed_and_used_up_codes_let_nobody_in()
    {
        JsonObject one = await hub.CreateClassAsync("grace");
        using HttpClient teacher = await hub.SignInAsync("grace", ClassHelp.Password);
        string code = $"hub/api/classes/{one.Id()}/code";

        await teacher.PatchAsJsonAsync(code, new { closed = true }, Cancelled);
        await RefusedAsync(one.Code(), HttpStatusCode.Forbidden, "takes nobody in");
        await teacher.PatchAsJsonAsync(code, new { closed = false }, Cancelled);
        await hub.JoinAsGuestAsync(one.Code());

        using HttpResponseMessage renewed = await teacher.PostAsJsonAsync(code, new { max_uses = 1 }, Cancelled);
        string second = (await renewed.Content.ReadFromJsonAsync<JsonObject>(Cancelled))!["code"]!.GetValue<string>();
        await RefusedAsync(one.Code(), HttpStatusCode.NotFound, "There is no class with this code");
        await hub.JoinAsGuestAsync(second);
        await RefusedAsync(second, HttpStatusCode.Gone, "used as often");

        using HttpResponseMessage past = await teacher.PostAsJsonAsync(code, new { expires_at = "2001-01-01T00:00:00Z" }, Cancelled);
        Assert.Equal(HttpStatusCode.BadRequest, past.StatusCode);
        JsonObject later = await hub.CreateClassAsync("grace", new { opens = "2999-01-01T00:00:00Z" });
        await RefusedAsync(later.Code(), HttpStatusCode.Forbidden, "not begun");
        JsonObject over = await hub.CreateClassAsync("grace", new { closes = "2001-01-01T00:00:00Z" });
        await RefusedAsync(over.Code(), HttpStatusCode.Gone, "is over");
    }

    [Fact]
    public async Task Wrong_codes_are_throttled_and_right_ones_are_not()
    {
        ManualTime time = new();
        await using HubFixture own = await HubFixture.StartAsync(["Classes:WrongCodesPerAddress=3", "Classes:ThrottleSeconds=30"], services => services.AddSingleton<TimeProvider>(time));
        JsonObject one = await own.CreateClassAsync("grace");
        for (int i = 0; i < 8; i++)
            await own.JoinAsGuestAsync(one.Code());
        for (int i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.NotFound, (await own.JoinAsync(JoinCode.New(), "Eve", new CookieContainer())).StatusCode);
        using HttpResponseMessage refused = await own.JoinAsync(one.Code(), "Eve", new CookieContainer());
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.True(refused.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        time.Advance(refused.Headers.RetryAfter.Delta!.Value);
        await own.JoinAsGuestAsync(one.Code());
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("a\u202Eb")]
    public async Task A_name_that_is_none_is_refused(string name)
    {
        JsonObject one = await hub.CreateClassAsync("grace");
        using HttpResponseMessage refused = await hub.JoinAsync(one.Code(), name, new CookieContainer());
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task Names_are_text_wherever_they_are_shown()
    {
        const string hostile = "<script>alert(1)</script>";
        JsonObject one = await hub.CreateClassAsync("grace", new { name = hostile });
        (string user, CookieContainer cookies) = await hub.JoinAsGuestAsync(one.Code(), hostile);
        using HttpClient guest = hub.Browser(cookies);
        using HttpClient teacher = await hub.SignInAsync("grace", ClassHelp.Password);
        foreach (string page in new[]
        {
            await guest.GetStringAsync("hub/home", Cancelled), await guest.GetStringAsync("hub/classes", Cancelled),
            await teacher.GetStringAsync($"hub/classes/{one.Id()}", Cancelled), await guest.GetStringAsync($"hub/join/{Uri.EscapeDataString(hostile)}", Cancelled),
        })
        {
            Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
            Assert.Contains("&lt;script&gt;alert", page, StringComparison.Ordinal);
        }
        Assert.True(Directory.Exists(Path.Combine(hub.Home(user), "script-alert-1-script")));
    }

    [Fact]
    public async Task A_form_without_the_xsrf_token_joins_nothing()
    {
        JsonObject one = await hub.CreateClassAsync("grace");
        using HttpClient nobody = hub.Client(token: null);
        using HttpResponseMessage refused = await nobody.PostAsync(
            "hub/join", new FormUrlEncodedContent(new Dictionary<string, string> { ["code"] = one.Code(), ["name"] = "Ada" }), Cancelled);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact]
    public async Task A_sign_in_prepared_by_somebody_else_is_worth_nothing_after_joining()
    {
        JsonObject one = await hub.CreateClassAsync("grace");
        CookieContainer cookies = new();
        cookies.Add(hub.Address, new Cookie("hub-signin", "prepared-by-somebody-else"));
        using HttpResponseMessage joined = await hub.JoinAsync(one.Code(), "Ada", cookies);
        Assert.Equal(HttpStatusCode.SeeOther, joined.StatusCode);
        Assert.NotEqual("prepared-by-somebody-else", cookies.GetCookies(hub.Address)["hub-signin"]!.Value);
    }

    [Fact]
    public async Task A_class_of_many_joins_at_the_same_moment_and_never_beyond_its_capacity()
    {
        JsonObject one = await hub.CreateClassAsync("grace", new { capacity = 20 });
        HttpStatusCode[] answers = await Task.WhenAll(Enumerable.Range(0, 25).Select(async i =>
        {
            using HttpResponseMessage joined = await hub.JoinAsync(one.Code(), $"Person {i}", new CookieContainer());
            return joined.StatusCode;
        }));
        Assert.Equal(20, answers.Count(answer => answer == HttpStatusCode.SeeOther));
        Assert.Equal(5, answers.Count(answer => answer == HttpStatusCode.Conflict));
    }

    private async Task RefusedAsync(string code, HttpStatusCode status, string why)
    {
        using HttpResponseMessage refused = await hub.JoinAsync(code, "Ada", new CookieContainer());
        Assert.Equal(status, refused.StatusCode);
        Assert.Contains(why, await refused.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }
}
