using System.Net;
using System.Text.RegularExpressions;
using Hub.Auth;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Testing;
using Xunit;

namespace Hub.Tests.Auth;

/// <summary>The first start: how the first administrator comes in.</summary>
public sealed partial class FirstLinkTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("hub-first-").FullName;
    private readonly ManualTime _time = new();

    [Fact]
    public async Task The_printed_link_makes_the_first_administrator_and_is_printed_no_more_after()
    {
        (WebApplication hub, string printed) = await StartAsync();
        Uri link = LinkIn(printed);
        await using (hub)
        {
            await ChooseAsync(link, "a password of my own", HttpStatusCode.SeeOther);
            await ChooseAsync(link, "somebody else's password", HttpStatusCode.NotFound);
            await hub.StopAsync();
        }
        (WebApplication again, string nothing) = await StartAsync();
        await again.DisposeAsync();
        Assert.Equal("", nothing);
    }

    [Fact]
    public async Task A_restart_prints_a_new_link_and_the_old_one_ends()
    {
        (WebApplication first, string printed) = await StartAsync();
        string old = LinkIn(printed).Query;
        await first.DisposeAsync();
        (WebApplication second, string anew) = await StartAsync();
        await using (second)
        {
            Uri link = LinkIn(anew);
            Assert.NotEqual(old, link.Query);
            await ChooseAsync(new UriBuilder(link) { Query = old }.Uri, "a password of my own", HttpStatusCode.NotFound);
            await ChooseAsync(link, "a password of my own", HttpStatusCode.SeeOther);
        }
    }

    [Fact]
    public async Task The_link_runs_out()
    {
        (WebApplication hub, string printed) = await StartAsync("Auth:FirstLinkMinutes=5");
        await using (hub)
        {
            Assert.Contains("5 minutes", printed, StringComparison.Ordinal);
            _time.Advance(TimeSpan.FromMinutes(5));
            await ChooseAsync(LinkIn(printed), "a password of my own", HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task With_a_token_from_the_settings_nothing_is_printed()
    {
        (WebApplication hub, string printed) = await StartAsync("Hub:AdminToken=0123456789abcdef");
        await hub.DisposeAsync();
        Assert.Equal("", printed);
    }

    [Fact]
    public async Task A_token_from_the_settings_that_can_be_guessed_stops_the_start()
    {
        Exception refused = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync("Hub:AdminToken=short"));
        Assert.Contains("AdminToken", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("'short'", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private async Task<(WebApplication Hub, string Printed)> StartAsync(params string[] settings)
    {
        var console = new StringWriter();
        WebApplication hub = HubApplication.Create(
            ["--data", _data, "--urls", "http://127.0.0.1:0", "Hub:Spawner=process", "Logging:LogLevel:Default=Warning", "Auth:PasswordIterations=10000", .. settings],
            services => services.Replace(ServiceDescriptor.Singleton(new OperatorConsole(console))).Replace(ServiceDescriptor.Singleton<TimeProvider>(_time)));
        try
        {
            await hub.StartAsync();
            return (hub, console.ToString());
        }
        catch
        {
            await hub.DisposeAsync();
            throw;
        }
    }

    private static Uri LinkIn(string printed) => new(LinkPattern().Match(printed).Value);

    private static async Task ChooseAsync(Uri link, string password, HttpStatusCode expected)
    {
        var cookies = new CookieContainer();
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = cookies });
        await browser.GetAsync(new Uri(link, "/hub/login"));
        using HttpResponseMessage answer = await browser.PostAsync(link, new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["password"] = password,
            ["password_again"] = password,
            ["_xsrf"] = cookies.GetCookies(link)["_xsrf"]!.Value,
        }));
        Assert.Equal(expected, answer.StatusCode);
    }

    [GeneratedRegex(@"http://\S+/hub/set-password\?link=\S+")]
    private static partial Regex LinkPattern();
}
