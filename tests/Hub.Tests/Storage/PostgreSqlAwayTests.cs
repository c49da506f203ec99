using System.Net;
using Hub.Storage;
using Hub.Tests.Kernels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Testing;
using Xunit;

namespace Hub.Tests.Storage;

/// <summary>A server that goes away and comes back: kernels and tabs do not notice, the rest says so and works again.</summary>
public sealed class PostgreSqlAwayTests : IAsyncLifetime
{
    private const string Password = "correct horse battery";

    private PostgreSqlServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await PostgreSqlServer.StartNewAsync();
        await _server.CreateSchemaAsync("away");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private string[] Settings => ["Storage:Provider=postgresql", $"Storage:ConnectionString={_server.ConnectionString("away")}", "Storage:ConnectSeconds=2", "Storage:CommandSeconds=1", "Storage:BusyTimeoutSeconds=2", "Logging:LogLevel:Default=None"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Running_kernels_and_open_tabs_go_on_while_the_server_is_away_and_sign_ins_are_told_so_until_it_is_back(bool frozen)
    {
        await using KernelHub hub = await KernelHub.StartAsync(null, null, Settings);
        await hub.Hub.CreateUserAsync("ada", Password);
        (await hub.Hub.SignInAsync("ada", Password)).Dispose();
        await using BrowserTab tab = await hub.OpenTabAsync(await hub.StartKernelAsync());
        await tab.RunToEndAsync("echo before");

        if (frozen)
            await _server.FreezeAsync(true);
        else
            await _server.StopAsync();
        using (HttpResponseMessage signIn = await TryToSignInAsync(hub.Hub))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, signIn.StatusCode);
            Assert.NotNull(signIn.Headers.RetryAfter);
            Assert.Equal("text/html", signIn.Content.Headers.ContentType?.MediaType);
            Assert.Contains("database", await signIn.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        using (HttpClient client = hub.Hub.Client())
        {
            using HttpResponseMessage write = await client.PostAsync("hub/api/users/late", null);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, write.StatusCode);
        }
        using (HttpClient anybody = hub.Hub.Client(null))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await anybody.GetAsync("health/ready")).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await anybody.GetAsync("hub/health")).StatusCode);
        }
        await tab.RunToEndAsync("echo meanwhile");

        if (frozen)
            await _server.FreezeAsync(false);
        else
            await _server.StartAsync();
        // A connection of the pool that broke unseen may answer once more with an error.
        await Eventually.Holds(async () =>
        {
            using HttpResponseMessage signIn = await TryToSignInAsync(hub.Hub);
            return signIn.StatusCode == HttpStatusCode.SeeOther;
        });
        await tab.RunToEndAsync("echo after");
        Assert.Null(tab.CloseCode);
    }

    [Fact]
    public async Task A_hub_that_does_not_find_its_server_says_so_in_one_line_and_never_the_password()
    {
        await _server.StopAsync();
        LogCapture log = new();
        StorageException refused = await Assert.ThrowsAsync<StorageException>(() => HubFixture.StartAsync(
            [.. Settings, "Logging:LogLevel:Default=Trace"], services => services.AddLogging(logging => logging.ClearProviders().AddProvider(log))));
        Assert.Contains("postgresql", refused.Message, StringComparison.Ordinal);
        Assert.Equal((refused.Message, 1), HubProcess.Explain(refused));
        Assert.DoesNotContain("not-a-secret", log.Text + refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_hub_logs_of_its_server_holds_no_password()
    {
        LogCapture log = new();
        await using HubFixture hub = await HubFixture.StartAsync(
            [.. Settings, "Logging:LogLevel:Default=Trace"], services => services.AddLogging(logging => logging.ClearProviders().AddProvider(log)));
        await _server.StopAsync();
        using HttpClient client = hub.Client();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("hub/api/users")).StatusCode);
        Assert.Contains("The database failed", log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("not-a-secret", log.Text, StringComparison.Ordinal);
        await _server.StartAsync();
    }

    private static async Task<HttpResponseMessage> TryToSignInAsync(HubFixture hub)
    {
        CookieContainer cookies = new();
        using HttpClient browser = hub.Browser(cookies);
        browser.DefaultRequestHeaders.Add("Accept", "text/html");
        (await browser.GetAsync("hub/login")).Dispose();
        return await browser.PostAsync("hub/login", new FormUrlEncodedContent(new Dictionary<string, string> { ["username"] = "ada", ["password"] = Password, ["_xsrf"] = hub.Xsrf(cookies) }));
    }
}
