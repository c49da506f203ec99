using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Testing;
using Xunit;

namespace Hub.Tests;

/// <summary>
/// A real hub on a free port with a data directory of its own, ended and removed with the test. Use it as class fixture, or make one in a test with
/// settings of its own by <see cref="StartAsync"/>.
/// </summary>
public sealed class HubFixture : IAsyncLifetime
{
    /// <summary>API token of the user <c>admin</c>.</summary>
    public const string AdminToken = "test-admin-token-0123456789";

    private readonly string[] _settings;
    private readonly Action<IServiceCollection> _replace;
    private readonly Action<WebApplication> _map;
    private readonly bool _ownsData;
    private WebApplication? _app;

    public HubFixture() : this([], _ => { }, _ => { }, null)
    {
    }

    private HubFixture(string[] settings, Action<IServiceCollection> replace, Action<WebApplication> map, string? data)
    {
        _settings = settings;
        _replace = replace;
        _map = map;
        _ownsData = data is null;
        Data = data ?? Directory.CreateTempSubdirectory("hub-test-").FullName;
    }

    /// <summary>Settings of the database that the hub on a data directory uses: SQLite's, or on <c>HUB_TEST_DATABASE=postgresql</c> a schema of the directory's own.</summary>
    public static async Task<string[]> DatabaseOfAsync(string data)
    {
        if (!PostgreSqlServer.IsWanted)
            return [];
        PostgreSqlServer server = await PostgreSqlServer.Shared;
        string schema = SchemaOf(data);
        await MigratedSchema.CreateAsync(server, schema);
        return ["Storage:Provider=postgresql", $"Storage:ConnectionString={server.ConnectionString(schema)}"];
    }

    /// <summary>Where a data directory's database is on the server.</summary>
    public static string SchemaOf(string data) => "hub_" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(data)))[..32];

    /// <summary>The data directory.</summary>
    public string Data { get; }

    /// <summary>Where the hub listens, ending in a slash.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1/");

    /// <summary>The hub's services.</summary>
    public IServiceProvider Services => _app!.Services;

    /// <summary>A running hub with more settings (<c>Section:Key=value</c>), other parts, more routes, or the data directory of an earlier one.</summary>
    public static async Task<HubFixture> StartAsync(
        string[]? settings = null, Action<IServiceCollection>? replace = null, string? data = null, Action<WebApplication>? map = null)
    {
        var fixture = new HubFixture(settings ?? [], replace ?? (_ => { }), map ?? (_ => { }), data);
        try
        {
            await fixture.InitializeAsync();
            return fixture;
        }
        catch
        {
            if (fixture._ownsData)
                Directory.Delete(fixture.Data, recursive: true);
            throw;
        }
    }

    public async ValueTask InitializeAsync()
    {
        LogCapture log = new();
        try
        {
            await StartHubAsync(log);
        }
        catch (Exception reason)
        {
            // Who asks for a hub that cannot start gets the reason as it is; the rest is for who reads the failed test. A hub that started by half may not
            // end well either, and that is not the reason.
            TestContext.Current.TestOutputHelper?.WriteLine($"The hub did not start: {reason}\n{log.Text}");
            await EndHalfStartedAsync();
            throw;
        }
    }

    private async Task StartHubAsync(LogCapture log)
    {
        _app = HubApplication.Create(
            [
                "--data", Data, "--urls", "http://127.0.0.1:0", "Hub:Spawner=process", $"Hub:AdminToken={AdminToken}",
                "Logging:LogLevel:Default=Warning", "Auth:PasswordIterations=10000",
                // A process per hub that outlives it; the tests that are about it bring their own.
                "Recorder:Enabled=false", .. await DatabaseOfAsync(Data), .. _settings,
            ],
            services =>
            {
                services.AddLogging(logging => logging.AddProvider(log));
                _replace(services);
            });
        _map(_app);
        await _app.StartAsync();
        Address = new Uri(_app.Urls.First() + "/");
    }

    private async Task EndHalfStartedAsync()
    {
        try
        {
            await StopAsync();
        }
        catch (Exception also) when (also is not OutOfMemoryException)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"Nor did it end well: {also}");
        }
        _app = null;
    }

    /// <summary>All bytes the database keeps, as text.</summary>
    public async Task<string> DatabaseContentAsync()
    {
        if (PostgreSqlServer.IsWanted)
            return await (await PostgreSqlServer.Shared).DumpAsync(SchemaOf(Data));
        var content = new System.Text.StringBuilder();
        foreach (string file in Directory.GetFiles(Data, "hub.db*"))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            content.Append(await reader.ReadToEndAsync());
        }
        return content.ToString();
    }

    /// <summary>Ends the hub and leaves its data, for another one to run on.</summary>
    public async Task StopAsync()
    {
        if (_app is null)
            return;
        await _app.StopAsync();
        await _app.DisposeAsync();
        _app = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_ownsData)
            Directory.Delete(Data, recursive: true);
    }

    /// <summary>A client that follows no redirects, keeps no cookies and sends <paramref name="token"/>; null sends none.</summary>
    public HttpClient Client(string? token = AdminToken)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Address };
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("token", token);
        return client;
    }

    /// <summary>A client that keeps cookies in <paramref name="cookies"/>, as a browser does, and follows no redirects.</summary>
    public HttpClient Browser(CookieContainer cookies) =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = cookies }) { BaseAddress = Address };

    /// <summary>Makes a user who can sign in with <paramref name="password"/>.</summary>
    public async Task CreateUserAsync(string name, string password, bool admin = false)
    {
        using HttpClient client = Client();
        using HttpResponseMessage created = await client.PostAsJsonAsync($"hub/api/users/{Uri.EscapeDataString(name)}", new { admin });
        created.EnsureSuccessStatusCode();
        using HttpResponseMessage set = await client.PutAsJsonAsync($"hub/api/users/{Uri.EscapeDataString(name)}/password", new { password });
        set.EnsureSuccessStatusCode();
    }

    /// <summary>A browser that has signed in at the page, and sends its XSRF token with every request, as the front end does.</summary>
    public async Task<HttpClient> SignInAsync(string name, string password, CookieContainer? cookies = null)
    {
        cookies ??= new CookieContainer();
        HttpClient browser = Browser(cookies);
        using HttpResponseMessage page = await browser.GetAsync("hub/login");
        using HttpResponseMessage answer = await browser.PostAsync("hub/login", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["username"] = name,
            ["password"] = password,
            ["_xsrf"] = Xsrf(cookies),
        }));
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        browser.DefaultRequestHeaders.Add("X-XSRFToken", Xsrf(cookies));
        return browser;
    }

    /// <summary>What the <c>_xsrf</c> cookie holds; empty when there is none.</summary>
    public string Xsrf(CookieContainer cookies) => cookies.GetCookies(Address)["_xsrf"]?.Value ?? "";
}
