using System.Net;
using Hub.Auth.TwoStep;
using Hub.Events.Audit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Testing;
using Xunit;

namespace Hub.Tests.Auth.TwoStep;

/// <summary>Signing in by password and code, on a real hub.</summary>
public sealed class TwoStepTests : IAsyncLifetime
{
    private const string Password = TwoStepBrowser.Password;

    private readonly ManualTime _time = new();
    private HubFixture _hub = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await StartAsync("Auth:AttemptsPerAccount=4", "Auth:ThrottleSeconds=4000");
        await _hub.CreateUserAsync("ada", Password);
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task Who_turned_it_on_signs_in_by_password_and_code_and_not_by_the_password_alone()
    {
        byte[] secret = await TurnOnAsync(_hub);
        using TwoStepBrowser there = new(_hub, _time) { Secret = secret };
        (HttpStatusCode status, string html, _) = await there.SignInAsync("ada", query: "?next=/user/ada/lab");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("Enter your code", html, StringComparison.Ordinal);
        Assert.Contains("autocomplete=\"one-time-code\"", html, StringComparison.Ordinal);
        Assert.False(there.IsSignedIn);
        Assert.Equal(HttpStatusCode.Forbidden, (await there.Browser.GetAsync("hub/api/user")).StatusCode);
        _time.Advance(TimeSpan.FromSeconds(30));
        (status, _, string? location) = await there.EnterAsync(there.Code().Insert(3, " "), "?next=/user/ada/lab");
        Assert.Equal(HttpStatusCode.SeeOther, status);
        Assert.Equal("/user/ada/lab", location);
        Assert.True(there.IsSignedIn);
        await AuditedAsync("two-step-on", "sign-in");
    }

    [Fact]
    public async Task A_code_works_once_even_for_two_at_the_same_moment_and_not_the_one_it_was_turned_on_by()
    {
        byte[] secret = await TurnOnAsync(_hub);
        using TwoStepBrowser one = new(_hub, _time) { Secret = secret };
        using TwoStepBrowser other = new(_hub, _time) { Secret = secret };
        await one.SignInAsync("ada");
        await other.SignInAsync("ada");
        Assert.Equal(HttpStatusCode.Forbidden, (await one.EnterAsync(one.Code())).Status);
        _time.Advance(TimeSpan.FromSeconds(30));
        HttpStatusCode[] came = await Task.WhenAll(new[] { one, other }.Select(async browser => (await browser.EnterAsync(browser.Code())).Status));
        Assert.Equal([HttpStatusCode.SeeOther, HttpStatusCode.Forbidden], came.Order());
    }

