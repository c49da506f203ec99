using Microsoft.Playwright;
using Xunit;

namespace EndToEnd.Tests.Browser;

/// <summary>A hub with one spawner, a browser, and the first administrator, signed in through the printed link.</summary>
public abstract class LabFixture(string spawner) : IAsyncLifetime
{
    public const string Password = "correct horse battery staple";

    private Chromium? _chromium;
    private HubProcess? _hub;
    private IBrowserContext? _admin;

    public string Spawner { get; } = spawner;

    public Chromium Chromium => _chromium!;

    public HubProcess Hub => _hub!;

    /// <summary>The administrator's browser.</summary>
    public IBrowserContext Admin => _admin!;

    /// <summary>Settings of the hub beside its spawner.</summary>
    protected virtual IReadOnlyList<string> Settings { get; } = ["Kernels:StopOnExit=true"];

    /// <summary>Variables of the hub's own.</summary>
    protected virtual IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>();

    public async ValueTask InitializeAsync()
    {
        _hub = await HubProcess.StartAsync(Environment, [$"Hub:Spawner={Spawner}", .. Settings]);
        _chromium = await Chromium.StartAsync();
        _admin = await _chromium.NewPersonAsync();
        IPage page = await _admin.NewPageAsync();
        await page.GotoAsync((await _hub.SignInLinkAsync()).AbsoluteUri);
        foreach (ILocator field in await page.Locator("input[type=password]").AllAsync())
            await field.FillAsync(Password);
        await page.TakeAsync($"set-password-{Spawner}");
        await page.Locator("main form button").First.ClickAsync();
        await Eventually.TrueAsync(() => page.Url.EndsWith("/hub/home", StringComparison.Ordinal), "the home page");
        await page.ShutAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_chromium is not null)
            await _chromium.DisposeAsync();
        if (_hub is not null)
            await _hub.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
