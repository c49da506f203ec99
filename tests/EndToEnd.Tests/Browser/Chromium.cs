using Microsoft.Playwright;

namespace EndToEnd.Tests.Browser;

/// <summary>The system's Chromium, headless, driven by Playwright; nothing is downloaded.</summary>
public sealed class Chromium : IAsyncDisposable
{
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Chromium(IPlaywright playwright, IBrowser browser)
    {
        _playwright = playwright;
        _browser = browser;
    }

    /// <summary>What the pages of all persons complain of.</summary>
    public ConsoleWatch Console { get; } = new();

    public static async Task<Chromium> StartAsync()
    {
        IPlaywright playwright = await Playwright.CreateAsync();
        IBrowser browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });
        return new Chromium(playwright, browser);
    }

    /// <summary>A person's browser: its cookies are its own.</summary>
    public async Task<IBrowserContext> NewPersonAsync(ColorScheme colours = ColorScheme.Light, int width = 1280, int height = 800, bool scripts = true)
    {
        IBrowserContext person = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = colours,
            AcceptDownloads = true,
            JavaScriptEnabled = scripts,
        });
        person.SetDefaultTimeout((float)HubProcess.Patience.TotalMilliseconds);
        Console.Follow(person);
        return person;
    }

    public async ValueTask DisposeAsync()
    {
        await Closing.GoesOnAsync(_browser.DisposeAsync().AsTask());
        _playwright.Dispose();
    }
}