    [Fact]
    public async Task Wrong_codes_are_throttled_as_passwords_are_and_are_in_the_audit()
    {
        byte[] secret = await TurnOnAsync(_hub);
        using TwoStepBrowser there = new(_hub, _time) { Secret = secret };
        await there.SignInAsync("ada");
        for (int i = 0; i < 4; i++)
        {
            (HttpStatusCode status, string html, _) = await there.EnterAsync("000000");
            Assert.Equal(HttpStatusCode.Forbidden, status);
            Assert.Contains("not right, or was used already", html, StringComparison.Ordinal);
        }
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(HttpStatusCode.TooManyRequests, (await there.EnterAsync(there.Code())).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await there.SignInAsync("ada")).Status);
        Assert.False(there.IsSignedIn);
        await AuditedAsync("sign-in-failed");
    }

    [Fact]
    public async Task Nobody_is_told_which_of_the_two_was_wrong_before_the_password_is_right()
    {
        await TurnOnAsync(_hub);
        using TwoStepBrowser there = new(_hub, _time);
        foreach (string name in new[] { "ada", "nobody" })
        {
            (HttpStatusCode status, string html, _) = await there.SignInAsync(name, "wrong");
            Assert.Equal(HttpStatusCode.Forbidden, status);
            Assert.Contains("Invalid username or password", html, StringComparison.Ordinal);
            Assert.Null(there.Ticket);
        }
    }

    [Fact]
    public async Task A_ticket_is_no_sign_in_ends_soon_and_with_the_password_and_cannot_be_made_up()
    {
        byte[] secret = await TurnOnAsync(_hub);
        using TwoStepBrowser there = new(_hub, _time) { Secret = secret };
        await there.SignInAsync("ada");
        foreach (string forged in new[] { "", "x", there.Ticket![..^4] + "AAAA" })
            Assert.Contains("Sign in again", (await there.EnterAsync(there.Code(1), ticket: forged)).Html, StringComparison.Ordinal);
        there.Cookies.Add(_hub.Address, new Cookie("hub-signin", there.Ticket));
        Assert.Equal(HttpStatusCode.Forbidden, (await there.Browser.GetAsync("hub/api/user")).StatusCode);
        await _hub.CreateUserAsync("bob", Password);
        using (HttpClient admin = _hub.Client())
            (await System.Net.Http.Json.HttpClientJsonExtensions.PutAsJsonAsync(admin, "hub/api/users/ada/password", new { password = "another horse" })).EnsureSuccessStatusCode();
        Assert.Contains("Sign in again", (await there.EnterAsync(there.Code(1))).Html, StringComparison.Ordinal);
    }

    /// <summary>Session fixation: whatever cookie was planted before, the one after the code is new, and the planted one is worth nothing.</summary>
    [Fact]
    public async Task The_sign_in_after_the_code_is_a_new_one_and_a_planted_one_has_ended()
    {
        await _hub.CreateUserAsync("eve", Password);
        CookieContainer eves = new();
        (await _hub.SignInAsync("eve", Password, eves)).Dispose();
        string planted = eves.GetCookies(_hub.Address)["hub-signin"]!.Value;
        byte[] secret = await TurnOnAsync(_hub);
        using TwoStepBrowser victim = new(_hub, _time) { Secret = secret };
        await victim.SignInAsync("ada");
        victim.Cookies.Add(_hub.Address, new Cookie("hub-signin", planted) { Path = "/" });
        (await victim.Browser.GetAsync("hub/password")).Dispose();
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(HttpStatusCode.SeeOther, (await victim.EnterAsync(victim.Code())).Status);
        Assert.NotEqual(planted, victim.Cookies.GetCookies(_hub.Address)["hub-signin"]!.Value);
        using HttpClient attacker = _hub.Browser(eves);
        attacker.DefaultRequestHeaders.Add("X-XSRFToken", _hub.Xsrf(eves));
        Assert.Equal(HttpStatusCode.Forbidden, (await attacker.GetAsync("hub/api/user")).StatusCode);
    }

    [Fact]
    public async Task Each_recovery_code_signs_in_once_and_the_database_has_neither_them_nor_the_secret()
    {
        using TwoStepBrowser here = new(_hub, _time);
        await here.SignInAsync("ada");
        IReadOnlyList<string> codes = await here.TurnOnAsync();
        Assert.Equal(10, codes.Distinct().Count());
        string database = await _hub.DatabaseContentAsync();
        Assert.DoesNotContain(codes[0], database, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Base32Codec.Encode(here.Secret), database, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexString(here.Secret), database, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(codes[0], await here.Browser.GetStringAsync("hub/two-step"), StringComparison.Ordinal);

        using TwoStepBrowser there = new(_hub, _time);
        await there.SignInAsync("ada");
        Assert.Equal(HttpStatusCode.SeeOther, (await there.EnterAsync(codes[3].ToUpperInvariant().Replace('-', ' '))).Status);
        Assert.Contains("You have 9 left", await there.Browser.GetStringAsync("hub/two-step"), StringComparison.Ordinal);
        using TwoStepBrowser again = new(_hub, _time);
        await again.SignInAsync("ada");
        Assert.Equal(HttpStatusCode.Forbidden, (await again.EnterAsync(codes[3])).Status);

        (HttpStatusCode status, string html, _) = await here.PostAsync("hub/two-step/codes", ("current_password", Password));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Empty(TwoStepBrowser.CodesOf(html).Intersect(codes));
        Assert.Equal(HttpStatusCode.Forbidden, (await again.EnterAsync(codes[4])).Status);
        await AuditedAsync("two-step-recovery-code-used", "two-step-codes-renewed");
    }

    [Fact]
    public async Task It_is_turned_on_by_the_code_of_the_app_only_and_off_by_the_password()
    {
        using TwoStepBrowser here = new(_hub, _time);
        await here.SignInAsync("ada");
        string html = WebUtility.HtmlDecode(await here.Browser.GetStringAsync("hub/two-step"));
        Assert.Contains("src=\"data:image/svg+xml;base64,", html, StringComparison.Ordinal);
        (HttpStatusCode status, string said, _) = await here.PostAsync("hub/two-step", ("offer", TwoStepBrowser.Field(html, "offer")!), ("code", "000000"));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(TwoStepBrowser.KeyOf(html), TwoStepBrowser.KeyOf(said));
        await here.TurnOnAsync();
        Assert.Equal(HttpStatusCode.Forbidden, (await here.PostAsync("hub/two-step/off", ("current_password", "wrong"))).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await here.PostAsync("hub/two-step/off", ("current_password", Password))).Status);
        using TwoStepBrowser there = new(_hub, _time);
        Assert.Equal(HttpStatusCode.SeeOther, (await there.SignInAsync("ada")).Status);
        await AuditedAsync("two-step-off");
    }

    [Fact]
    public async Task An_administrator_resets_it_and_nobody_else()
    {
        byte[] secret = await TurnOnAsync(_hub);
        using TwoStepBrowser there = new(_hub, _time) { Secret = secret };
        await there.SignInAsync("ada");
        await _hub.CreateUserAsync("bob", Password);
        using HttpClient bob = await _hub.SignInAsync("bob", Password);
        Assert.Equal(HttpStatusCode.Forbidden, (await bob.DeleteAsync("hub/api/users/ada/totp")).StatusCode);
        using HttpClient admin = _hub.Client();
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync("hub/api/users/ada/totp")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.DeleteAsync("hub/api/users/ada/totp")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.DeleteAsync("hub/api/users/nobody/totp")).StatusCode);
        Assert.Contains("Sign in again", (await there.EnterAsync(there.Code(1))).Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.SeeOther, (await there.SignInAsync("ada")).Status);
        AuditStore store = _hub.Services.GetRequiredService<AuditStore>();
        await Eventually.Holds(async () => (await store.ListAsync(new AuditQuery { Kind = "two-step-off", By = "admin", User = "ada" }, default)).Count == 1);
    }

    [Fact]
    public async Task A_link_to_set_a_password_does_not_go_round_it()
    {
        byte[] secret = await TurnOnAsync(_hub);
        using HttpClient admin = _hub.Client();
        using HttpResponseMessage made = await System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(admin, "hub/api/users/ada/password-link", new { });
        string link = (await made.ObjectAsync()).Text("url")!.TrimStart('/');
        using TwoStepBrowser there = new(_hub, _time) { Secret = secret };
        (await there.Browser.GetAsync(link)).Dispose();
        (HttpStatusCode status, string html, _) = await there.PostAsync(link, ("password", "another horse"), ("password_again", "another horse"));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("Enter your code", html, StringComparison.Ordinal);
        Assert.False(there.IsSignedIn);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(HttpStatusCode.SeeOther, (await there.EnterAsync(there.Code(), ticket: TwoStepBrowser.Field(html, "ticket"))).Status);
    }

    [Fact]
    public async Task Where_it_is_required_of_administrators_they_set_it_up_before_they_come_in_and_cannot_turn_it_off()
    {
        await using HubFixture hub = await StartAsync("Auth:Totp=RequiredForAdmins");
        await hub.CreateUserAsync("ada", Password);
        await hub.CreateUserAsync("root", Password, admin: true);
        using TwoStepBrowser ada = new(hub, _time);
        Assert.Equal(HttpStatusCode.SeeOther, (await ada.SignInAsync("ada")).Status);
        using TwoStepBrowser root = new(hub, _time);
        (HttpStatusCode status, string html, _) = await root.SignInAsync("root");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.False(root.IsSignedIn);
        root.Secret = TwoStepBrowser.KeyOf(html);
        string offer = TwoStepBrowser.Field(html, "offer")!;
        Assert.Equal(HttpStatusCode.BadRequest, (await root.PostAsync("hub/login/set-up", ("ticket", root.Ticket!), ("offer", offer), ("code", "000000"))).Status);
        Assert.False(root.IsSignedIn);
        (status, html, _) = await root.PostAsync("hub/login/set-up", ("ticket", root.Ticket!), ("offer", offer), ("code", root.Code()));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(10, TwoStepBrowser.CodesOf(html).Count);
        Assert.True(root.IsSignedIn);
        Assert.Equal(HttpStatusCode.Forbidden, (await root.PostAsync("hub/two-step/off", ("current_password", Password))).Status);
        using TwoStepBrowser there = new(hub, _time) { Secret = root.Secret };
        Assert.Contains("Enter your code", (await there.SignInAsync("root")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_it_is_off_there_is_no_page_and_nobody_is_asked()
    {
        await TurnOnAsync(_hub);
        await _hub.StopAsync();
        await using HubFixture off = await HubFixture.StartAsync(["Auth:Totp=Off"], services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(_time)), _hub.Data);
        using TwoStepBrowser there = new(off, _time);
        Assert.Equal(HttpStatusCode.SeeOther, (await there.SignInAsync("ada")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await there.Browser.GetAsync("hub/two-step")).StatusCode);
        Assert.DoesNotContain("Two-step", await there.Browser.GetStringAsync("hub/password"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backup_brings_it_back_with_the_keys_that_open_it()
    {
        byte[] secret = await TurnOnAsync(_hub);
        DirectoryInfo place = Directory.CreateTempSubdirectory("hub-two-step-");
        try
        {
            string archive = Path.Combine(place.FullName, "backup.tar.gz");
            string target = Path.Combine(place.FullName, "target");
            Assert.Equal(0, await BackupCommand.BackUpAsync([archive, "--data", _hub.Data, .. await HubFixture.DatabaseOfAsync(_hub.Data)], default));
            Assert.Equal(0, await BackupCommand.RestoreAsync([archive, "--data", target, .. await HubFixture.DatabaseOfAsync(target)], default));
            await using HubFixture restored = await HubFixture.StartAsync([], services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(_time)), target);
            using TwoStepBrowser there = new(restored, _time) { Secret = secret };
            await there.SignInAsync("ada");
            Assert.Equal(HttpStatusCode.Forbidden, (await there.EnterAsync(there.Code())).Status);
            _time.Advance(TimeSpan.FromSeconds(30));
            Assert.Equal(HttpStatusCode.SeeOther, (await there.EnterAsync(there.Code())).Status);
        }
        finally
        {
            place.Delete(recursive: true);
        }
    }

    private Task<HubFixture> StartAsync(params string[] settings) => HubFixture.StartAsync(settings, services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(_time)));

    private async Task<byte[]> TurnOnAsync(HubFixture hub)
    {
        using TwoStepBrowser here = new(hub, _time);
        await here.SignInAsync("ada");
        await here.TurnOnAsync();
        return here.Secret;
    }

    private async Task AuditedAsync(params string[] kinds)
    {
        AuditStore store = _hub.Services.GetRequiredService<AuditStore>();
        foreach (string kind in kinds)
            await Eventually.Holds(async () => (await store.ListAsync(new AuditQuery { Kind = kind, User = "ada" }, default)).Count > 0);
    }
}
