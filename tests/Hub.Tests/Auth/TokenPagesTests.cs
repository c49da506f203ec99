using System.Net;
using System.Text.RegularExpressions;
using Xunit;

namespace Hub.Tests.Auth;

/// <summary>The tokens page, used as a browser without scripts would.</summary>
public sealed partial class TokenPagesTests(HubFixture hub) : IClassFixture<HubFixture>, IAsyncLifetime
{
    private const string Password = "correct horse battery";

    private static int s_people;
    private readonly string _name = FormattableString.Invariant($"person-{Interlocked.Increment(ref s_people)}");
    private HttpClient _browser = null!;

    public async ValueTask InitializeAsync()
    {
        await hub.CreateUserAsync(_name, Password);
        _browser = await hub.SignInAsync(_name, Password);
    }

    public ValueTask DisposeAsync()
    {
        _browser.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_token_is_made_shown_once_used_and_revoked()
    {
        using HttpResponseMessage made = await _browser.PostAsync("hub/token", Form(("note", "my <script>"), ("expires_in", "3600")));
        string page = await made.Content.ReadAsStringAsync();
        Assert.Contains("my &lt;script&gt;", page, StringComparison.Ordinal);
        string secret = SecretPattern().Match(page).Groups[1].Value;
        using HttpClient script = hub.Client(secret);
        Assert.Equal(HttpStatusCode.OK, (await script.GetAsync("hub/api/user")).StatusCode);

        string later = await _browser.GetStringAsync("hub/token");
        Assert.DoesNotContain(secret, later, StringComparison.Ordinal);
        string revoke = RevokePattern().Match(later).Groups[1].Value;
        using HttpResponseMessage revoked = await _browser.PostAsync(revoke, Form());
        Assert.Equal(HttpStatusCode.SeeOther, revoked.StatusCode);
        Assert.Contains("The token was revoked.", await _browser.GetStringAsync(revoked.Headers.Location), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await script.GetAsync("hub/api/user")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _browser.PostAsync(revoke, Form())).StatusCode);
    }

    [Fact]
    public async Task Nobody_revokes_the_token_of_somebody_else()
    {
        await hub.CreateUserAsync("other-" + _name, Password);
        using HttpClient other = await hub.SignInAsync("other-" + _name, Password);
        string page = await (await other.PostAsync("hub/token", Form(("note", "theirs"), ("expires_in", "")))).Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await _browser.PostAsync(RevokePattern().Match(page).Groups[1].Value, Form())).StatusCode);
        using HttpClient script = hub.Client(SecretPattern().Match(page).Groups[1].Value);
        Assert.Equal(HttpStatusCode.OK, (await script.GetAsync("hub/api/user")).StatusCode);
    }

    [Theory]
    [InlineData("expires_in", "soon")]
    [InlineData("expires_in", "-1")]
    [InlineData("expires_in", "0")]
    [InlineData("expires_in", "99999999999999999999")]
    public async Task What_the_form_does_not_offer_is_refused(string field, string value)
    {
        using HttpResponseMessage refused = await _browser.PostAsync("hub/token", Form(("note", "x"), (field, value)));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("You have no tokens", await _browser.GetStringAsync("hub/token"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_loads_nothing_from_elsewhere_and_is_kept_by_nobody()
    {
        using HttpResponseMessage page = await _browser.GetAsync("hub/token");
        Assert.Contains("default-src 'none'", Assert.Single(page.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.True(page.Headers.CacheControl!.NoStore);
        Assert.Equal("nosniff", Assert.Single(page.Headers.GetValues("X-Content-Type-Options")));
    }

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) =>
        new(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));

    [GeneratedRegex("<code class=\"secret\"[^>]*>([^<]+)</code>")]
    private static partial Regex SecretPattern();

    [GeneratedRegex("action=\"/(hub/token/a[0-9]+/revoke)\"")]
    private static partial Regex RevokePattern();
}
